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
