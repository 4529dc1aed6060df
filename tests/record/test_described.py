"""Lists narrowed by tags and fields: by an index on either database, never past what is settled, and verified."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import partial

import pytest

from forthwith.people.permits import Actor
from forthwith.procedure import tags
from forthwith.procedure.fields import key_of
from forthwith.record import lists, procedures, queries
from forthwith.record.described import FieldValue, Tag, tags_in_use
from forthwith.record.lists import FieldRange, Filters
from forthwith.record.models import Ticket
from forthwith.steps import acts, describing, document
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, after
from tests.record.test_queries import analyse, fill, pages, whole_reads

COST = "cost_centre"
# What is found by a tag is few: that is sorted. The tables are read as a whole by nobody.
WHOLE = re.compile(r"(Seq Scan on|SCAN) (record_ticket|record_tag|record_fieldvalue|U\d)\b(?! USING INDEX ticket_)")
LED = re.compile(r"(tag|field)_(open|settled|once)")


def describe(chance: random.Random) -> None:
    """Tags and a number on many of the tickets there are, also on settled ones, as the door would write them."""
    field = procedures.current().fields[COST]
    tags, values = [], []
    for number, unresolved in Ticket.objects.values_list("pk", "unresolved"):
        tag = "common" if chance.random() < 0.5 else f"rare-{chance.randrange(300)}"
        tags.append(Tag(ticket_id=number, tag=tag, unresolved=unresolved))
        key = key_of(field, str(chance.randrange(500)))
        values.append(FieldValue(ticket_id=number, field=COST, key=key, unresolved=unresolved))
    Tag.objects.bulk_create(tags, batch_size=2000)
    FieldValue.objects.bulk_create(values, batch_size=2000)


def numbers_from(desk: Desk, first: int, last: int) -> Filters:
    field = procedures.current().fields[COST]
    return Filters(fields=(FieldRange(COST, key_of(field, str(first)), key_of(field, str(last))),))


@pytest.mark.broken_record
def test_tags_and_fields_narrow_page_and_count_alike_by_an_index(desk: Desk) -> None:
    d.install(d.with_fields())
    fill(desk, 3000)
    describe(random.Random(7))
    analyse()
    for filters in (
        Filters(tag="common"),
        Filters(tag="rare-3"),
        Filters(tag="common", team="identity"),
        numbers_from(desk, 17, 17),
        numbers_from(desk, 100, 300),
        Filters(tag="common", fields=numbers_from(desk, 0, 250).fields),
    ):
        wanted = expected(filters)
        found = pages(lists.open_tickets, desk.ana, filters, 40)
        assert (set(found), len(found)) == (wanted, len(wanted))
        counted = lists.counted(desk.ana, {"it": filters})["it"]
        assert counted == (min(len(wanted), lists.MOST_COUNTED), len(wanted) > lists.MOST_COUNTED)
        reads: list[Callable[[], object]] = [
            partial(lists.open_tickets, desk.ana, filters, size=5),
            partial(lists.settled_tickets, desk.ana, filters, size=5),
            partial(lists.counted, desk.ana, {"it": filters}),
        ]
        for read in reads:
            assert whole_reads(read, WHOLE) == []
            # What counts begins with WITH, and is explained by nobody.
            assert whole_reads(read, LED) or read is reads[-1]
    for filters in (Filters(asked_by=desk.rui.email), Filters(vip=True, impact="one"), Filters(changed_to=after(1))):
        assert whole_reads(partial(lists.open_tickets, desk.ana, filters, size=5), WHOLE) == []
    assert tags_in_use()[0] == "common"
    ticket = Ticket.objects.filter(unresolved=True).first()
    assert ticket is not None
    assert whole_reads(lambda: queries.others_of(ticket, desk.ana, 5), WHOLE) == []


def expected(filters: Filters) -> set[int]:
    """The same without any index: all rows, one by one."""
    tags = {(one.ticket_id, one.tag) for one in Tag.objects.all()}
    keys = {(one.ticket_id, one.field): one.key for one in FieldValue.objects.all()}
    return {
        one.pk
        for one in Ticket.objects.filter(unresolved=True)
        if (not filters.tag or (one.pk, filters.tag) in tags)
        and (not filters.team or one.team == filters.team)
        and all(each.first <= keys[one.pk, each.field] <= each.last for each in filters.fields)
    }


@pytest.mark.sop("6.1")
def test_rows_follow_the_facts_also_when_a_ticket_is_settled(desk: Desk) -> None:
    d.install(d.with_fields())
    number, by = d.new_ticket(), Actor.of(desk.ana)
    describing.add_tags(number, by=by, now=after(1), names=["VPN", "berlin"])
    describing.fill_in(number, by=by, now=after(1), values={COST: "4711", "site": "Porto"})
    assert d.row(number).tags == ["berlin", "vpn"]
    assert d.row(number).fields == {COST: "4711", "site": "porto"}
    assert [one.number for one in lists.open_tickets(desk.ana, Filters(tag="vpn")).tickets] == [number]
    desk.resolve(number, after(2))
    assert lists.open_tickets(desk.ana, Filters(tag="vpn")).tickets == []
    assert [one.number for one in lists.settled_tickets(desk.ana, numbers_from(desk, 4711, 4711)).tickets] == [number]
    acts.reopen(number, by=by, now=after(3), why="it is back")
    describing.retag(number, by=by, now=after(3), names=["erp"], gone=["vpn"])
    describing.fill_in(number, by=by, now=after(3), values={"site": ""})
    assert (d.row(number).tags, d.row(number).fields) == (["berlin", "erp"], {COST: "4711"})
    assert lists.open_tickets(desk.ana, Filters(tag="vpn")).tickets == []
    assert document.discrepancies(d.row(number)) == []


@pytest.mark.broken_record
@pytest.mark.sop("6.1")
def test_rows_that_somebody_changed_are_told(desk: Desk) -> None:
    d.install(d.with_fields())
    number, by = d.new_ticket(), Actor.of(desk.ana)
    describing.add_tags(number, by=by, now=after(1), names=["vpn"])
    describing.fill_in(number, by=by, now=after(1), values={"site": "porto"})
    assert document.discrepancies(d.row(number)) == []
    Tag.objects.filter(ticket=number).update(tag="erp")
    FieldValue.objects.filter(ticket=number).update(unresolved=False)
    assert len([one for one in document.discrepancies(d.row(number)) if "The rows of its" in one]) == 2
    Ticket.objects.filter(pk=number).update(tags=[])
    assert any(one.startswith("tags is []") for one in document.discrepancies(d.row(number)))


@pytest.mark.sop("6.1")
def test_what_merges_brought_beyond_the_most_can_be_taken_off_and_put_back(desk: Desk) -> None:
    first, second, by = d.new_ticket(), d.new_ticket(after(0.1)), Actor.of(desk.ana)
    describing.add_tags(first, by=by, now=after(1), names=[f"a{place}" for place in range(3)])
    describing.add_tags(second, by=by, now=after(1), names=[f"b{place}" for place in range(tags.MOST)])
    acts.merge(first, by=by, now=after(2), into=second)
    describing.retag(second, by=by, now=after(3), names=[], gone=["a0"])
    with pytest.raises(acts.Refused, match="at most 20 tags"):
        describing.add_tags(second, by=by, now=after(3), names=["new", "newer"])
    describing.add_tags(second, by=by, now=after(3), names=["a0"])
    describing.remove_tags(second, by=by, now=after(4), names=["a1", "b1"])
    describing.put_tags(second, by=by, now=after(4), names=["a0", "a1", "a2", *(f"b{n}" for n in range(tags.MOST))])
    assert len(d.row(second).tags) == tags.MOST + 3


@pytest.mark.sop("6.1")
def test_a_merge_brings_tags_along_and_undoing_it_takes_them_back(desk: Desk) -> None:
    first, second, by = d.new_ticket(), d.new_ticket(after(0.1)), Actor.of(desk.ana)
    describing.add_tags(first, by=by, now=after(1), names=["vpn", "erp"])
    describing.add_tags(second, by=by, now=after(1), names=["erp"])
    acts.merge(first, by=by, now=after(2), into=second)
    assert d.row(second).tags == ["erp", "vpn"]
    assert [one.number for one in lists.open_tickets(desk.ana, Filters(tag="vpn")).tickets] == [second]
    acts.unmerge(first, by=by, now=after(3))
    assert (d.row(first).tags, d.row(second).tags) == (["erp", "vpn"], ["erp"])
    assert [one.number for one in lists.open_tickets(desk.ana, Filters(tag="vpn")).tickets] == [first]
