"""Delivery reports: who did not get our mail, for good or for now, and which mail it was."""

from __future__ import annotations

import pytest

from forthwith.channels.email.mail import Bounce
from forthwith.channels.email.parse import parse

REPORT = """\
Return-Path: <>
From: Mail System <mailer-daemon@mx.example.org>
To: desk@example.com
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

Sorry.
--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

{recipients}
--cut
Content-Type: message/rfc822

From: desk@example.com
To: ann@example.org
Message-ID: <ack-12@desk.example.com>
Subject: We have it

Hello
--cut--
"""


def report(recipients: str, subject: str = "Delivery report") -> Bounce:
    found = parse(REPORT.format(recipients=recipients, subject=subject).encode())
    assert found.automatic is not None
    assert found.automatic.kind == "bounce"
    assert found.bounce is not None
    return found.bounce


@pytest.mark.sop("2.2")
def test_a_standard_report() -> None:
    found = report(
        "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user"
    )
    assert found == Bounce(("ann@example.org",), "5.1.1", True, "ack-12@desk.example.com", "550 5.1.1 No such user")


def test_a_delay_is_not_permanent() -> None:
    found = report("Final-Recipient: rfc822; ann@example.org\nAction: delayed\nStatus: 4.4.1")
    assert (found.recipients, found.status, found.permanent) == (("ann@example.org",), "4.4.1", False)


def test_good_news_is_not_permanent_either() -> None:
    found = report("Final-Recipient: rfc822; ann@example.org\nAction: delivered\nStatus: 2.1.5")
    assert (found.status, found.permanent) == ("2.1.5", False)


def test_of_several_recipients_those_that_failed() -> None:
    found = report(
        "Final-Recipient: rfc822; ann@example.org\nAction: delivered\nStatus: 2.0.0\n\n"
        "Original-Recipient: rfc822; bob@example.org\nFinal-Recipient: rfc822; b@in.example.org\nAction: failed\n"
        "Status: 5.0.0\nDiagnostic-Code: smtp; 552 5.2.2 Over quota"
    )
    assert (found.recipients, found.status, found.permanent) == (("bob@example.org",), "5.2.2", True)


HOME_MADE = [
    ("failure notice", "I wasn't able to deliver your message to the following addresses.\n\n<{a}>:\nno mailbox here"
     " by that name (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nTo: x@example.net", "5.1.1"),
    ("Mail delivery failed: returning message to sender", "The following address(es) failed:\n\n  {a}:\n    Unrouteable"
     " mail domain\n\n------ This is a copy of the message ------\n\nReturn-path: <desk@example.com>", "5.1.2"),
    ("Returned mail: User unknown", "   ----- The following addresses had permanent fatal errors -----\n<{a}>\n\n"
     "   ----- Transcript of session follows -----\n550 <{a}>... User unknown", "5.1.1"),
    ("Undeliverable: Printer", "Your message did not reach the following recipient(s):\n\n{a} on Mon, 2 Apr 2012\n"
     "  The recipient's mailbox is full", "5.2.2"),
    ("Unzustellbar: Drucker", "Die Nachricht konnte nicht zugestellt werden:\n\n{a}\n550 5.7.1 rejected", "5.7.1"),
    ("Delivery failure", "The message to {a} was not delivered: account disabled.", "5.2.1"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "body", "status"), HOME_MADE, ids=[subject for subject, _, _ in HOME_MADE])
def test_home_made_reports(subject: str, body: str, status: str) -> None:
    text = body.format(a="ann@example.org")
    found = parse(f"From: postmaster@mx.example.org\nTo: desk@example.com\nSubject: {subject}\n\n{text}\n".encode())
    assert found.bounce is not None
    assert found.bounce.recipients == ("ann@example.org",)
    assert (found.bounce.status, found.bounce.permanent) == (status, True)


def test_a_home_made_warning_is_a_delay() -> None:
    raw = (
        b"From: Mail Delivery System <mailer-daemon@mx.example.org>\nSubject: Warning: message delayed 24 hours\n\n"
        b"A message that you sent has not yet been delivered to:\n\n  ann@example.org\n\nNo action is required.\n"
    )
    found = parse(raw).bounce
    assert found is not None
    assert (found.recipients, found.permanent, found.status[0]) == (("ann@example.org",), False, "4")


def test_the_failed_recipient_of_exim() -> None:
    raw = b"From: a@example.org\nX-Failed-Recipients: ann@example.org\nSubject: x\n\nSorry, user unknown.\n"
    found = parse(raw).bounce
    assert found is not None
    assert found.recipients == ("ann@example.org",)


@pytest.mark.parametrize(
    "body",
    [
        "I sent a mail to ann@example.org and got '550 5.1.1 User unknown'. What now?",
        "The message could not be delivered to ann@example.org, says our server.",
    ],
)
def test_a_person_who_writes_about_a_bounce_is_no_bounce(body: str) -> None:
    found = parse(f"From: Bob <bob@example.org>\nSubject: My mail comes back\n\n{body}\n".encode())
    assert (found.bounce, found.automatic) == (None, None)


