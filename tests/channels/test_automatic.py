"""Which mail no person wrote: those get no acknowledgement, everyone else does."""

from __future__ import annotations

import pytest

from forthwith.channels.email.automatic import own_mail
from forthwith.channels.email.parse import parse


def kind(*, subject: str = "Printer", sender: str = "Ann <ann@example.org>", body: str = "Hello", **fields: str) -> str:
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    found = parse(f"From: {sender}\nSubject: {subject}\n{head}\n{body}\n".encode()).automatic
    return found.kind if found else "person"


@pytest.mark.sop("2.2")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Auto_Submitted": "auto-replied (vacation)"}, "auto-reply"),
        ({"Auto_Submitted": "auto-generated"}, "auto-reply"),
        ({"Auto_Submitted": "no"}, "person"),
        ({"X_Autoreply": "yes"}, "auto-reply"),
        ({"X_Auto_Response_Suppress": "All"}, "person"),
        ({"X_MS_Exchange_Inbox_Rules_Loop": "a@example.org"}, "person"),
        ({"Precedence": "auto_reply"}, "auto-reply"),
        ({"Precedence": "bulk"}, "list"),
        ({"Precedence": "first-class"}, "person"),
        ({"List_Id": "<news.example.org>"}, "list"),
        ({"List_Unsubscribe": "<mailto:off@example.org>"}, "list"),
        ({"Return_Path": "<>"}, "auto-reply"),
        ({"Return_Path": "<ann@example.org>"}, "person"),
        ({}, "person"),
    ],
)
def test_by_header(fields: dict[str, str], expected: str) -> None:
    assert kind(**fields) == expected


@pytest.mark.parametrize(
    "subject",
    ["Automatic reply: Printer", "Out of Office: Printer", "Out of office", "Automatische Antwort: Drucker",
     "Abwesenheitsnotiz", "Réponse automatique : Imprimante", "Respuesta automática: Impresora",
     "Risposta automatica: Stampante", "Automatisch antwoord: Printer", "Resposta automática: Impressora",
     "Odpowiedź automatyczna: Drukarka", "Autosvar: Skrivare", "Automaattinen vastaus: Tulostin",
     "Automatická odpověď: Tiskárna", "Автоответ: Принтер", "自動返信: プリンター", "自动回复: 打印机",
     "[Auto-Reply] Printer"],
)  # fmt: skip
def test_by_the_subject_of_an_absence(subject: str) -> None:
    assert kind(subject=subject) == "auto-reply"


@pytest.mark.parametrize(
    "subject",
    ["Out of office does not switch off", "Re: Automatic reply: Printer does it again", "Vacation calendar is empty",
     "Automatic reply wizard crashes", "Undeliverable: what does it mean?", "Mail delivery failed again",
     "RE: Undelivered Mail Returned to Sender", "Fwd: Delivery Status Notification (Failure)", "Spam complaint",
     "Complaint about noise",
     "Urlaub beantragen geht nicht", "Abwesend melden klappt nicht"],
)  # fmt: skip
def test_a_request_about_automatic_mail_is_a_persons(subject: str) -> None:
    assert kind(subject=subject, body="My mail could not be delivered. Please help.") == "person"


def test_a_receipt_and_a_complaint() -> None:
    receipt = "multipart/report; report-type=disposition-notification; boundary=b"
    assert kind(Content_Type=receipt, body="--b\n\nRead.\n--b--") == "auto-reply"
    complaint = "multipart/report; report-type=feedback-report; boundary=b"
    assert kind(Content_Type=complaint, body="--b\n\nAbuse.\n--b--") == "feedback"
    assert kind(Content_Type="multipart/mixed; boundary=b", body="--b\nContent-Type: message/feedback-report\n\nx") == (
        "feedback"
    )


def test_our_own_mail_comes_home() -> None:
    found = parse(b"From: desk@example.com\nMessage-ID: <1@desk.example.com>\n\nHello")
    assert own_mail(found, lambda _: False).automatic is None
    home = own_mail(found, lambda issued: issued == "1@desk.example.com").automatic
    assert home is not None
    assert home.kind == "own"


