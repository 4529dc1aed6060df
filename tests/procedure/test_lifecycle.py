"""The lifecycle's table is the only way from one status to another (SOP 7, R1 to R3)."""

from __future__ import annotations

import itertools

import pytest

from forthwith.procedure import facts as f
from forthwith.procedure import lifecycle as lc

ROLES = (lc.SYSTEM, *lc.ROLES)
PLACES = (None, *lc.STATUSES)
EVERYTHING = list(itertools.product(f.KINDS.values(), PLACES, ROLES))


def listed(kind: type[f.Fact], status: str | None, role: str) -> list[lc.Act]:
    return [
        act
        for act in lc.ACTS
        if act.fact is kind and role in act.who and (status in act.froms if status else not act.froms)
    ]


@pytest.mark.sop("R1", "R2", "R3")
def test_what_the_table_lists_is_allowed_and_nothing_else() -> None:
    for kind, status, role in EVERYTHING:
        lines = listed(kind, status, role)
        if lines:
            assert lc.permit(kind, status, role) is lines[0]
            continue
        with pytest.raises(lc.NotAllowed, match=r"^'.+' is .+\.$"):
            lc.permit(kind, status, role)


def test_two_lines_for_the_same_act_agree_on_where_it_leads() -> None:
    for kind, status, role in EVERYTHING:
        assert len({act.to for act in listed(kind, status, role)}) <= 1, (kind, status, role)


def test_where_an_act_leads_does_not_depend_on_who_does_it() -> None:
    for kind, status in itertools.product(f.KINDS.values(), PLACES):
        assert len({act.to for role in ROLES for act in listed(kind, status, role)}) <= 1


def test_every_kind_of_fact_has_its_place_in_the_table() -> None:
    assert {act.fact for act in lc.ACTS} == set(f.KINDS.values())


def test_an_auditor_changes_nothing() -> None:
    assert not [act for act in lc.ACTS if lc.AUDITOR in act.who]
    assert all(lc.allowed(status, lc.AUDITOR) == () for status in lc.STATUSES)


@pytest.mark.sop("7.2")
def test_only_a_resolved_ticket_is_closed_and_only_a_closed_or_resolved_one_reopened() -> None:
    closing = {status for act in lc.ACTS if act.to == lc.CLOSED for status in act.froms}
    reopening = {status for act in lc.ACTS if act.fact is f.Reopened for status in act.froms}
    assert closing == {lc.RESOLVED}
    assert reopening == {lc.RESOLVED, lc.CLOSED}


def test_nothing_but_reopening_and_merging_leads_out_of_resolved_and_closed() -> None:
    out = {
        act.fact
        for act in lc.ACTS
        for status in act.froms
        if status in (lc.RESOLVED, lc.CLOSED) and act.to not in (None, status)
    }
    assert out == {f.Reopened, f.Closed, f.MergedInto}


@pytest.mark.sop("6.1")
def test_a_merged_ticket_leaves_that_only_by_undoing_the_merge() -> None:
    moving = {act.fact for act in lc.ACTS if lc.MERGED in act.froms and act.to is not None}
    assert moving == {f.Unmerged}
    # A timer that ran when it was merged has to end somewhere.
    meanwhile = {f.SentAgain, f.Linked, f.Unlinked, f.TimeSpent}
    assert {act.fact for act in lc.allowed(lc.MERGED, lc.AGENT)} == {*meanwhile, f.Unmerged}


@pytest.mark.sop("7.1")
def test_only_the_requester_rates() -> None:
    with pytest.raises(lc.NotAllowed, match=r"is for: Requester\. You are: Support agent"):
        lc.permit(f.Rated, lc.RESOLVED, lc.AGENT)


def test_a_refusal_says_what_stands_in_the_way() -> None:
    with pytest.raises(lc.NotAllowed, match="'Resolve' is not possible while the ticket is 'Closed'"):
        lc.permit(f.Resolved, lc.CLOSED, lc.AGENT)
    with pytest.raises(lc.NotAllowed, match="'Resolve' is not possible: the ticket is not there yet"):
        lc.permit(f.Resolved, None, lc.AGENT)


@pytest.mark.sop("5.1")
def test_a_refusal_names_everybody_who_may() -> None:
    with pytest.raises(lc.NotAllowed, match="is for: system, Support agent, Specialist, Team leader, Adm"):
        lc.permit(f.Escalated, lc.OPEN, lc.REQUESTER)


def test_the_buttons_are_what_a_role_may_do_now_in_the_tables_order() -> None:
    for status, role in itertools.product(lc.STATUSES, lc.ROLES):
        acts = lc.allowed(status, role)
        assert all(lc.permit(act.fact, status, role) for act in acts)
        assert [act for act in lc.ACTS if act in acts] == list(acts)
    labels = [act.button for act in lc.allowed(lc.RESOLVED, lc.AGENT)]
    assert "Close" in labels
    assert "Resolve" not in labels