# As the servers of many sites write them: sender, subject, text, and the status that follows from it.
SERVERS = {
    "postfix": ("MAILER-DAEMON@mx.example.org (Mail Delivery System)", "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.example.org.\n\nI'm sorry to have to inform "
        "you that your message could not\n"
        "be delivered to one or more recipients.\n\n<{a}>: host mail.example.org[192.0.2.1] said: 550 5.1.1\n"
        "    <{a}>: Recipient address rejected: User unknown (in reply to RCPT TO command)\n", "5.1.1"),
    "exim": ("Mail Delivery System <Mailer-Daemon@mx.example.org>", "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  {a}\n    host mail.example.org [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<{a}>:\n"
        "    550 5.1.1 unknown user\n", "5.1.1"),
    "qmail": ("MAILER-DAEMON@mx.example.org", "failure notice",
        "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able "
        "to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't "
        "work out.\n\n<{a}>:\n192.0.2.1 "
        "does not like recipient.\nRemote host said: 550 5.2.1 mailbox disabled\nGiving up on 192.0.2.1.\n", "5.2.1"),
    "sendmail": ("Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>", "Returned mail: see transcript for details",
        "The original message was received at Mon, 2 Apr 2012 18:26:11 +0200\nfrom "
        "localhost [127.0.0.1]\n\n   ----- The "
        "following addresses had permanent fatal errors -----\n<{a}>\n    (reason: 552 5.2.2 Over quota)\n\n   ----- "
        "Transcript of session follows -----\n... while talking to "
        "mail.example.org.:\n>>> DATA\n<<< 552 5.2.2 Over quota\n",
        "5.2.2"),
    "gmail": ("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)",
        "** Address not found **\n\nYour message wasn't delivered to {a} because the "
        "address couldn't be found, or is unable "
        "to receive mail.\n\nThe response was:\n\n550 5.1.1 The email account that you "
        "tried to reach does not exist.\n",
        "5.1.1"),
    "exchange": ("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>",
        "Undeliverable: Printer", "Delivery has failed to these recipients or "
        "groups:\n\n{a}<mailto:{a}>\nThe email address "
        "you entered couldn't be found. Please check the recipient's email address.\n\nDiagnostic information for "
        "administrators:\n\nGenerating server: mx.example.org\n\n{a}\nRemote Server returned '550 5.1.10 "
        "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'\n", "5.1.10"),
    "exchange, German": ("postmaster@mx.example.org", "Unzustellbar: Drucker",
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\n{a}<mailto:{a}>\nDie eingegebene "
        "E-Mail-Adresse konnte nicht gefunden werden.\n\n{a}\nRemote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "exchange, French": ("postmaster@mx.example.org", "Non remis : Imprimante",
        "Échec de la remise pour ces destinataires ou groupes :\n\n{a}<mailto:{a}>\nL'adresse n'existe pas.\n\n{a}\n"
        "Remote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "exchange, Spanish": ("postmaster@mx.example.org", "No se puede entregar: Impresora",
        "Error de entrega a los siguientes destinatarios o grupos:\n\n{a}<mailto:{a}>\nNo "
        "se pudo encontrar la dirección."
        "\n\n{a}\nRemote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "exchange, Italian": ("postmaster@mx.example.org", "Non recapitabile: Stampante",
        "Recapito non riuscito verso i seguenti destinatari o gruppi:\n\n{a}<mailto:{a}>\n\n{a}\n"
        "Remote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "exchange, Dutch": ("postmaster@mx.example.org", "Onbestelbaar: Printer",
        "Bezorging is mislukt bij de volgende geadresseerden of groepen:\n\n{a}<mailto:{a}>\n\n{a}\n"
        "Remote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "exchange, Portuguese": ("postmaster@mx.example.org", "Não é possível entregar: Papel",
        "Falha na entrega a estes destinatários ou grupos:\n\n{a}<mailto:{a}>\n\n{a}\n"
        "Remote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "exchange, Polish": ("postmaster@mx.example.org", "Niedostarczone: Drukarka",
        "Nie można dostarczyć wiadomości do następujących adresatów lub grup:\n\n{a}<mailto:{a}>\n\n{a}\n"
        "Remote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "exchange, Swedish": ("postmaster@mx.example.org", "Det går inte att leverera: Skrivare",
        "Det gick inte att leverera till följande mottagare eller grupper:\n\n{a}<mailto:{a}>\n\n{a}\n"
        "Remote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "exchange, Japanese": ("postmaster@mx.example.org", "配信不能: プリンター",
        "次の受信者またはグループへの配信に失敗しました:\n\n{a}<mailto:{a}>\n\n{a}\n"
        "Remote Server returned '550 5.1.1 not found'\n", "5.1.1"),
    "amazon ses": ("MAILER-DAEMON@eu-west-1.amazonses.com", "Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\n{a}\n", "5.0.0"),
}  # fmt: skip


