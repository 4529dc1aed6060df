"""The record shows when anybody changed it behind the door's back (SOP 6.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from forthwith.people.models import Person
from forthwith.record import chain
from forthwith.record.models import Attachment, Entry, Message, Ticket
from forthwith.steps import document
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

pytestmark = [pytest.mark.sop("6.1"), pytest.mark.broken_record]


@pytest.fixture
def number(desk: Desk) -> int:
    """A ticket with several facts, a file and a note, whole to begin with; a second one beside it."""
    from email.message import EmailMessage

    made = EmailMessage()
    made["From"], made["Subject"] = "rui@customer.example", "See the picture of my printer"
    made.set_content("Here it is, and it is urgent for our whole team.")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    number = d.arrive(made.as_bytes()).ticket or 0
    d.new_ticket()
    desk.reply(number, after(1))
    assert document.discrepancies(d.row(number)) == []
    return number


COLUMNS: dict[str, Callable[[Entry], object]] = {
    "ticket_id": lambda e: Ticket.objects.exclude(pk=e.ticket_id).get().pk,
    "seq": lambda e: 99,
    "kind": lambda e: "Resumed",
    "at": lambda e: e.at + timedelta(microseconds=1),
    "noted_at": lambda e: e.noted_at + timedelta(microseconds=1),
    "by_id": lambda e: Person.objects.exclude(pk=e.by_id).order_by("pk")[0].pk,
    "revision_id": lambda e: _revision(),
    "data": lambda e: {**e.data, "why": "another"},
    "hash": lambda e: "0" * 64,
}


def _revision() -> int:
    from forthwith.record.models import Revision

    return Revision.objects.create(text="x", digest="x", installed_at=d.MONDAY, effective_at=d.MONDAY).pk


def test_every_column_of_a_fact_is_played() -> None:
    assert {field.attname for field in Entry._meta.concrete_fields} - {"id"} == set(COLUMNS)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("place", [0, 3, -1], ids=["first", "middle", "last"])
def test_a_change_to_any_column_of_any_fact_shows(number: int, column: str, place: int) -> None:
    entry = list(Entry.objects.filter(ticket=number).order_by("seq"))[place]
    if column == "seq" and place == 3:
        other = Entry.objects.get(ticket=number, seq=5)
        Entry.objects.filter(pk=other.pk).update(seq=98)
        Entry.objects.filter(pk=entry.pk).update(seq=5)
        Entry.objects.filter(pk=other.pk).update(seq=4)
    else:
        value = COLUMNS[column](entry)
        if column == "ticket_id":
            Entry.objects.filter(ticket=value, seq=entry.seq).delete()
        Entry.objects.filter(pk=entry.pk).update(**{column: value})
    assert document.discrepancies(d.row(number)) != []


@pytest.mark.parametrize("which", [0, 2, -1])
def test_a_fact_taken_away_shows(number: int, which: int) -> None:
    list(Entry.objects.filter(ticket=number).order_by("seq"))[which].delete()
    assert any("chain" in found or "taken away" in found for found in document.discrepancies(d.row(number)))


def test_all_facts_taken_away_shows(number: int) -> None:
    Entry.objects.filter(ticket=number).delete()
    assert document.discrepancies(d.row(number)) != []


def test_a_fact_added_shows_even_with_a_fitting_hash(number: int) -> None:
    last = Entry.objects.filter(ticket=number).order_by("seq").last()
    assert last is not None
    forged = Entry(
        ticket_id=number, seq=last.seq + 1, kind="Resumed", at=after(2), noted_at=after(2), revision_id=last.revision_id
    )
    forged.data = {"why": ""}
    forged.hash = chain.link(last.hash, forged)
    forged.save()
    assert any("added" in found for found in document.discrepancies(d.row(number)))


@pytest.mark.parametrize(
    "change",
    [
        {"status": "closed"},
        {"due_at": after(9)},
        {"alarm_at": None},
        {"assignee": None},
        {"priority": "low"},
        {"subject": "?"},
        {"fact_count": 1},
        {"chain": ""},
        {"team": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_row_that_the_facts_do_not_add_up_to_shows(number: int, change: dict[str, object]) -> None:
    Ticket.objects.filter(pk=number).update(**change)
    found = document.discrepancies(d.row(number))
    assert len(found) == 1
    assert next(iter(change)) in found[0] or "last fact" in found[0]


MESSAGE = {
    "kind": "internal",
    "incoming": None,
    "author": None,
    "address": "x@y",
    "subject": "?",
    "text": "?",
    "new_text": "?",
    "html": "<b>?</b>",
    "mail_id": "x@y",
    "digest": "0" * 64,
    "written_at": after(9),
}


@pytest.mark.parametrize("column", MESSAGE)
def test_a_changed_message_shows(number: int, column: str) -> None:
    message = Message.objects.filter(ticket=number).order_by("pk")[0]
    value = MESSAGE[column] if column != "incoming" else not message.incoming
    Message.objects.filter(pk=message.pk).update(**{column: value})
    assert document.discrepancies(d.row(number)) == ["The message of fact 1 is not what was written."]


def test_a_message_taken_away_or_slipped_in_shows(number: int) -> None:
    Attachment.objects.all().delete()
    Message.objects.filter(ticket=number).order_by("pk")[0].delete()
    assert document.discrepancies(d.row(number)) == ["The message of fact 1 is gone."]
    stray = Message.objects.create(ticket_id=number, kind="public", text="I owe you money.", written_at=after(1))
    assert f"No fact knows of message {stray.pk}." in document.discrepancies(d.row(number))


@pytest.mark.parametrize("change", [{"name": "b.exe"}, {"type": "text/html"}, {"digest": "0" * 64}, {"size": 9}, None])
def test_a_changed_or_missing_file_shows(number: int, change: dict[str, object] | None) -> None:
    files = Attachment.objects.filter(message__ticket=number)
    if change:
        files.update(**change)
    else:
        files.delete()
    assert document.discrepancies(d.row(number)) == ["The message of fact 1 is not what was written."]


@pytest.mark.parametrize("content", [b"other", None])
def test_a_file_changed_on_the_disk_shows(number: int, content: bytes | None) -> None:
    path = next(Path(settings.FILES).rglob(Attachment.objects.get().digest))
    before = path.read_bytes()
    try:
        path.unlink() if content is None else path.write_bytes(content)
        assert document.discrepancies(d.row(number)) == ["The message of fact 1 is not what was written."]
    finally:
        path.write_bytes(before)


def test_a_body_may_be_redacted_and_the_chain_still_holds(number: int) -> None:
    Message.objects.filter(ticket=number).update(text="", new_text="", html="")
    assert chain.first_break(Entry.objects.filter(ticket=number).order_by("seq")) is None


def test_a_fact_of_an_unknown_kind_is_said_not_raised(number: int) -> None:
    Entry.objects.filter(ticket=number, seq=3).update(kind="Teleported")
    assert any("cannot be read" in found for found in document.discrepancies(d.row(number)))


def test_the_canonical_form_is_one_whatever_the_order_and_the_zone() -> None:
    from datetime import timezone

    assert chain.canonical({"b": 1, "a": "ü"}) == b'{"a":"\xc3\xbc","b":1}'
    here = d.MONDAY.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert chain.instant(here) == chain.instant(d.MONDAY) == "2026-03-02T10:00:00Z"