ABSENCES = """
Automatic reply: Printer
Out of Office AutoReply: Printer
Out of the office
Out of Office: Printer
OOO: Re: Printer
Autoreply: Printer
Auto Reply: Printer
AUTO: Ann Lee is out of the office (returning 04/02/2012)
Auto-Reply from Ann Lee
Vacation reply
Away from office
I'm out of office
I am on vacation
Ann Lee is out of the office
Ann Lee is out of the office.
Abwesenheitsnotiz: Drucker
Abwesenheit: Drucker
Abwesend: Drucker
Automatische Antwort: Drucker
AUTO: Ann Lee ist außer Haus (Rückkehr am 02.04.2012)
Ich bin im Urlaub
Abwesenheit bis 12.04.
Out of Office / Abwesenheit
Nicht im Büro
Bin nicht im Büro
Urlaub
Réponse automatique : Imprimante
Réponse automatique: Imprimante
Absence du bureau : Imprimante
Absent(e) du bureau
Message d'absence
Je suis absent
Réponse auto : Imprimante
Respuesta automática: Impresora
Fuera de la oficina: Impresora
Fuera de oficina
Ausente
Respuesta automatica
Estoy de vacaciones
Risposta automatica: Stampante
Fuori sede: Stampante
Fuori ufficio
Assenza dall'ufficio
Sono in ferie
Automatisch antwoord: Printer
Afwezig: Printer
Afwezigheid: Printer
Niet aanwezig: Printer
Automatische reactie: Printer
Niet op kantoor
Resposta automática: Papel
Ausência do escritório
Ausência temporária: Papel
Fora do escritório
Estou de férias
Odpowiedź automatyczna: Drukarka
Autoodpowiedź: Drukarka
Nieobecność: Drukarka
Poza biurem: Drukarka
Jestem na urlopie
Autosvar: Skrivare
Automatiskt svar: Skrivare
Frånvaromeddelande: Skrivare
Frånvarande
Inte på kontoret
Jag är på semester
自動応答: プリンター
自動返信: プリンター
不在通知
不在のお知らせ
自動応答メール
休暇中
外出中
Automatisk svar: Printer
Ikke på kontoret
Automaattinen vastaus: Tulostin
Otomatik yanıt: Yazıcı
Автоматический ответ: Принтер
Автоответ: Принтер
자동 회신: 프린터
自动回复: 打印机
自動回覆：印表機
""".strip().split("\n")
REQUESTS = """
Out of office does not switch off
Re: Automatic reply: Printer does it again
Auto: new car for the fleet
Urlaub beantragen geht nicht
Urlaubsantrag 2024
Vacation calendar is empty
Absence request form broken
Ausente en la lista de usuarios
Fuera de servicio: impresora
Fuori servizio: stampante
Assente dal sistema
Afwezig in rooster
Frånvaro kan inte rapporteras
Nieobecność w systemie nie zapisuje się
Ausência de resposta do servidor
休暇申請ができません
不在着信が消えない
休暇の申請について
外出先から接続できません
自動返信の設定方法
Automatic update failed
Auto login broken
Autosvar fungerar inte
I am out of toner
I am on vacation but need access
Ann Lee is out of the office and I need her files
Message d'absence impossible à activer
Réponse automatique à configurer
On vacation planner error
Holiday calendar
Out of paper
Abwesenheitsassistent einrichten
Abwesenheit eintragen
OOO cannot be set
Vacation message does not stop
Je suis absent de la liste
Ich bin im Urlaubskalender nicht sichtbar
Ik ben niet op kantoor en kan niet inloggen
Auto-reply not working
Urlaub
休暇
Ausente
Je suis absent
""".strip().split("\n")


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("subject", ABSENCES)
def test_absences_in_many_languages(subject: str) -> None:
    body = "Ich bin bis Montag nicht im Büro. I am out of the office until Monday."
    assert kind(subject=subject, body=body) == "auto-reply"


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("subject", REQUESTS)
def test_requests_with_the_words_of_an_absence(subject: str) -> None:
    assert kind(subject=subject, body="It does not work. Please help.") == "person"


def test_a_complaint_that_amazon_reports() -> None:
    sender = "AWS <no-reply@sns.amazonaws.com>"
    assert kind(sender=sender, body='{"notificationType":"Complaint","complaint":{}}') == "feedback"
    assert kind(sender=sender, body="{" * 50_000) == "person"


@pytest.mark.parametrize(
    "subject",
    ["[Automatyczna odpowiedź] Drukarka", "【自动回复】打印机", "(Auto Reply) Printer",
     "Re: Printer (Automatic Response)",
     "Ann Lee ist außer Haus.", "Ann Lee is out of the office (returning 05.03.2021)", "پاسخ خودکار: چاپگر",
     "ตอบกลับอัตโนมัติ: เครื่องพิมพ์", "स्वचालित उत्तर: प्रिंटर", "Balasan automatik: Pencetak", "Automaatvastus: Printer",
     "Automatinis atsakymas: Spausdintuvas", "Otomatik cevap: Yazıcı", "Fravær: Skriver", "부재 중 자동 회신: 프린터"],
)  # fmt: skip
def test_automatic_answers_in_further_shapes_and_languages(subject: str) -> None:
    assert kind(subject=subject, body="I am out of the office until Monday, nicht im Büro.") == "auto-reply"


@pytest.mark.parametrize(
    "subject",
    ["Fravær registreres ikke", "[Automatic reply does not work]", "Poissaolo ei tallennu", "Absence de réseau",
     "Auto: my car does not start", "自动回复设置", "부재중 설정"],
)  # fmt: skip
def test_requests_with_such_words_are_a_persons(subject: str) -> None:
    assert kind(subject=subject, body="Please help. I will be back on Monday.") == "person"


def test_bulk_mail_that_nobody_can_answer_is_an_answer_and_no_list() -> None:
    assert kind(Precedence="bulk", Return_Path="<>", subject="Thank you for your mail") == "auto-reply"
    assert kind(Precedence="bulk", Return_Path="<news@example.org>") == "list"
