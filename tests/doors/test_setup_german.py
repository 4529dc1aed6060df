"""The pages of the setup and of mailboxes in German, with what the record keeps in English."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from forthwith.outbox.models import Outgoing
from forthwith.people.models import Domain, Organisation, Person
from forthwith.record.mailboxes import Mailbox
from forthwith.record.models import CoverageGap, RawItem
from forthwith.suggestions.models import Training
from tests.desk_fixtures import Desk
from tests.doors.test_desk_german import german, left_in, read

pytestmark = pytest.mark.django_db
REFUSED = "The mail server imap.example.org:993 refused the sign-in of it: it did not answer in time."


def item(at: datetime, outcome: str, **of: object) -> RawItem:
    number = RawItem.objects.count()
    said = {"channel": "email", "digest": f"{number:064}", "size": 9, "body": b"Subject: x\r\n\r\ny", **of}
    return RawItem.objects.create(received_at=at, outcome=outcome, **said)


def box(name: str, now: datetime, **of: object) -> Mailbox:
    return Mailbox.objects.create(name=name, host="imap.example.org", port=993, user=name, added_at=now, **of)


def fill(desk: Desk) -> list[str]:
    """Something for each of the pages to say; their addresses."""
    now = timezone.now()
    kept = item(now, RawItem.UNPROCESSED, reason="it has no sender address that could be answered", repeats=2)
    twin = item(now, RawItem.IGNORED, reason="the same message came before, as item 1", author="x@customer.example")
    typed = item(
        now, RawItem.DISMISSED, decision="our own mail came back", decided_at=now, decided_by=desk.lea, reason="x: y"
    )
    well = box("well", now, last_contact=now, last_mail_at=now, last_lag_s=200_000, afterwards="move", move_to="Done")
    box("broken", now, failing_since=now, last_error=REFUSED, import_since=now, import_total=9, import_done=2)
    gone = box(
        "gone", now, paused=True, method="xoauth2", provider="google", afterwards="delete", sign_in_refused="No."
    )
    CoverageGap.objects.create(channel="phone", start=now - timedelta(days=2))
    CoverageGap.objects.create(channel="email:canary", start=now - timedelta(days=2), end=now)
    error = "The relay mail.example.org:25 failed: closed"
    failed = {"state": Outgoing.FAILED, "error": error, "queued_at": now, "next_at": now}
    Outgoing.objects.create(
        purpose="reply", address="x@customer.example", subject="a", text="b", mail_id="a@b", **failed
    )
    Training.objects.create(
        asked_at=now, why="there is no model yet", state=Training.GOING, doing="measuring on the newest"
    )
    Training.objects.create(
        asked_at=now,
        why="12 more tickets were closed",
        state=Training.FAILED,
        told="It broke: E. The model before stays.",
    )
    organisations = [Organisation.objects.create(name=name) for name in ("Acme", "Hafen")]
    Domain.objects.create(name="hafen.example", organisation=organisations[1])
    Person.objects.filter(pk=desk.rui.pk).update(organisation=organisations[0])
    return [
        *("/people/", "/people/add/", f"/people/{desk.ana.pk}/", "/people/?name=zz&after=999"),
        *("/ledger/", "/ledger/?outcome=kept", "/ledger/?at=2000-01-01T00:00:00%2B00:00&after=0"),
        *(f"/ledger/{one.pk}/" for one in (kept, twin, typed)),
        *("/health/", "/health/alarm/", "/suggestions/", "/mailboxes/", "/mailboxes/?after=zz", "/mailboxes/connect/"),
        *("/mailboxes/connect/microsoft/", "/mailboxes/connect/google/"),
        *(f"/mailboxes/{well.pk}/{page}/" for page in ("remove", "sign-in", "import")),
        f"/mailboxes/{gone.pk}/sign-in/",
        *("/organisations/", "/organisations/?q=zz", "/organisations/?name=zz&after=9", "/organisations/add/"),
        *(f"/organisations/{organisation.pk}/{page}" for page in ("", "change/") for organisation in organisations),
    ]


def test_these_pages_say_nothing_in_english(desk: Desk) -> None:
    client = german(desk.adam)
    found = {address: left_in(client.get(address, follow=True).content.decode()) for address in fill(desk)}
    left = [f"{address}: {text}" for address, texts in found.items() for text in sorted(texts)]
    # What somebody typed stays as it is, also where it reads like the desk's own.
    assert [one for one in left if not one.endswith(": our own mail came back")] == []


@pytest.mark.sop("1.2")
def test_reasons_are_known_again_and_what_was_typed_stays(desk: Desk) -> None:
    fill(desk)
    page = " ".join(read(german(desk.lea).get("/ledger/").content.decode()))
    assert "dieselbe Nachricht kam schon einmal, als Eingang 1" in page
    assert "sie hat keine Absenderadresse, an die geantwortet werden könnte" in page
    assert "our own mail came back, von Lea" in page


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/people/add/", {"name": "", "email": "x", "role": "agent", "leads": "service"}),
        ("/people/add/", {"name": "Vi", "email": "vi@desk.example", "role": "auditor", "teams": "service-desk"}),
        ("/mailboxes/connect/", {"host": "a b", "security": "tls", "port": "80", "user": "\x01", "password": ""}),
        ("/mailboxes/connect/microsoft/", {"user": "", "client_id": "", "tenant": "a b"}),
        ("/organisations/add/", {"name": "", "contract": "x", "domains": "x"}),
        ("/organisations/add/", {"name": "Acme", "domains": "gmail.com"}),
        ("/ledger/1/dismiss/", {"reason": ""}),
        ("/ledger/1/mend/", {"address": "x", "subject": "", "text": ""}),
    ],
)
def test_what_is_wrong_is_said_in_german(desk: Desk, address: str, said: dict[str, str]) -> None:
    kept = item(timezone.now(), RawItem.UNPROCESSED)
    answer = german(desk.adam).post(address.replace("/1/", f"/{kept.pk}/"), said)
    assert answer.status_code == 422
    assert left_in(answer.content.decode()) == set()
    assert "This field is required" not in answer.content.decode()