@pytest.mark.sop("2.2")
@pytest.mark.parametrize("server", SERVERS)
def test_the_reports_of_the_great_servers(server: str) -> None:
    sender, subject, body, status = SERVERS[server]
    text = body.format(a="ann@example.org")
    raw = (
        f"Return-Path: <>\nFrom: {sender}\nTo: desk@example.com\nSubject: {subject}\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}"
    )
    found = parse(raw.encode())
    assert found.bounce is not None
    assert (found.bounce.recipients, found.bounce.status) == (("ann@example.org",), status)
    assert found.bounce.permanent
    # Somebody who passes it on to ask what it means is a person.
    passed_on = parse(f"From: Bob <bob@example.org>\nSubject: Fwd: {subject}\n\nWhat is this?\n\n{text}".encode())
    assert (passed_on.bounce, passed_on.automatic) == (None, None)


NOTIFIED = """{{"notificationType":"{kind}","{key}":{{"bounceType":"Permanent","smtpResponse":"250 2.6.0 ok",
"bouncedRecipients":[{{"emailAddress":"ann@example.org","status":"5.1.1","diagnosticCode":"smtp; 550 unknown"}}],
"recipients":["bob@example.org"]}},"mail":{{"headers":[{{"name":"Message-ID","value":"<1@desk.example.com>"}}]}}}}

--
To stop receiving notifications: {{unsubscribe}}
"""


def test_the_reports_of_amazon_in_json() -> None:
    head = "From: AWS <no-reply@sns.amazonaws.com>\nSubject: AWS Notification Message\n\n"
    bounced = parse((head + NOTIFIED.format(kind="Bounce", key="bounce")).encode()).bounce
    assert bounced == Bounce(("ann@example.org",), "5.1.1", True, "1@desk.example.com", "550 unknown")
    arrived = parse((head + NOTIFIED.format(kind="Delivery", key="delivery")).encode()).bounce
    assert arrived == Bounce(("bob@example.org",), "2.6.0", False, "1@desk.example.com", "550 unknown")
    assert parse((head + '{"notificationType":"Bounce"').encode()).bounce is None


PEOPLES_WORDS = "They say: the mail could not be delivered, user unknown, bob@example.org does not exist. Please help."


@pytest.mark.sop("2.2")
@pytest.mark.parametrize(
    "subject",
    ["Mail delivery failed", "Undelivered mail", "Account of an unknown user", "User unknown error when I log in",
     "My parcel could not be delivered", "Bounce rate report", "Zustellung meines Pakets", "Rapport non distribué"],
)  # fmt: skip
def test_a_person_who_writes_of_lost_mail_under_such_a_subject_is_no_bounce(subject: str) -> None:
    said = f"{PEOPLES_WORDS}\n\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\n"
    for body in (PEOPLES_WORDS, said):
        found = parse(f"From: Ann <ann@example.org>\nSubject: {subject}\n\n{body}\n".encode())
        assert (found.automatic, found.bounce) == (None, None)


def test_a_server_without_a_servers_name_is_known_by_how_it_begins() -> None:
    body = "Your mail could not be delivered to the following recipients:\n\nann@example.org\n\nNo such user."
    found = parse(f"From: gateway_3@example.com\nSubject: Delivery failure\n\n{body}\n".encode())
    assert found.bounce is not None
    assert found.bounce.recipients == ("ann@example.org",)


def test_a_provider_that_leaves_out_its_own_domain() -> None:
    body = "Your mail to the following recipients could not be delivered, they take no files:\n\tann.lee\n"
    head = "From: MAILER-DAEMON@example.net\nSubject: Mail Delivery Problem\n"
    found = parse(f"{head}\n{body}".encode())
    assert found.bounce is not None
    assert found.bounce.recipients == ("ann.lee@example.net",)


@pytest.mark.parametrize(
    ("subject", "body", "status"),
    [
        ("系统退信", "您的邮件被退回\n收件人：ann@example.org\n原因：收件人邮件地址不存在", "5.1.1"),
        ("Недоставленное сообщение", "Письмо не может быть доставлено:\nann@example.org\nпочтовый ящик переполнен",
         "5.2.2"),
        ("Teslim edilemedi", "İletiniz teslim edilemedi: ann@example.org\nKullanıcı bulunamadı", "5.1.1"),
        ("메일 전송 실패", "메일이 전달되지 못했습니다.\nann@example.org\n존재하지 않는 사용자입니다", "5.1.1"),
        ("Message non distribué", "Votre message non remis à ann@example.org : boîte aux lettres pleine", "5.2.2"),
        ("Unzustellbar", "Konnte nicht zugestellt werden an:\nann@example.org\nUnbekannter Empfänger", "5.1.1"),
        ("Delivery failure", "Delivery to ann@example.org has failed due to a full mailbox.", "5.2.2"),
    ],
)  # fmt: skip
def test_home_made_reports_in_other_languages(subject: str, body: str, status: str) -> None:
    head = f"From: postmaster@example.org\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n"
    found = parse(f"{head}\n{body}\n".encode()).bounce
    assert found is not None
    assert (found.recipients, found.status) == (("ann@example.org",), status)
