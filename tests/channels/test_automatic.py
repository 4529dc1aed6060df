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
