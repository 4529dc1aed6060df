"""Reading tickets: permission is part of it, lists page by key, and the indexes made for them are used."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from forthwith.outbox import deliver, notices
from forthwith.outbox.models import Outgoing
from forthwith.outbox.told import Notice
from forthwith.people.models import Organisation, Person
from forthwith.people.prepared import Prepared
from forthwith.record import door, lists, procedures, queries, traffic
from forthwith.record.lists import Filters
from forthwith.record.models import NEVER, RawItem, Ticket
from forthwith.steps import acts, receive
from forthwith.worker import alarms
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after


def fill(desk: Desk, count: int, *, closed: float = 0.8) -> None:
    """Rows straight into the table, with ties and tickets on which nothing is due: only lists are read of them."""
    chance = random.Random(count)
    revision = procedures.in_force().pk
    rows = []
    for i in range(count):
        done = chance.random() < closed
        due = NEVER if chance.random() < 0.2 else after(minutes=chance.randrange(40))
        rows.append(
            Ticket(
                revision_id=revision,
                unresolved=not done,
                status="closed" if done else chance.choice(["new", "open", "on_hold"]),
                channel="email",
                subject=f"Ticket {i}",
                requester=desk.rui if i % 3 else desk.ben,
                assignee=chance.choice([desk.ana, desk.ben, None]),
                team=chance.choice(["service_desk", "identity"]),
                priority=(priority := chance.choice(["high", "low"])),
                rank={"high": 1, "low": 3}[priority],
                category=chance.choice(["network", "network.vpn", "networking", *["other"] * 17]),
                undelivered=chance.random() < 0.2,
                missing=chance.choice([[], ["urgency"]]),
                opened_at=after(minutes=-chance.randrange(40)),
                resolved_at=after(1) if done else None,
                changed_at=after(minutes=chance.randrange(40)),
                due_at=NEVER if done else due,
                alarm_at=None if done else due,
                fact_count=1,
                chain="x",
            )
        )
    Ticket.objects.bulk_create(rows, batch_size=2000)


def pages(list_of: Any, person: Person, filters: Filters, size: int) -> list[int]:
    """Every page after the other; the numbers of their tickets."""
    found: list[int] = []
    key = ""
    for _ in range(1000):
        page = list_of(person, filters, key, size)
        found += [ticket.number for ticket in page.tickets]
        if not page.next_key:
            return found
        key = page.next_key
    raise AssertionError("the pages never end")


@pytest.mark.broken_record
@pytest.mark.parametrize("size", [1, 7, 50])
def test_pages_have_no_gaps_and_no_repeats_under_ties_and_never(desk: Desk, size: int) -> None:
    fill(desk, 120, closed=0.5)
    unresolved = Ticket.objects.exclude(status="closed").order_by("due_at", "pk").values_list("pk", flat=True)
    settled = Ticket.objects.filter(status="closed").order_by("-changed_at", "-pk").values_list("pk", flat=True)
    assert pages(lists.open_tickets, desk.ana, Filters(), size) == list(unresolved)
    assert pages(lists.settled_tickets, desk.ana, Filters(), size) == list(settled)


@pytest.mark.broken_record
def test_filters_narrow_page_and_count_alike(desk: Desk) -> None:
    desk.ben.organisation = Organisation.objects.create(name="Cooperative")
    desk.ben.save(update_fields=["organisation"])
    fill(desk, 120, closed=0.3)
    for filters, wanted in (
        (Filters(team="identity"), {"team": "identity"}),
        (Filters(assignee=desk.ana.pk), {"assignee": desk.ana}),
        (Filters(unassigned=True, priority="high"), {"assignee": None, "priority": "high"}),
        (Filters(status="on_hold"), {"status": "on_hold"}),
        (Filters(late_at=after(minutes=20)), {"due_at__lt": after(minutes=20)}),
        (Filters(due_from=after(minutes=20)), {"due_at__gte": after(minutes=20)}),
        (Filters(category="network", below="network."), {"category__in": ["network", "network.vpn"]}),
        (Filters(channel="email", undelivered=True), {"undelivered": True}),
        (Filters(missing=True), {"missing": ["urgency"]}),
        (Filters(organisation=desk.ben.organisation_id), {"requester": desk.ben}),
        (
            Filters(opened_from=after(minutes=-20), opened_to=d.MONDAY),
            {"opened_at__range": (after(minutes=-20), after(minutes=-1))},
        ),
    ):
        rows = Ticket.objects.exclude(status="closed").filter(**wanted).order_by("due_at", "pk")
        assert 0 < len(rows) < 84
        assert pages(lists.open_tickets, desk.ana, filters, 7) == [row.pk for row in rows]
        assert lists.counted(desk.ana, {"it": filters}) == {"it": (len(rows), False)}


@pytest.mark.broken_record
def test_a_list_that_no_index_leads_to_is_counted_to_a_bound(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_LOOKED_AT", 30)
    monkeypatch.setattr(lists, "_LOOKED_AT", Prepared(lists._LOOKED_AT._compose))
    fill(desk, 120, closed=0.3)
    first = Ticket.objects.filter(unresolved=True).order_by("due_at", "pk")[:30]
    low = sum(ticket.priority == "low" for ticket in first)
    wanted = {"low": Filters(priority="low"), "team": Filters(team="identity")}
    found = lists.counted(desk.ana, wanted)
    assert found["low"] == (low, True)
    assert found["team"] == (Ticket.objects.filter(unresolved=True, team="identity").count(), False)


@pytest.mark.broken_record
@pytest.mark.parametrize("sort", lists.SORTS)
def test_each_order_pages_without_gaps_by_an_index_of_its_own(desk: Desk, sort: str) -> None:
    fill(desk, 3000)
    analyse()
    rows = Ticket.objects.filter(unresolved=True).order_by(*lists.SORTS[sort]).values_list("pk", flat=True)
    assert pages(partial(lists.open_tickets, sort=sort), desk.ana, Filters(), 40) == list(rows)
    first = lists.open_tickets(desk.ana, Filters(), size=5, sort=sort)
    for key in ("", first.next_key):
        assert whole_reads(lambda k=key: lists.open_tickets(desk.ana, Filters(), k, 5, sort)) == []  # type: ignore[misc]


@pytest.mark.parametrize(
    "key", ["", "x", "_", "2026-03-02_", "2026-03-02_1", "2026-03-02T10:00:00+00:00_" + "9" * 30, "_1", "\x00_1",
            "9999-12-31T23:59:59-23:59_1", "0001-01-01T00:00:00+23:59_1", "2026-03-02T10:00:00+00:00_-1"],
)  # fmt: skip
def test_any_key_is_read_without_an_error(desk: Desk, key: str) -> None:
    d.new_ticket()
    assert lists.open_tickets(desk.ana, Filters(), key).next_key == ""
    assert lists.settled_tickets(desk.ana, Filters(), key).next_key == ""


@pytest.mark.sop("R1", "R2", "R3")
def test_who_may_read_what(desk: Desk) -> None:
    mine = d.new_ticket()
    other = d.new_ticket(sender="Eve <eve@other.example>")
    for person in (desk.ana, desk.sam, desk.lea, desk.adam, desk.olga):
        assert set(queries.visible_to(person)) == set(Ticket.objects.all())
    assert [ticket.pk for ticket in queries.visible_to(desk.rui)] == [mine]
    assert queries.ticket_for(desk.rui, other) is None
    assert queries.ticket_for(desk.rui, mine) is not None
    assert queries.ticket_for(desk.ana, 2**70) is None
    desk.ana.is_active = False
    assert list(queries.visible_to(desk.ana)) == [], "who has left reads nothing"


def test_what_stands_beside_a_ticket_is_what_its_reader_may_see(desk: Desk) -> None:
    mine, also = d.new_ticket(), d.new_ticket(subject="Also mine")
    other = d.new_ticket(sender="Eve <eve@other.example>")
    desk.resolve(other, after(1))
    seen = queries.beside(d.row(mine), desk.ana, [other, 999])
    assert ([one.pk for one in seen.also_open], set(seen.named)) == ([also], {other})
    assert seen.solution(other)
    theirs = queries.beside(d.row(mine), desk.rui, [other, also])
    assert ([one.pk for one in theirs.also_open], set(theirs.named)) == ([also], {also})
    assert theirs.solution(also) == ""
    assert queries.beside(d.row(other), desk.ana, []) == queries.Beside([], {})


def test_notes_are_not_for_the_requester(desk: Desk) -> None:
    from forthwith.people.permits import Actor

    number = d.new_ticket()
    acts.note(number, by=Actor.of(desk.ana), now=after(1), text="between us")
    ticket = d.row(number)
    assert [one.message.kind for one in queries.conversation(ticket, with_notes=False)] == ["public"]
    assert [one.message.kind for one in queries.conversation(ticket, with_notes=True)] == ["public", "internal"]


@pytest.mark.broken_record
def test_the_number_of_statements_does_not_grow(desk: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fill(desk, 300, closed=0.2)
    with django_assert_num_queries(1):
        page = lists.open_tickets(desk.ana, Filters())
        assert len({str(t.assignee) + str(t.requester) + str(t.requester.organisation) for t in page.tickets}) > 1
    assert len(page.tickets) == 50
    with django_assert_num_queries(2):
        assert len(queries.waiting_for(desk.adam)) == queries.MOST_WAITING


GROWS = "(record_ticket|record_entry|record_message|record_rawitem|outbox_outgoing)"
WHOLE = re.compile(rf"Seq Scan on {GROWS}|SCAN {GROWS}\b(?! USING)|USE TEMP B-TREE FOR|Sort Key: (?!people_)")
"""What a plan says where a table that grows is read as a whole, or all that was found is sorted."""


def whole_reads(read: Callable[[], object], whole: re.Pattern[str] = WHOLE) -> list[str]:
    """What of the statements that are run would read or sort a whole table, with the parameters as they are given."""
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    found: list[str] = []
    asked: list[str] = []

    def explained(run: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "WITH")):
            asked.append(sql)
            plan = run(f"{explain} {sql}", params, many, context) or context["cursor"]
            lines = [str(row[-1]) for row in plan.fetchall()]
            found.extend(f"{line}: {sql}" for line in lines if whole.search(line))
        return run(sql, params, many, context)

    with connection.execute_wrapper(explained):
        read()
    assert asked, "nothing was read: this could not fail"
    return found


def analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            # Of so few rows either is cheap: then only what no index can serve is read as a whole, or sorted.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")


@pytest.mark.broken_record
def test_no_list_and_no_alarm_reads_the_whole_table(desk: Desk) -> None:
    fill(desk, 3000)
    analyse()
    narrowed = [
        Filters(),
        Filters(assignee=desk.ana.pk),
        Filters(unassigned=True),
        Filters(status="on_hold"),
        Filters(team="identity"),
        Filters(late_at=after(minutes=3)),
        Filters(category="network", below="network."),
        Filters(undelivered=True, missing=True),
    ]
    for filters in narrowed:
        first = lists.open_tickets(desk.ana, filters, size=5)
        assert first.next_key
        assert not whole_reads(lambda f=filters: lists.open_tickets(desk.ana, f, size=5))  # type: ignore[misc]
        key = first.next_key
        assert not whole_reads(lambda f=filters, k=key: lists.open_tickets(desk.ana, f, k, size=5))  # type: ignore[misc]
    settled = lists.settled_tickets(desk.ana, Filters(), size=5).next_key
    assert settled
    reads: list[Callable[[], object]] = [
        lambda: lists.settled_tickets(desk.ana, Filters(), settled, size=5),
        lambda: lists.counted(desk.ana, {str(place): one for place, one in enumerate(narrowed)}),
        lambda: queries.alike("other", "low"),
        lambda: queries.waiting_for(desk.adam),
        lambda: queries.available("service_desk"),
        lambda: queries.open_counts([desk.ana.pk]),
        lambda: door.give_another_try(d.MONDAY),
        lambda: door.claimed(d.MONDAY - timedelta(1)).__enter__(),
        alarms.next_instant,
    ]
    for read in reads:
        assert whole_reads(read) == []
    assert alarms.next_instant() == d.MONDAY


@pytest.mark.broken_record
def test_notices_are_read_by_their_indexes(desk: Desk) -> None:
    number = d.new_ticket()
    staff = [desk.ana, desk.ben, desk.sam, desk.lea]
    rows = [
        Notice(
            person=staff[i % 4],
            ticket_id=number,
            seq=i + 10,
            event="followed",
            at=after(minutes=i),
            read_at=after(days=9) if i % 5 else None,
            mail_at=None if i % 50 else after(minutes=i),
        )
        for i in range(4000)
    ]
    Notice.objects.bulk_create(rows)
    analyse()
    first, key = notices.page(desk.ana.pk)
    assert key == f"n{first[-1].pk}"
    by_time, key_by_time = notices.page(desk.ana.pk, by_time=True)
    assert len(by_time) == notices.PAGE
    reads: list[Callable[[], object]] = [
        lambda: notices.unread(desk.ana.pk),
        lambda: notices.page(desk.ana.pk, after=key),
        lambda: notices.page(desk.ana.pk, after=key_by_time, by_time=True),
        lambda: notices.for_events({(number, 12), (number, 13)}),
        notices.waits_until,
        lambda: notices.read(desk.ana.pk, after(1), number=first[0].pk),
        lambda: notices.sweep(after(-1)),
    ]
    whole = re.compile(r"Seq Scan on outbox_notice|SCAN outbox_notice\b(?! USING)|USE TEMP B-TREE FOR|Sort Key: ")
    for read in reads:
        assert whole_reads(read, whole) == []


def test_neither_the_outbox_nor_a_mail_reads_the_whole_table(desk: Desk) -> None:
    # One requester writes more than the loop breaker would let them.
    d.install(d.variant(("{most: 20, within: 24 h}", "{most: 400, within: 24 h}"), ("{most: 100,", "{most: 400,")))
    for i in range(300):
        d.new_ticket(text=f"Problem number {i} with my screen.")
    # Of one whose mails are the whole table, PostgreSQL sorts them all: what counts is one of many, of a while ago.
    RawItem.objects.filter(pk__gt=5).update(author="somebody@elsewhere.example")
    Outgoing.objects.filter(pk__gt=200).update(state="sent")
    analyse()
    reads: list[Callable[[], object]] = [
        lambda: deliver.waits_until(d.MONDAY),
        lambda: deliver.claim(after(minutes=5)),
        lambda: receive.unsettled("email", after(5), timedelta(0)),
        RawItem.objects.filter(unchecked=True).order_by("pk")[:20].exists,
        lambda: traffic.latest("rui@customer.example", d.MONDAY - timedelta(1), 100),
        lambda: traffic.was_looping("rui@customer.example", d.MONDAY, d.MONDAY, d.MONDAY),
        lambda: d.new_ticket(text="One more problem with my screen."),
    ]
    for read in reads:
        assert whole_reads(read) == []
