"""Tags, fields of a desk's own, and time worked: what may be said, how it is kept, and what it adds up to (SOP 6.1)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forthwith.procedure import document, fields, tags
from forthwith.procedure import facts as f
from forthwith.procedure.fields import OwnField
from forthwith.procedure.lint import check
from tests.procedure.tickets import AGENT, LEADER, Ticket, variant

SITE = OwnField(name="Site", kind="choice", choices={"berlin": "Berlin", "porto": "Porto"})
NUMBER, DAY, TEXT, ASKED = (OwnField(name="X", kind=kind) for kind in ("number", "date", "text", "yes_no"))  # type: ignore[arg-type]
OWN = {
    "cost_centre": {"name": "Cost centre", "kind": "number", "categories": ["hardware"], "needed_for": "resolve"},
    "asset": {"name": "Asset"},
}


@pytest.mark.parametrize(
    ("typed", "fit"),
    [("vpn", True), ("  #VPN ", True), ("v.p_n-2", True), ("Über", True), ("e\u0301te\u0301", True), ("x" * 40, True),
     ("x" * 41, False), ("", False), ("a b", False), ("-a", False), ("a-", False), ("a/b", False), ("a,b", False),
     ("<b>", False), ("a\x00", False)],
)  # fmt: skip
def test_what_can_be_a_tag(typed: str, fit: bool) -> None:
    assert tags.fits(tags.normal(typed)) == fit


@given(st.text(max_size=60))
@example("İ")
@example("ẞ#")
def test_what_was_made_normal_stays_as_it_is(typed: str) -> None:
    tag = tags.normal(typed)
    if tags.fits(tag):
        assert tags.normal(tag) == tag
        assert tags.several(f" {tag}, {tag};{tag} ") == [tag]


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [(NUMBER, " 1 200,50 ", "1200.5"), (NUMBER, "007", "7"), (NUMBER, "-0.0", "0"), (NUMBER, "1e3", "1000"),
     (NUMBER, "1.23456", None), (NUMBER, "1" * 13, None), (NUMBER, "NaN", None), (NUMBER, "٣", None),
     (NUMBER, "4711 EUR", None), (NUMBER, "1,200", None), (NUMBER, "1.125", "1.125"),
     (NUMBER, "1 200,125", "1200.125"), (NUMBER, "1.2000", "1.2"),
     (DAY, "2026-02-28", "2026-02-28"), (DAY, "2026-02-30", None), (DAY, "20260228", None),
     (DAY, "0001-01-01", None), (SITE, "porto", "porto"), (SITE, "PORTO", "porto"), (SITE, "Rome", None),
     (ASKED, "Yes", "yes"), (ASKED, "perhaps", None), (TEXT, " a  b ", "a b"), (TEXT, "x" * 201, None),
     (TEXT, "  ", ""), (NUMBER, "", ""), (SITE, "", "")],
)  # fmt: skip
def test_a_value_is_kept_in_one_form(field: OwnField, typed: str, kept: str | None) -> None:
    assert fields.read(field, typed) == kept
    if kept:
        assert fields.read(field, kept) == kept


@given(st.lists(st.decimals(-(10**11), 10**11, places=4), min_size=2))
def test_numbers_are_filed_in_their_order(numbers: list[Decimal]) -> None:
    kept = [fields.read(NUMBER, str(number)) or "" for number in numbers]
    filed = sorted(kept, key=lambda value: fields.key_of(NUMBER, value))
    assert [Decimal(value) for value in filed] == sorted(numbers)
    assert len({len(fields.key_of(NUMBER, value)) for value in kept}) == 1


@pytest.mark.sop("6.1")
def test_a_merged_ticket_brings_its_tags_and_takes_them_back() -> None:
    ticket = Ticket("mon 09:00").add(f.Tagged, "mon 09:01", tag="vpn")
    ticket.add(f.MergedFrom, "mon 09:02", ticket=13, tags=("vpn", "erp", "wi-fi"))
    ticket.add(f.MergedFrom, "mon 09:03", ticket=14, tags=("erp",))
    ticket.add(f.Untagged, "mon 09:04", tag="wi-fi")
    assert ticket.case.tags == ("erp", "vpn")
    ticket.add(f.MergeUndone, "mon 09:05", ticket=13)
    assert ticket.case.tags == ("erp", "vpn"), "one has its own, the other brought it too"
    assert ticket.add(f.MergeUndone, "mon 09:06", ticket=14).case.tags == ("vpn",)


@pytest.mark.sop("6.1")
def test_time_is_told_by_person() -> None:
    ticket = Ticket("mon 09:00").add(f.Noted, "mon 09:10", by=AGENT, minutes=5)
    ticket.add(f.TimeSpent, "mon 09:20", by=LEADER, minutes=7).add(f.Replied, "mon 09:30", by=AGENT, minutes=8)
    assert (ticket.case.worked, ticket.case.minutes) == ({AGENT: 13, LEADER: 7}, 20)


@pytest.mark.sop("6.1")
def test_a_resolution_without_a_needed_field_is_not_documented() -> None:
    procedure = variant(fields=OWN)
    ticket = Ticket("mon 09:00", procedure=procedure).add(f.Replied, "mon 09:10").add(f.Resolved, "mon 09:20")
    verdict = ticket.judge("6.1", "mon 10:00")
    assert (verdict.outcome, "Cost centre" in verdict.why, "Asset" in verdict.why) == ("missing", True, False)
    ticket.add(f.FieldSet, "mon 09:30", field="cost_centre", value="4711")
    assert ticket.judge("6.1", "mon 10:00").outcome == "met"
    ticket.add(f.FieldSet, "mon 09:40", field="cost_centre", value="")
    assert ticket.judge("6.1", "mon 10:00").outcome == "missing"
    elsewhere = Ticket("mon 09:00", procedure=procedure).add(f.Resolved, "mon 09:20", category="network")
    assert elsewhere.judge("6.1", "mon 10:00").outcome == "met", "it is no field of that category"


def test_a_ticket_shows_the_fields_of_its_category_and_what_was_recorded_besides() -> None:
    procedure = variant(fields=OWN)
    shown = dict(fields.fields_of(procedure, "network.vpn", {"gone": "1"}))
    assert (list(shown), shown["gone"]) == (["asset", "gone"], None)
    assert list(dict(fields.fields_of(procedure, "hardware.printer", {}))) == ["cost_centre", "asset"]
    assert fields.said(None, "4711") == "4711"
    assert fields.said(SITE, "rome") == "rome", "a choice that the procedure no longer has"


def text_with(own: str) -> str:
    return document.standard_text().replace("\ntimekeeping:", f"\nfields:\n{own}\ntimekeeping:", 1)


@pytest.mark.parametrize(
    ("own", "said"),
    [("  site: {name: Site, kind: choice}", "a choice needs `choices`"),
     ("  site: {name: Site, choices: {a: A}}", "`choices` are for the kind `choice`"),
     ("  site: {name: Site, kind: colour}", "fields.site.kind"),
     ("  site: {name: Site, categories: [hardwear]}", "'hardwear' is no category; did you mean 'hardware'?"),
     ("  site: {kind: text}", "fields.site.name"),
     ("  site: {name: Site, needed_for: lunch}", "fields.site.needed_for")],
)  # fmt: skip
def test_what_is_wrong_with_a_field_is_said_with_its_line(own: str, said: str) -> None:
    report = check(text_with(own))
    assert not report.ok
    line = text_with(own).splitlines().index(own) + 1
    assert any(said in one and one.startswith(f"line {line}:") for one in report.lines()), report.lines()


@pytest.mark.parametrize(
    ("own", "said"),
    [("  a: {name: Site}\n  b: {name: site}", "is the name of 'a' too"),
     ("  a: {name: Site, kind: choice, choices: {x: Here, y: here}}", "calls two choices the same"),
     ("  a: {name: Site, categories: [network, network.vpn]}", "adds nothing")],
)  # fmt: skip
def test_what_can_hardly_be_meant_of_a_field_is_a_warning(own: str, said: str) -> None:
    report = check(text_with(own))
    assert report.ok
    assert any(said in one for one in report.lines()), report.lines()


def test_a_document_from_before_there_were_fields_is_read() -> None:
    text = document.standard_text().replace("timekeeping: {ask_after: 4 h}", "", 1)
    old = document.read(text)
    assert (old.fields, old.timekeeping.ask_after) == ({}, 4 * 3600)
    assert document.read(document.write(variant(fields=OWN))) == variant(fields=OWN)
