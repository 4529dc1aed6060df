"""The words of automatic answers of people who are away, in subjects and texts."""

from __future__ import annotations

import re

# Only at the very beginning and only as a whole: "Out of office does not switch off" is somebody's request.
AUTO_SUBJECT = re.compile(
    r"\s*[\[(【（]?\s*(?:"
    r"(?:auto(?:matic|mated|-|\s)?\s*(?:reply|response|responder|answer)|autoreply|autoresponse"
    r"|out[- ]of[- ](?:the[- ])?"
    r"office(?: auto-?\s?reply| reply| response| notification| message)?|away from (?:the )?office"
    r"|vacation (?:reply|"
    r"message|notice|response|auto-?reply)|on vacation|on holidays?|ooo|i am out of (?:the )?office"
    r"|away from my mail"
    r"|automatische (?:antwort|rückantwort|abwesenheits\w+)|abwesenheits(?:notiz|nachricht|meldung|assistent"
    r"|info\w*)|abwesend"
    r"|(?:automatische )?eingangsbestätigung|nicht im (?:büro|haus)|außer haus"
    r"|réponse automatique|réponse d'absence|message d'absence|notification d'absence"
    r"|absence du bureau|absent du bureau"
    r"|respuesta autom[áa]tica|fuera de la? ?oficina|ausente de la oficina|resposta autom[áa]tica"
    r"|fora d[oe] escrit[óo]rio"
    r"|risposta automatica|fuori (?:sede|ufficio)|assente|risponditore automatico"
    r"|automatisch(?:e)? (?:antwoord|beantwoording)|afwezigheids(?:bericht|melding|assistent)|niet aanwezig"
    r"|autosvar|automatiskt? svar|frånvaro(?:meddelande|avisering)?|fraværs(?:besked"
    r"|melding)|automatisk svar"
    r"|ikke til stede|automaattinen vastaus|poissaolo(?:viesti|ilmoitus)?|automatická odpov[ěe][ďd]"
    r"|nepřítomnost|autoodpowiedź|automatyczna odpowiedź|odpowiedź automatyczna|nieobecność(?: w biurze)?"
    r"|automatikus válasz|házon kívül|răspuns automat|otomatik yanıt|ofis dışında|automatski odgovor"
    r"|samodejni odgovor"
    r"|автоответ(?:чик)?|автоматический ответ|автоматична відповідь|нет на месте|вне офиса"
    r"|отсутств\w+ на рабочем месте"
    r"|αυτόματη απάντηση|εκτός γραφείου|תשובה אוטומטית|מענה אוטומטי|رد تلقائي|الرد التلقائي"
    r"|trả lời tự động|câu trả lời tự động|balasan (?:otomatis|automatik)|(?:การ)?ตอบกลับอัตโนมัติ"
    r"|स्वचालित (?:उत्तर|जवाब)"
    r"|پاسخ خودکار|automatinis atsakymas|automātiskā atbilde|automaatvastus|automaatne vastus|sjálfvirkt svar"
    r"|resposta automàtica|erantzun automatikoa|otomatik (?:cevap|yanıtı?)|автоматичен отговор|аутоматски одговор"
    r"|automatick[áý] odpove[ďd]"
    r"|自动回复|自动答复|自動回覆|自動回復|自動答覆|外出自动回复|自動返信|自動応答|不在通知|不在の(?:お知らせ"
    r"|ご連絡)|自動応答メール|부재 ?중(?: 자동 ?(?:회신|응답))?"
    r"|자동 ?(?:회신|응답))"
    r"\s*(?:[:：（(\[!–—\])】）]|-\s|\Z|\bre:)"
    r"|(?:abwesenheit|afwezig(?:heid)?|automatische reactie|réponse auto|absence|assenza|ausencia"
    r"|ausência(?: temporária)?|poza biurem|frånvarande|frånvaro|ikke på kontoret|inte på kontoret|niet op kantoor"
    r"|fuera de oficina|fravær|távollét|απουσία|poissa|отсутствую|нет на работе|mimo kancelář|hors du bureau)"
    r"\s?[:：]\s"
    r"|auto:\s.{2,80}\b(?:out of the office|außer haus|absent|fuera de la oficina|fuori sede|afwezig"
    r"|nieobecn|不在)"
    r"|auto-?reply from\b"
    r")"
    r"|.{1,200}[\[(（](?:automatic|automated|auto)[- ]?(?:reply|response|answer)[\])）]\s*\Z",
    re.IGNORECASE,
)
# Subjects that a person may write too: the text below must speak of an absence.
MAYBE_ABSENT = re.compile(
    r"\s*(?:(?:i am|i'm|.{2,60}\bis) (?:currently )?"
    r"(?:out of (?:the )?office|on (?:vacation|holiday|leave|annual leave))"
    r"|.{2,60}\b(?:ist|war) (?:derzeit |zur zeit )?(?:abwesend|außer haus|im urlaub|nicht im (?:büro|haus))"
    r"|.{2,60}\best absente?(?:\(e\))?|.{2,60}\b(?:è|está) (?:assente|ausente|fuori ufficio|de vacaciones|de férias)"
    r"|urlaub(?:svertretung)?|abwesenheit|(?:ich )?bin (?:im urlaub|nicht im büro|außer haus|abwesend)|im urlaub"
    r"|out of office\s?/\s?abwesenheit|je suis (?:absent|en (?:congés?|vacances))e?|absente?"
    r"|absent\(e\) du bureau|en congés?"
    r"|absence|ausente|ausencia|estoy (?:de vacaciones|ausente)|de vacaciones|fuera de oficina|assen(?:te|za)"
    r"|assenza dall'ufficio|(?:sono )?in ferie|(?:ik ben )?(?:afwezig|met vakantie|op vakantie|niet op kantoor)"
    r"|afwezigheid"
    r"|ausência(?: do escritório)?|(?:estou )?(?:de férias|ausente)"
    r"|(?:jestem )?(?:na urlopie|nieobecn[ya]|poza biurem)"
    r"|urlop|(?:jag är )?(?:på semester|frånvarande|inte på kontoret)|semester|ikke på kontoret|på ferie"
    r"|休暇(?:中)?(?:の(?:お知らせ|ため))?|外出中|不在|출장|휴가(?: 중)?|休假|外出)"
    r"(?:\s?[(](?:returning|back|zurück|de retour).{0,40}[)])?(?:\s(?:bis|vom|until|till|from|jusqu|hasta|fino"
    r"|tot|van|até|do|od|till|från)\b.{0,40})?[\s.!]{0,3}\Z",
    re.IGNORECASE,
)
ABSENT = re.compile(
    r"\b(?:out of (?:the )?office|on (?:vacation|annual leave|holiday)|will (?:be back|return)"
    r"|limited access to (?:my )?e-?mail"
    r"|nicht im (?:büro|haus)|im urlaub|abwesend|nicht (?:erreichbar|gelesen|weitergeleitet)"
    r"|wieder (?:da|im büro|erreichbar)"
    r"|absente?s? (?:du|de|jusqu)|en congés?|de retour|en cas d'urgence|fuera de la oficina|de vacaciones|ausente"
    r"|regresar|fuori (?:sede|ufficio)|in ferie|assente|rientr|afwezig|op vakantie|met vakantie|niet op kantoor"
    r"|weer terug|de férias|fora do escritório|regresso|nieobecn|na urlopie|poza biurem|wracam|frånvarande"
    r"|på semester|är tillbaka|inte på kontoret|ikke på kontoret|på ferie)"
    r"|不在|休暇(?:中|を(?:頂|いただ))|外出中|休假|부재|휴가",
    re.IGNORECASE,
)
