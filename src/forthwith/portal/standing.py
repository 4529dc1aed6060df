"""How a request stands, in the requester's words: what is going on, what happens next, and by when (SOP 5.2, 7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from forthwith.procedure import facts as f
from forthwith.procedure import fields
from forthwith.procedure.case import Case
from forthwith.procedure.clocks import running
from forthwith.procedure.lifecycle import CLOSED, MERGED, NEW, ON_HOLD, OPEN, RESOLVED, UNRESOLVED, WAITING
from forthwith.procedure.matrix import closes_at, reopens_until
from forthwith.procedure.model import Procedure
from forthwith.ui.said import spoken

_NEWS = ("first_response", "next_reply", "next_update")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence about what comes next, with the instant it names, if it names one."""

    says: str
    at: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the top of the page says. `turn` is `ours`, `yours` or `over`."""

    title: str
    says: str
    turn: str
    lines: tuple[Line, ...]


def standing(case: Case, facts: list[f.Fact], procedure: Procedure, now: datetime, title: str) -> Standing:
    """How a case stands for its requester, below what its status is called: public matters only, no note, no team."""
    says, turn = "", "ours"
    if case.status == NEW:
        says = _("Somebody reads it and writes to you. You do not need to do anything until then.")
    elif case.status == OPEN:
        says = _("You do not need to do anything. If you know more, tell us below.")
    elif case.status == WAITING:
        says, turn = _("We need your answer to go on. Write it below."), "yours"
    elif case.status == ON_HOLD:
        says = _("We need something from somebody else first. You do not need to do anything.")
    elif case.status == RESOLVED:
        says, turn = _("We believe that it is solved. Is it?"), "yours"
    elif case.status == CLOSED:
        says, turn = _("If it comes back, just write to us below."), "over"
    elif case.status == MERGED:
        says = _("We answer both at once, and our answers come to you by mail. What you write below reaches us too.")
    return Standing(title, says, turn, tuple(_lines(case, facts, procedure, now)))


def _lines(case: Case, facts: list[f.Fact], procedure: Procedure, now: datetime) -> list[Line]:
    if case.status == RESOLVED:
        return _dated(_("We close it if we do not hear from you by:"), closes_at(case, procedure))
    if case.status == CLOSED:
        until = reopens_until(case, procedure)
        if until is not None and now >= until:
            return [Line(_("It has been closed for a while, so your message starts a new request."))]
        return _dated(_("Your message opens it again until:"), until)
    if case.status == ON_HOLD:
        return _dated(_("We expect to go on by:"), case.wait_until)
    if case.status in (WAITING, MERGED):
        # An estimate given before counts for nothing as long as work waits for the answer.
        return []
    return [*_news(case, procedure, now), *_estimate(facts, now)]


def _dated(says: str, at: datetime | None) -> list[Line]:
    return [Line(says, at)] if at is not None else []


def _news(case: Case, procedure: Procedure, now: datetime) -> list[Line]:
    """By when the desk writes next: the earliest of what it has promised and of what the procedure asks."""
    due = [clock.due_at for clock in running(case, procedure) if clock.name in _NEWS]
    instants = [at for at in (*due, case.promised_update) if at is not None]
    if not instants:
        return []
    at = min(instants)
    if at <= now:
        return [Line(_("We are late, and we are sorry. You should have heard from us by:"), at, late=True)]
    first = case.first_response_at is None
    return [Line(_("You get an answer from us by:") if first else _("You get news from us by:"), at)]


def _estimate(facts: list[f.Fact], now: datetime) -> list[Line]:
    """When the requester was told of an escalation, the estimate given then, while it lies ahead (SOP 5.2).

    What was told before a reopening was of work that has ended.
    """
    told = next((fact for fact in reversed(facts) if isinstance(fact, (f.RequesterTold, f.Reopened))), None)
    if not isinstance(told, f.RequesterTold):
        return []
    lines = [Line(_("It takes longer than it should, so more of us are working on it."))]
    if told.resolution_estimate is not None and told.resolution_estimate > now:
        lines += [Line(_("We expect to have solved it by (an estimate):"), told.resolution_estimate)]
    return lines


def own_fields(case: Case, procedure: Procedure) -> list[tuple[str, str]]:
    """The names and values of the desk's own fields that the procedure shows to requesters, and that are filled in."""
    named = ((key, procedure.fields.get(key), value) for key, value in case.fields.items())
    language = get_language() or ""
    return [
        (procedure.named("fields", key, language), spoken(fields.said(field, value)))
        for key, field, value in named
        if field is not None and field.shown_to_requester
    ]


def is_open(case: Case) -> bool:
    """Whether work on it is not finished."""
    return case.status in UNRESOLVED
