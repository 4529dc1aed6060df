"""What a procedure says that can hardly be meant: holes, contradictions, things without effect.

An error keeps a procedure from being read (`document.read`); what is found here is a warning, because a desk
may have its reasons. `check` gives both for a text, with lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from forthwith.procedure.clocks import NAMES
from forthwith.procedure.document import Problem, ProcedureError, read_source
from forthwith.procedure.findings import Finding
from forthwith.procedure.levels import ServiceLevel
from forthwith.procedure.model import TARGETS, Procedure, Target
from forthwith.procedure.moments import format_percent
from forthwith.procedure.part import below
from forthwith.procedure.references import references
from forthwith.procedure.rungs import lint_escalation
from forthwith.procedure.spoken import lint_wording
from forthwith.procedure.yaml_text import dotted

_EXPECTED = ("first_response", "resolution")


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a text (`errors`: it is no procedure) and what is doubtful in it (`warnings`)."""

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the text is a procedure that can be installed."""
        return not self.errors

    def lines(self) -> list[str]:
        """One line a problem, errors first: `line 41: escalation.3.move_to: 'network_tem' is no team`."""
        return [
            *map(str, self.errors),
            *(str(warning).replace(": ", ": warning: ", 1) for warning in self.warnings),
        ]


def check(text: str) -> Report:
    """Everything that is wrong with, or doubtful in, a procedure's text."""
    try:
        procedure, source = read_source(text)
    except ProcedureError as error:
        return Report(errors=tuple(error.problems))
    found = (Problem(dotted(f.path), source.line(f.path), "", f.message, f.suggestion) for f in lint(procedure))
    return Report(warnings=tuple(sorted(found, key=lambda problem: problem.line)))


def lint(procedure: Procedure) -> list[Finding]:
    """What in a procedure can hardly be meant, each with its path; nothing for a sound one."""
    rules: tuple[Iterable[Finding], ...] = (
        _unused_calendars(procedure),
        _slow_machines(procedure),
        _ownerless(procedure),
        _unreached_priorities(procedure),
        _missing_targets(procedure),
        _late_first_response(procedure),
        _rank_against_target(procedure),
        _levels(procedure),
        _exemptions(procedure),
        _fields(procedure),
        _suggestions(procedure),
        lint_wording(procedure),
        lint_escalation(procedure),
    )
    return [finding for rule in rules for finding in rule]


def _unused_calendars(p: Procedure) -> Iterator[Finding]:
    used = {reference.name for reference in references(p) if reference.kind == "calendar"}
    for key in p.calendars:
        if key not in used:
            yield Finding(("calendars", key), "is used by no target, channel or team; remove it, or name it there")


def _slow_machines(p: Procedure) -> Iterator[Finding]:
    for key, channel in p.channels.items():
        if channel.watch.by == "machine" and channel.acknowledgement != "automatic":
            message = "is manual on a channel that a machine watches: nobody is there to do it (SOP 2.2)"
            yield Finding(("channels", key, "acknowledgement"), message, "automatic")


def _ownerless(p: Procedure) -> Iterator[Finding]:
    for path, category in p.category_paths.items():
        above = path.rpartition(".")[0]
        if category.team is None and (not above or p.category_paths[above].team):
            where = ("categories", *path.replace(".", ".children.").split("."))
            yield Finding(
                where,
                f"has no team, neither its own nor its parent's; {p.assignment.team!r} gets its tickets",
            )


def _unreached_priorities(p: Procedure) -> Iterator[Finding]:
    reached = {priority for row in p.matrix.values() for priority in row.values()}
    for key in p.priorities:
        if key not in reached:
            yield Finding(("priorities", key), "is given by no cell of the matrix, so no ticket ever has it")


def _missing_targets(p: Procedure) -> Iterator[Finding]:
    """A clock that nothing in the document uses may be left out; one that is used should run for all."""
    escalated = {rung.clock for rung in p.escalation}
    for clock in TARGETS:
        used = clock in _EXPECTED or clock in escalated or any(q.target(clock) for q in p.priorities.values())
        for key, priority in p.priorities.items():
            if used and priority.target(clock) is None:
                message = f"has no target for {_said(clock)}: that clock never runs for it, and nothing escalates"
                yield Finding(("priorities", key), message)


def _late_first_response(p: Procedure) -> Iterator[Finding]:
    for key, priority in p.priorities.items():
        first = priority.first_response
        for clock in ("next_update", "resolution"):
            other = priority.target(clock)
            if first and other and _longer(first, other):
                message = f"gives the first response {first.said}, longer than the {other.said} for {_said(clock)}"
                yield Finding(("priorities", key, "first_response"), message)


