"""Reading tickets: permission is part of it, lists page by key, and the indexes made for them are used."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from forthwith.outbox import deliver
from forthwith.people.models import Person
from forthwith.record import procedures, queries
from forthwith.record.models import NEVER, Ticket
from forthwith.record.queries import Filters
from forthwith.steps import acts
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
                status="closed" if done else chance.choice(["new", "open", "on_hold"]),
                channel="email",
                subject=f"Ticket {i}",
                requester=desk.rui if i % 3 else desk.ben,
                assignee=chance.choice([desk.ana, desk.ben, None]),
                team=chance.choice(["service_desk", "identity"]),
                priority=chance.choice(["high", "low"]),
                category="other",
                opened_at=d.MONDAY,
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
    assert pages(queries.open_tickets, desk.ana, Filters(), size) == list(unresolved)
    assert pages(queries.settled_tickets, desk.ana, Filters(), size) == list(settled)


@pytest.mark.broken_record
def test_filters_narrow_and_page_alike(desk: Desk) -> None:
    fill(desk, 120, closed=0.3)
    for filters, wanted in (
        (Filters(team="identity"), {"team": "identity"}),
        (Filters(assignee=desk.ana.pk), {"assignee": desk.ana}),
        (Filters(unassigned=True, priority="high"), {"assignee": None, "priority": "high"}),
        (Filters(status="on_hold"), {"status": "on_hold"}),
        (Filters(late_at=after(minutes=20)), {"due_at__lt": after(minutes=20)}),
    ):
        rows = Ticket.objects.exclude(status="closed").filter(**wanted).order_by("due_at", "pk")
        assert pages(queries.open_tickets, desk.ana, filters, 7) == [row.pk for row in rows]


@pytest.mark.parametrize(
    "key", ["", "x", "_", "2026-03-02_", "2026-03-02_1", "2026-03-02T10:00:00+00:00_" + "9" * 30, "_1", "\x00_1",
            "9999-12-31T23:59:59-23:59_1", "0001-01-01T00:00:00+23:59_1", "2026-03-02T10:00:00+00:00_-1"],
)  # fmt: skip
def test_any_key_is_read_without_an_error(desk: Desk, key: str) -> None:
    d.new_ticket()
    assert queries.open_tickets(desk.ana, Filters(), key).next_key == ""
    assert queries.settled_tickets(desk.ana, Filters(), key).next_key == ""


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


def test_notes_are_not_for_the_requester(desk: Desk) -> None:
    from forthwith.people.permits import Actor

    number = d.new_ticket()
    acts.note(number, by=Actor.of(desk.ana), now=after(1), text="between us")
    ticket = d.row(number)
    assert [m.kind for m in queries.conversation(ticket, with_notes=False)] == ["public"]
    assert [m.kind for m in queries.conversation(ticket, with_notes=True)] == ["public", "internal"]


@pytest.mark.broken_record
def test_the_number_of_statements_does_not_grow(desk: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fill(desk, 300, closed=0.2)
    with django_assert_num_queries(1):
        page = queries.open_tickets(desk.ana, Filters())
        assert len({str(t.assignee) + str(t.requester) + str(t.requester.organisation) for t in page.tickets}) > 1
    assert len(page.tickets) == 50
    with django_assert_num_queries(2):
        assert len(queries.waiting_for(desk.adam)) == queries.MOST_WAITING


def plan(found: QuerySet[Any]) -> str:
    """How PostgreSQL would find these rows."""
    return found.explain()


@pytest.mark.postgresql
@pytest.mark.broken_record
def test_the_plan_uses_the_indexes_that_were_made_for_it(desk: Desk) -> None:
    fill(desk, 6000)
    rare = Ticket.objects.filter(pk__in=Ticket.objects.exclude(status="closed").values("pk")[:9])
    rare.update(assignee=desk.sam, team="network_team")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    later = after(minutes=3)
    unresolved = Ticket.objects.filter(status__in=queries.UNRESOLVED).order_by("due_at", "pk")
    assert "ticket_due" in plan(unresolved[:51])
    paged = queries.keyed(unresolved, (later, 10))[:51]
    assert "ticket_due" in plan(paged)
    assert "Seq Scan" not in plan(paged)
    assert "ticket_assignee_due" in plan(unresolved.filter(assignee=desk.sam)[:51])
    assert "ticket_team_due" in plan(unresolved.filter(team="network_team")[:51])
    due = Ticket.objects.filter(alarm_at__lte=d.MONDAY - timedelta(1), alarm_error="").order_by("alarm_at")
    assert "ticket_alarm" in plan(due[:1])
    assert "ticket_settled" in plan(
        Ticket.objects.filter(status__in=["resolved", "closed"]).order_by("-changed_at", "-pk")[:51]
    )
    alike = Ticket.objects.filter(category="other", priority="low", resolved_at__isnull=False)
    assert "ticket_alike" in plan(alike.order_by("-resolved_at")[:200])
    assert alarms.next_instant() == d.MONDAY
    assert deliver.waits_until(d.MONDAY) is None


@pytest.mark.postgresql
def test_the_plan_of_the_outbox_uses_its_index(desk: Desk) -> None:
    from forthwith.outbox.models import Outgoing

    for i in range(3000):
        Outgoing.objects.bulk_create(
            [
                Outgoing(purpose="acknowledgement", address=f"a{i}@x.example", subject="s", text="t", mail_id=f"{i}@x",
                         queued_at=d.MONDAY, next_at=after(seconds=i), state="queued" if i % 10 == 0 else "sent")
            ]
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    due = Outgoing.objects.filter(state="queued", leased_until=None, next_at__lte=after(seconds=100))
    assert "outgoing_queued" in plan(due.order_by("next_at", "pk")[:10])
    recent = Outgoing.objects.filter(purpose="acknowledgement", address="a7@x.example", queued_at__gt=after(-1))
    assert "outgoing_acknowledged" in plan(recent[:10])
