"""The words by which mail clients of many languages introduce what they quote, as compiled patterns.

Every pattern is applied to one line, or a few joined lines, of bounded length.
"""

from __future__ import annotations

import re


def _any(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


# "wrote", as clients of these languages put it.
WROTE = re.compile(
    _any(
        r"\bwr(?:ote|ites)\b",
        r"\bschr(?:ieb|ijft|eef)\b", r"\bgeschrieben\b", r"\bgeschreven\b",
        r"\ba (?:é|e)crit\b", r"\bécrivait\b", r"\bécrit\b",
        r"\bescribi[óou]\b", r"\bva escriure\b", r"\bescrib(?:e|ía)\b", r"\bmissatge de\b",
        r"\bidatzi (?:du|zuen)\b",
        r"\b(?:ha )?scritto\b", r"\bscrive(?:va)?\b",
        r"\bescreveu\b", r"\bescrevía\b",
        r"\b(?:na)?pisa[łl](?:\(a\)|a)?\b", r"\bpisze\b", r"\bnapisana przez\b", r"מאת",
        r"\bskrev\b", r"\bskrifaði\b", r"\bkirjoitti\b", r"\bkirjutas\b",
        r"\bnaps?[aá]l(?:\(a\)|a)?\b", r"\bp[íi][šs]e\b", r"\bnap[íi]sal\(?a?\)?",
        r"\bnapisao\b", r"\bnapisala\b", r"\bje napisal", r"\bje pisal", r"\bпише\b", r"\bнаписао\b",
        r"\bнаписал[аи]?\b", r"\bнаписал\(а\)", r"\bпиш[еу]т?\b", r"\bнаписа[вл]?\b", r"\bписали\b", r"\bнапісаў\b",
        r"\bírta\b", r"\bezt írta\b", r"\ba scris\b", r"\byazdı\b", r"\bέγραψε\b", r"\brašė\b", r"\brakstīja\b",
        r"\bđã viết\b", r"\bmenulis\b", r"\btelah menulis\b", r"เขียน", r"כתב", r"كتب", r"نوشت", r"ने लिखा",
        r"写道", r"寫道", r"写到", r"撰写", r"のメール", r"書きました", r"は書き", r"님이 작성", r"님이 씀",
        r"작성", r"쓴 글",
    ),
    re.IGNORECASE,
)  # fmt: skip

# How such a line begins, where the date comes first.
LEAD_IN = re.compile(
    r"[\s*_\-–—]*(?:on|am|le|el|il|op|em|no dia|den|d\.|dne|dňa|dana|dnia|w dniu|in data|il giorno|at"
    r"|pe|på|fr[åa]n|"
    r"från|fra|ma|ti|ke|to|pe|la|su|vào|pada|στις|на|в|от|пн|вт|ср|чт|пт|сб|вс|on date|a|za|בתאריך|في|在|于|於|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|date|von|from|de|da|van|od|"
    r"\d{4}[-/.年]|\d{1,2}[-/. ])(?![\w'’])|[\s*]*\d{1,4}[-/.年:]\d",
    re.IGNORECASE,
)

# Some web mails begin their introduction on the last line of what was written.
SAME_LINE = re.compile(
    r"(?P<new>.{1,200}?\S)[ \t]*(?:-{2,}[ \t]*|[ \t])(?P<introduction>On (?:mon|tue|wed|thu|fri|sat"
    r"|sun)[a-z]{0,6},? .{6,150}"
    r"\bwrote:)[ \t]*\Z",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[^\s<>@:,;\"']{1,64}@[^\s<>@:,;\"']{1,190}")
ENDS_WITH_ADDRESS = re.compile(r"<[^<>]{0,60}@[^<>]{0,190}>\)?\s*[:：]\s*\Z")
# \d knows the digits of every script; a year is only told by its first ones in these three.
_YEAR = r"\b(?:(?:19|20)\d\d|(?:١٩|٢٠)\d\d|(?:۱۳|۱۴|۱۹|۲۰)\d\d)\b|\d{4}年"
FULL_DATE = re.compile(_YEAR + r"|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b", re.IGNORECASE)
DATED = re.compile(
    _YEAR + r"|\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d\d-\d\d"
    r"|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? [a-z]{3,9}\.? \d{1,2}\b|\b[a-z]{3,9}\.? \d{1,2}(?:st"
    r"|nd|rd|th)?,",
    re.IGNORECASE,
)
DAY_TIME = re.compile(r"\d[:.٫]\d\d")
ENDS_ATTRIBUTION = re.compile(r"(?:[:：]|[:：]\s*\*+|[>\"]\s*[:：]?|-{3,}|[:：]?\s*wrote\s*[:：]?)\s*\Z", re.IGNORECASE)

# Keys of the header block that Outlook and others put before the quoted mail.
_FROM = (
    "from|von|absender|de|da|van|od|fra|från|lähettäjä|lähettänyt|kimden|feladó|mittente|remitente"
    "|expéditeur|exp|"
    "remetente|nadawca|odesílatel|odosielateľ|avsändare|afsender|avsender|saatja|nuo|no|pošiljatelj"
    "|expeditor|de la|"
    "from address|от|от кого|від|од|από|מאת|من|از|dari|từ|จาก|发件人|發件人|寄件者|差出人|送信者"
    "|보낸 사람|보낸사람|발신|보낸이|šalje|пошиљалац|подател|frá|daripada|nork|寄件人|自|寄信人|gönderen"
    "|trimis de"
)
_DATE = (
    "date|sent|sent on|sent at|sent date|datum|gesendet|gesendet am|envoyé|envoyé le|enviado"
    "|enviado el|enviado em|"
    "enviada em|enviada|enviat|inviato|inviata|data|fecha|verzonden|verstuurd|wysłano|wysłane"
    "|data wysłania|skickat|"
    "skickades|sendt|dato|sendt den|lähetetty|päivämäärä|päiväys|odesláno|odoslané|dátum|küldve"
    "|elküldve|trimis|"
    "message du|dată|gönderildi|gönderme tarihi|tarih|poslano|saadetud|išsiųsta|nosūtīts|отправлено"
    "|дата|надіслано|изпратено|"
    "στάλθηκε|ημερομηνία|נשלח|תאריך|تاريخ|تاريخ الإرسال|ارسال|dikirim|tanggal|đã gửi|ngày|ส่ง|วันที่|发送时间|"
    "发送日期|日期|时间|發送時間|寄件日期|傳送日期|送信日時|送信|日時|日付|보낸 날짜|날짜|보냄|보낸날짜"
    "|poslato|послато|dihantar|tarikh"
    "|bidaltze-data|傳送時間|已傳送|已发送|发件时间|αποστολή|gửi|تم الإرسال|تم الارسال|ارسال شده"
    "|ارسال‌شده"
)
_TO = (
    "to|an|à|pour|a|para|per|aan|naar|do|komu|till|til|vastaanottaja|címzett|către|kime|za|prima|kam"
    "|kellele|кому|"
    "до|προς|אל|إلى|به|kepada|đến|tới|ถึง|收件人|收件者|宛先|받는 사람|받는사람|destinatario"
    "|destinataire|destinatário|"
    "empfänger|adresat|mottagare|modtager|mottaker|ontvanger|příjemce|reply-to|répondre à|antwort an"
    "|responder a|"
    "rispondi a|прималац|adressaat|alıcı|받는사람|받는이|nori|per a|至|viðtakandi"
)
_CC = (
    "cc|kopie|kopie an|copie à|copie|copia|cópia|kopi|kopia|dw|másolatot kap|másolat|bilgi|bcc|копия"
    "|копія|抄送|副本|참조"
)
_SUBJECT = (
    "subject|betreff|objet|sujet|asunto|oggetto|onderwerp|assunto|temat|ämne|emne|aihe|předmět"
    "|predmet|tárgy|subiect|"
    "konu|zadeva|naslov|teema|tema|temats|тема|относно|θέμα|נושא|הנדון|الموضوع|موضوع|perihal|subjek"
    "|chủ đề|tiêu đề|"
    "เรื่อง|主题|主旨|標題|件名|題名|제목|assumpte|efni|importance|priority|wichtigkeit|priorité"
    "|attachments|anlagen"
)
HEADER_KEY = re.compile(
    r"[\s*_>|]{0,12}(?:(?P<sender>" + _FROM + ")|(?P<date>" + _DATE + ")|(?P<to>" + _TO + ")|(?P<cc>" + _CC + ")"
    r"|(?P<subject>" + _SUBJECT + r"))[ \t\xa0*_]{0,5}[:：][\s*_]{0,5}",
    re.IGNORECASE,
)
# The same block in a language not listed: short keys, a colon, something after it.
ANY_KEY = re.compile(r"[\s*_]{0,6}[^\s:：\d*]{1,16}(?: [^\s:：\d*]{1,14}){0,2}[ \xa0*]{0,2}[:：][ \t\xa0*]{0,4}\S")

_SEPARATOR_WORDS = _any(
    r"original(?:e|es|a)?\b", r"ursprüngliche", r"forwarded", r"weitergeleitet", r"reply message",
    r"replied message",
    r"message transféré", r"message d'origine", r"message original", r"mensaje original", r"mensaje reenviado",
    r"messaggio originale", r"messaggio inoltrato", r"oorspronkelijk", r"doorgestuurd", r"mensagem original",
    r"mensagem encaminhada", r"wiadomość oryginalna", r"oryginalna wiadomość", r"wiadomość przekazana",
    r"ursprungligt", r"originalmeddelande", r"vidarebefordrat", r"oprindelig", r"videresendt", r"opprinnelig",
    r"alkuperäinen", r"välitetty", r"původní", r"pôvodná", r"přeposlaná", r"eredeti", r"továbbított",
    r"mesaj original",
    r"özgün", r"orijinal", r"исходное", r"пересылаемое", r"пересланное", r"оригинальное", r"початкове",
    r"αρχικό", r"הודעה מקורית", r"الرسالة الأصلية", r"原始邮件", r"原邮件", r"原始郵件", r"转发", r"轉寄",
    r"元のメッセージ",
    r"元のメール", r"転送", r"original message", r"원본", r"전달", r"pesan asli", r"thư gốc",
    r"missatge original",
    r"izvorna", r"izvirno", r"original\w{1,6}\b", r"orixinal", r"оригин", r"оригін", r"повідомлення", r"изходно",
    r"algne", r"pradini", r"sākotnēj", r"ต้นฉบับ", r"मूल संदेश", r"پیام اصلی", r"jatorrizko", r"upprunaleg",
    r"mesej asal", r"tin nhắn gốc", r"原信件", r"原郵件", r"原文如下",
    r"doručená", r"quoted message", r"in reply to", r"sent:", r"begin forwarded",
)  # fmt: skip
# Between dashes ("----- Original Message -----"), and as a line of its own.
SEPARATOR = re.compile(_SEPARATOR_WORDS, re.IGNORECASE)
FORWARD_LINE = re.compile(
    r"[\s>*]{0,6}(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)|message d'origine"
    r"|début du message (?:transféré|réexpédié)|inizio messaggio inoltrato|inicio del mensaje reenviado"
    r"|início da mensagem (?:encaminhada|reencaminhada)|begin doorgestuurd bericht|vidarebefordrat brev"
    r"|välitetty viesti alkaa|начало переадресованного сообщения|original message)\s{0,3}[:：*]{0,3}\s*\Z",
    re.IGNORECASE,
)

# Introductions whose shape alone tells: Horde's, a Notes client's, Tutanota's. An address or a date is part of each.
QUOTING = re.compile(
    r"\s{0,4}(?:(?:quoting|zitat von|citando|citation de|citerar|citeren|cytowanie|quotando|citat från)\s[^\n]{0,120}"
    r"(?:<[^<>\s]{1,64}@[^<>\s]{1,190}>|@[^\s@]{1,190})\s?:\s*\Z"
    r"|[^\n]{2,80}\s---\s?\d{1,4}[./-]\d{1,2}[./-]\d{1,4} \d{1,2}[:.]\d\d[^\n]{0,10}---"
    r"|[^\n,]{3,12},? \d{4},? \d{1,2}:\d\d (?:by|von|par|de|da|door) [^\s@]{1,64}@[^\s@]{1,190}:\s*\Z)",
    re.IGNORECASE,
)
# GroupWise marks the introduction as if it were quoted, and nothing below it.
GROUPWISE = re.compile(r">>> .{3,200} \d{1,2}[:.]\d\d.{0,12} >>>\s*\Z")

# "Please write above this line", which help desks put over their own history.
ABOVE_LINE = re.compile(
    r"(?:\babove this line|\bover this line|oberhalb dieser (?:linie|zeile)|über dieser (?:linie|zeile)"
    r"|au[- ]dessus de cette ligne|(?:encima|arriba) de esta l[íi]nea|sopra questa (?:linea|riga)"
    r"|boven deze (?:lijn|regel)|acima desta linha|powyżej tej linii|ovanför (?:denna|den här) (?:linje|rad)"
    r"|over denne linje[n]?|tämän rivin yläpuolelle|nad tento řádek|выше этой (?:линии|строки|черты)"
    r"|この(?:行|線)(?:より|の)上|在此行(?:之)?上|此线以上)",
    re.IGNORECASE,
)
BELOW_LINE = re.compile(r"(?:\b(?:under|below) this line|unter dieser (?:linie|zeile)|sous cette ligne)", re.IGNORECASE)

# What phones and apps add under a mail. The device may be anything, so the line must be short and no sentence.
SENT_FROM = re.compile(
    r"[\s*_\[(<]{0,4}(?:sent (?:from|via|by|with|using)(?: my)?\b|(?:von|mit) (?:meinem|meiner"
    r"|unterwegs|outlook|mobil)\b"
    r"|gesendet (?:von|mit)|von samsung mobile|diese (?:nachricht|e-?mail) wurde (?:von meinem|mit (?:der|k-9))"
    r"|envoyé (?:de(?:puis)?|à partir d|avec|par)"
    r"|enviad[oa] (?:desde|do|de|a partir d|com|con|via)|inviato (?:da|con|dal)|verzonden (?:vanaf"
    r"|met|via|vanuit)"
    r"|verstuurd (?:vanaf|met)|wysłan[eoy] z|skicka(?:t|des) från|från min|sendt (?:fra|via)"
    r"|lähetetty|odesláno z"
    r"|odoslané z|poslano (?:z|s|iz)|отправлено (?:с|из)|надіслано з|elküldve|trimis de pe"
    r"|gönderil(?:di|miştir)"
    r"|get (?:outlook|bluemail|typeapp) for|(?:holen|laden) sie (?:sich )?outlook|télécharge[zr] outlook"
    r"|obt(?:ener|én) outlook|(?:scarica|ottieni) outlook|download outlook"
    r"|outlook (?:voor|for) (?:ios|android)(?: downl| ?[をか])"
    r"|obter o outlook|pobierz (?:aplikację |program )?outlook|hämta outlook"
    r"|.{0,30}(?:iphone|ipad|ios|android|outlook|mail|メール|アプリ|スマートフォン|スマホ"
    r"|携帯)から送信(?:されました)?[。.]?\s*\Z"
    r"|(?:ios|android) 版(?:の)? ?outlook を"
    r"|outlook für|outlook pour|(?:my )?(?:iphone|ipad|android)(?:から送信|より送信|から)|iphoneから"
    r"|ipadから|从我的|發自我的"
    r"|发自我的|從我的|从我的|發自|发自|나의 (?:iphone|ipad)에서|sent on the go|typed on|enviado para"
    r"|yahoo mail|yahoo!メール"
    r"|az .{1,20}(?:omról|emről|ről) küldve|küldve (?:az?|a) |στάλθηκε από το|נשלח מ|أُ?رسلت? من|مُ?رسل[ة]? من"
    r"|ارسال شده از"
    r"|đã gửi từ|được gửi từ|ส่งจาก|dikirim (?:dari|menggunakan)|dihantar (?:dari|menggunakan)|나의 .{2,20}에서"
    r"|내 .{2,20}에서"
    r"|изпратено от|послато (?:са|с)|poslato (?:sa|s)|saadetud minu|išsiųsta iš|nosūtīts no|enviat des"
    r"|bidalia nire|sent úr"
    r"|.{2,30}(?:dan|den|tan|ten) gönderil(?:di|miştir)[.]?\s*\Z|.{2,30} से भेजा गया\s*\Z|.{2,30}에서 보냄\s*\Z"
    r"|.{2,20}傳送\s*\Z)",
    re.IGNORECASE,
)
# Whole sentences that apps add; they would be taken for a person's by their length and punctuation.
SENT_WITH_EXCUSE = re.compile(
    r"[\s*_\[(<]{0,4}(?:sent|gesendet|diese nachricht|envoyé|enviado|inviato|verzonden|verstuurd|wysłan[eo]|skickat)\b"
    r".{0,80}(?:k-9 mail|brevity|typo\w{0,4}|terse|kürze|brièveté|brevedad|brevità|beknoptheid|smartphone"
    r"|samsung)\b.{0,60}\Z"
    r"|yahoo!.{0,20}から送信[。.]?\s*\Z",
    re.IGNORECASE,
)
# The advertisement under Outlook's app, in any language, and what makes a line that nothing sets off an app's line.
OUTLOOK_APP = re.compile(
    r".{0,40}\boutlook\b.{0,40}\b(?:android|ios)\b|.{0,40}\b(?:android"
    r"|ios)\b.{0,40}\boutlook\b",
    re.IGNORECASE,
)
DEVICE = re.compile(
    r"i-?phone|i-?pad|i-?pod|android|galaxy|samsung|huawei|xiaomi|redmi|honor|oppo|vivo|pixel|blackberry|nokia|windows"
    r"|smart ?phone|smartphone|telefon|téléphone|mobil|móvil|cellulare|outlook|\b[a-z]?mail\b|почт|yahoo|gmx|web\.de"
    r"|tablet|手机|手機|スマホ|携帯|휴대",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"\s{0,3}(?:--|- -)[ \xa0\t]*\Z")
FOOTER_RULE = re.compile(r"\s{0,3}(?:_{2,}|={10,}|-{10,}|\*{10,})\s*\Z")