def _longer(one: Target, other: Target) -> bool:
    """Whether a target is longer than another that counts in the same calendar; a time of day has no length."""
    if one.calendar != other.calendar or one.target is None or other.target is None:
        return False
    return one.target > other.target


def _levels(p: Procedure) -> Iterator[Finding]:
    """A level after one that fits all that it fits is never reached; one that changes nothing only hides later ones."""
    before: list[tuple[str, ServiceLevel]] = []
    for key, level in p.service_levels.items():
        wider = next((other for other, one in before if _covers(one, level)), None)
        if wider:
            message = f"is never reached: {wider!r} comes before it and fits all that it fits; put it first"
            yield Finding(("service_levels", key), message)
        if level.calendar is None and not any(one.model_dump(exclude_defaults=True) for one in level.targets.values()):
            message = "changes nothing: it has neither targets nor a calendar, and keeps later levels from its tickets"
            yield Finding(("service_levels", key), message)
        before.append((key, level))


def _covers(wide: ServiceLevel, narrow: ServiceLevel) -> bool:
    """Whether whatever fits the narrow one fits the wide one too."""
    if wide.vip and not narrow.vip:
        return False
    pairs = ((getattr(wide, name), getattr(narrow, name)) for name in ("organisations", "contracts", "channels"))
    if any(asked and not (own and set(own) <= set(asked)) for asked, own in pairs):
        return False
    all_below = all(below(path, wide.categories) for path in narrow.categories)
    return not wide.categories or (bool(narrow.categories) and all_below)


def _exemptions(p: Procedure) -> Iterator[Finding]:
    for i, exemption in enumerate(p.exemptions):
        filters = (exemption.categories, exemption.channels, exemption.received_outside)
        if not any(filters):
            said = "is for every ticket: none of its clocks ever runs. Leave the targets out instead"
            yield Finding(("exemptions", i), said)
        elif exemption.received_outside == "always":
            yield Finding(("exemptions", i, "received_outside"), "fits no ticket: 'always' is never closed")


def _rank_against_target(p: Procedure) -> Iterator[Finding]:
    """Compared with the nearest lower priority that counts in the same calendar."""
    for clock in TARGETS:
        ranked = [(key, target) for key, q in p.priorities.items() if (target := q.target(clock))]
        for i, (key, target) in enumerate(ranked):
            lower = next(((k, t) for k, t in ranked[i + 1 :] if t.calendar == target.calendar), None)
            if lower and _longer(target, lower[1]):
                message = f"takes {target.said}, longer than the {lower[1].said} of {lower[0]!r}, which ranks lower"
                yield Finding(("priorities", key, clock), message)


def _fields(p: Procedure) -> Iterator[Finding]:
    names: dict[str, str] = {}
    for key, field in p.fields.items():
        if other := names.get(field.name.casefold()):
            yield Finding(("fields", key, "name"), f"is the name of {other!r} too: nobody can tell them apart")
        names.setdefault(field.name.casefold(), key)
        called = [name.casefold() for name in field.choices.values()]
        if len(set(called)) < len(called):
            yield Finding(("fields", key, "choices"), "calls two choices the same: nobody can tell them apart")
        for i, path in enumerate(field.categories):
            if any(path.startswith(f"{other}.") for other in field.categories):
                message = f"adds nothing: {path!r} is below a category that the field is for already"
                yield Finding(("fields", key, "categories", i), message)


def _suggestions(p: Procedure) -> Iterator[Finding]:
    said, never = p.suggestions, "so nothing is ever learnt"
    if said.most_tickets < said.minimum_tickets:
        message = (
            f"reads {said.most_tickets} tickets, fewer than the {said.minimum_tickets} that have to be there: {never}"
        )
        yield Finding(("suggestions", "most_tickets"), message)
    elif said.most_tickets < 2 * said.minimum_each:
        message = f"asks for more than half of the {said.most_tickets} tickets that are read: {never}"
        yield Finding(("suggestions", "minimum_each"), message)
    if said.decide_from < said.suggest_from:
        message = f"has no effect below the {format_percent(said.suggest_from)} from which anything is suggested"
        yield Finding(("suggestions", "decide_from"), message)
    if said.learn_outside and p.calendar(said.learn_outside).timetable is None:
        message = "never closes: by time nothing is ever learnt; leave it out to learn at any hour"
        yield Finding(("suggestions", "learn_outside"), message)


def _said(clock: str) -> str:
    return f"the {NAMES[clock]}"
