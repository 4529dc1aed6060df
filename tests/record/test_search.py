"""Searching: every word of a ticket finds it, on both databases alike; nobody finds what they may not read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from forthwith.people import directory
from forthwith.people.models import Organisation, Person
from forthwith.people.permits import Actor
from forthwith.record import links, procedures
from forthwith.record.messages import File
from forthwith.record.models import Message
from forthwith.record.search import finding
from forthwith.record.search.finding import Asker, Found
from forthwith.steps import acts, joining
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after

BERLIN = ZoneInfo("Europe/Berlin")


def find(person: Person, typed: str, **more: Any) -> Found:
    asker = Asker(person, procedures.load(procedures.in_force().pk), BERLIN)
    return finding.search(asker, typed, after(1), **more)


def numbers(person: Person, typed: str) -> list[int]:
    return [ticket.number for ticket in find(person, typed).tickets]


TEXT = """The Fürstenberg scanner on C:\\Users\\mira\\scans prints error 0x80070005 since the wi-fi MONITOR went down.
Grüße aus Łódź, 印刷機が動かない。 Version 10.4.2 of the ﬁrmware, see https://help.example/kb?id=77."""


@pytest.mark.parametrize(
    "typed",
    [
        *("fürstenberg", "FURSTENBERG", "furstenberg", "Fürstenb", "Grusse", "GRÜSSE", "grüße", "lodz", "ŁÓDŹ"),
        *("0x80070005", "0X80070005", "0x8007", "C:\\Users\\mira\\scans", "mira", "scans", '"users mira"'),
        *("wi-fi", "wifi", "WI-FI", "monitor", "MONITOR", "firmware", "10.4.2", "help.example", "kb?id=77"),
        *("印刷機", "印刷", "動", "刷機が", "印", "rui@customer.example", "rui", "customer.example", "Silva", "silv"),
        *("scanner down", "down scanner", '"prints error"', "fürstenberg OR nothing", "nothing OR fürstenberg"),
        *("from:rui", "from:Silva scanner", 'from:"rui silva"', "channel:email", "status:new OR status:open"),
        *("scanner -printer", "-printer", "after:2026-02-01", "before:2027", "status:unresolved scanner"),
    ],
)  # fmt: skip
def test_a_ticket_is_found_by_what_is_in_it(desk: Desk, typed: str) -> None:
    number = d.new_ticket(text=TEXT, subject="Odd thing")
    assert numbers(desk.ana, typed) == [number]


@pytest.mark.parametrize(
    "typed",
    [
        *("", "   ", "-", '""', '"', "OR", "()", "from:", "gruesse", "moni tor", "scanner -down", '"error prints"'),
        *("scanner printer", "from:ana", "has:attachment", "status:closed", "before:2026-01-01", "after:2026-06-01"),
        *("assignee:adam", "-scanner", "印動", "to:rui", "0x80070006", '"scann"', "x" * 300, "=all", "=status:open"),
    ],
)  # fmt: skip
def test_a_ticket_is_not_found_by_what_is_not_in_it(desk: Desk, typed: str) -> None:
    d.new_ticket(text=TEXT, subject="Odd thing")
    assert find(desk.ana, typed).tickets == []


HOSTILE = [
    "'; DROP TABLE record_searched; --", '" OR 1=1', "a AND NOT", "NEAR(a b)", "head:x", "{head}:x", "*", "**", "a*b*",
    "^a", "a^2", '"""', "\\", "\\'", "'", "%s %(x)s %", "a:*", "a & b | !c", "(((((", ")", "a <-> b", "\x00a\x00",
    "#~a", "#", "~", "=requester:1", "\ud800", "a" * 10_000, "-" * 500, "x OR " * 200, '" " ' * 200, "١٢٣",
    "status:'; --", "from:%", "before:9999-99-99", "after:0001-01-01", "before:99999d", "team:\\", 'to:"', "assignee:-",
    "has:x", "\u202ea", "𝔘𝔫𝔦", "🙂", "🙂 printer", "ﷺ" * 300, "before:2026-02-30", "after:٢٠٢٦",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_that_can_be_typed_is_an_error(desk: Desk, typed: str) -> None:
    number = d.new_ticket()
    find(desk.ana, typed)
    find(desk.rui, typed)
    assert numbers(desk.ana, "printer") == [number], "and the index is as it was"


def test_later_messages_notes_and_files_are_found(desk: Desk) -> None:
    number = d.new_ticket()
    desk.reply(number, after(minutes=5), text="Please try the spare toner cartridge.")
    acts.note(number, by=Actor.of(desk.ana), now=after(minutes=6), text="The fuser was replaced in 2019.")
    answer = d.mail("Now the display says Zahnrad.", in_reply_to=f"<{d.posted('reply')[0].mail_id}>")
    assert d.arrive(answer, after(minutes=9)).ticket == number
    for word in ("cartridge", "fuser", "zahnrad", "printer zahnrad fuser"):
        assert numbers(desk.ana, word) == [number]
    assert numbers(desk.ana, "printer -fuser") == [], "what must not be there is nowhere on the ticket"


@pytest.mark.sop("R1", "R2", "R3")
def test_nobody_finds_or_counts_what_they_may_not_read(desk: Desk) -> None:
    mine = d.new_ticket()
    d.new_ticket(sender="Eve <eve@other.example>")
    acts.note(mine, by=Actor.of(desk.ana), now=after(1), text="The secret is hunter2.")
    assert find(desk.ana, "printer").count == 2
    for typed in ("printer", "from:eve OR printer", "-nothing", "status:unresolved"):
        found = find(desk.rui, typed)
        assert ([one.pk for one in found.tickets], found.count) == ([mine], 1)
    for typed in ("hunter2", "hunt", "eve", "from:eve", '"secret is"', "=requester:1"):
        found = find(desk.rui, typed)
        assert (found.tickets, found.count) == ([], 0)
    assert numbers(desk.rui, "-hunter2") == [mine], "what must not be there is not in a note either"
    assert numbers(desk.ana, "hunter2") == [mine]
    desk.ana.is_active = False
    assert numbers(desk.ana, "printer") == [], "who has left finds nothing"


def test_filters_follow_the_ticket(desk: Desk) -> None:
    number = d.new_ticket()
    by = Actor.of(desk.lea)
    assert numbers(desk.ana, "status:open") == [] or numbers(desk.ana, "status:new") == []
    acts.assign(number, by=by, now=after(minutes=1), team="hardware_team", assignee=desk.sam.pk, why="")
    acts.prioritise(number, by=by, now=after(minutes=2), impact="widespread", urgency="stopped", why="all are down")
    acts.categorise(number, by=by, now=after(minutes=3), category="hardware.printer", why="")
    for typed in ("assignee:sam", "assignee:Sam team:hardware_team", "team:hardware", "priority:critical",
                  "category:hardware", "category:hardware.printer", "category:printer", "-assignee:ana"):  # fmt: skip
        assert numbers(desk.ana, typed) == [number], typed
    for typed in ("assignee:ana", "assignee:nobody", "-team:hardware_team", "priority:low", "assignee:me"):
        assert numbers(desk.ana, typed) == [], typed
    assert numbers(desk.sam, "assignee:me") == [number]
    desk.resolve(number, after(minutes=5))
    assert numbers(desk.ana, "status:resolved drum") == [number]
    assert numbers(desk.ana, "status:unresolved") == []


def test_copies_are_found_by_to(desk: Desk) -> None:
    number = d.new_ticket(cc="Eve Adams <eve@other.example>")
    assert numbers(desk.ana, "to:eve") == numbers(desk.ana, "to:other.example") == [number]
    assert numbers(desk.ana, "eve@other.example") == [number]
    assert numbers(desk.ana, "from:eve") == numbers(desk.ana, "to:rui") == []


def test_files_are_found_by_name_and_by_has(desk: Desk) -> None:
    number, other = d.new_ticket(), d.new_ticket(text="My screen flickers since this morning, please help.")
    file = File("Jahresübersicht_2025-Q3.xlsx", "application/octet-stream", b"x")
    desk.reply(number, after(minutes=5), files=[file])
    for typed in ("jahresubersicht", "xlsx", "has:attachment", "has:file printer", "Jahresübersicht_2025-Q3.xlsx"):
        assert numbers(desk.ana, typed) == [number], typed
    assert numbers(desk.ana, "-has:attachment") == [other]


def test_a_newer_name_and_the_old_one_both_find(desk: Desk) -> None:
    number = d.new_ticket(sender="eve@other.example")
    eve = Person.objects.get(email="eve@other.example")
    assert numbers(desk.ana, "from:adams") == []
    directory.met_again(eve, "eve@other.example", "Eve Adams")
    eve.organisation = Organisation.objects.create(name="Harbour Logistics")
    eve.save()
    directory.learn_anew(eve)
    for typed in ("adams", "from:adams", "harbour", 'from:"harbour logistics"', "from:eve", "adams printer", "hrabour"):
        assert numbers(desk.ana, typed) == [number], typed


def test_recent_and_in_the_subject_come_first(desk: Desk) -> None:
    old = d.new_ticket(after(days=-400), subject="Zahnrad broken")
    text = "Something about a zahnrad in the middle of the text, as everything stopped."
    body = d.new_ticket(after(days=-100), subject="Other thing", text=text)
    head = d.new_ticket(after(days=-101), subject="The zahnrad")
    newest = d.new_ticket(subject="One more thing", text=text.replace("middle", "end"))
    assert numbers(desk.ana, "zahnrad") == [head, newest, body, old]
    found = find(desk.ana, "zahnrad", size=3)
    assert [one.pk for one in find(desk.ana, "zahnrad", after=found.next_key).tickets] == [old]


def test_days_are_those_of_whoever_asks(desk: Desk) -> None:
    # Half past midnight of the second in Berlin is still the first in UTC.
    late = datetime(2026, 2, 1, 23, 30, tzinfo=UTC)
    number = d.new_ticket(late)
    for typed in ("after:2026-02-02", "before:2026-02-03", "after:2026-02-02 before:2026-02-03", "after:2026-02"):
        assert numbers(desk.ana, typed) == [number], typed
    for typed in (
        "before:2026-02-02",
        "after:2026-02-03",
        "before:2026",
        "after:today",
        "before:2025-12",
        "after:2027",
    ):
        assert numbers(desk.ana, typed) == [], typed
    assert numbers(desk.ana, "after:60d") == [number]


def test_split_and_merged_tickets_are_found_by_what_is_theirs(desk: Desk) -> None:
    number = d.new_ticket(cc="Eve Adams <eve@other.example>")
    answer = d.mail("And the zahnrad squeaks too.", in_reply_to=f"<{links.new_mail_id(number)}>")
    d.arrive(answer, after(minutes=9))
    squeaks = Message.objects.get(text__contains="zahnrad").pk
    by = Actor.of(desk.ana)
    part = joining.split(number, by=by, now=after(minutes=10), messages=[squeaks])
    assert sorted(numbers(desk.ana, "zahnrad")) == [number, part]
    other = d.new_ticket(after(minutes=20), text="My screen flickers since this morning, please help.")
    joining.merge(number, by=by, now=after(minutes=30), into=other)
    assert sorted(numbers(desk.ana, "to:eve")) == [number, other], "who follows a merged ticket follows the other"
    assert numbers(desk.ana, "status:merged") == [number]
