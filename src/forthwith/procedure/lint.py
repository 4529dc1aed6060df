"""What a procedure says that can hardly be meant: holes, contradictions, things without effect.

An error keeps a procedure from being read (`document.read`); what is found here is a warning, because a desk
may have its reasons. `check` gives both for a text, with lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from forthwith.procedure.clocks import NAMES
from forthwith.procedure.desk import Desk
from forthwith.procedure.desk_lint import lint_desk
from forthwith.procedure.document import Problem, ProcedureError, read_source
from forthwith.procedure.findings import Finding
from forthwith.procedure.levels_lint import lint_levels
from forthwith.procedure.model import TARGETS, Procedure, Target
from forthwith.procedure.moments import format_percent
from forthwith.procedure.references import references
from forthwith.procedure.rungs import lint_escalation
from forthwith.procedure.said import say
from forthwith.procedure.spoken import lint_wording
from forthwith.procedure.statuses_lint import lint_statuses
from forthwith.procedure.yaml_text import Source, dotted

_EXPECTED = ("first_response", "resolution")


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a text (`errors`: it is no procedure) and what is doubtful in it (`warnings`).

    `here` is what no text is at fault for: what this desk can hardly keep of it.
    """

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    here: tuple[Problem, ...] = ()
    procedure: Procedure | None = field(default=None, compare=False, repr=False)
    """What the text says, where it is a procedure."""

    @property
    def ok(self) -> bool:
        """Whether the text is a procedure that can be installed."""
        return not self.errors

    def lines(self) -> list[str]:
        """One line a problem, errors first: `line 41: escalation.3.move_to: 'network_tem' is no team`."""
        return [
            *map(str, self.errors),
            *(str(warning).replace(": ", ": warning: ", 1) for warning in self.warnings),
            *(str(found).replace(": ", ": at this desk: ", 1) for found in self.here),
        ]


def check(text: str, desk: Desk | None = None) -> Report:
    """Everything that is wrong with, or doubtful in, a procedure's text; and at a desk, if one is given."""
    try:
        procedure, source = read_source(text)
    except ProcedureError as error:
        return Report(errors=tuple(error.problems))
    here = _problems(lint_desk(procedure, desk), source) if desk else ()
    return Report(warnings=_problems(lint(procedure), source), here=here, procedure=procedure)


def _problems(findings: Iterable[Finding], source: Source) -> tuple[Problem, ...]:
    """The findings with their lines, in the order of these."""
    found = (Problem(dotted(f.path), source.line(f.path), "", f.message, f.suggestion) for f in findings)
    return tuple(sorted(found, key=lambda problem: problem.line))


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
        lint_levels(procedure),
        _exemptions(procedure),
        _fields(procedure),
        _suggestions(procedure),
        lint_wording(procedure),
        lint_statuses(procedure),
        lint_escalation(procedure),
    )
    return [finding for rule in rules for finding in rule]


def _unused_calendars(p: Procedure) -> Iterator[Finding]:
    used = {reference.name for reference in references(p) if reference.kind == "calendar"}
    for key in p.calendars:
        if key not in used:
            said = say("is used by no target, channel or team; remove it, or name it there")
            yield Finding(("calendars", key), said)


def _slow_machines(p: Procedure) -> Iterator[Finding]:
    for key, channel in p.channels.items():
        if channel.watch.by == "machine" and channel.acknowledgement != "automatic":
            message = say("is manual on a channel that a machine watches: nobody is there to do it (SOP 2.2)")
            yield Finding(("channels", key, "acknowledgement"), message, "automatic")


def _ownerless(p: Procedure) -> Iterator[Finding]:
    for path, category in p.category_paths.items():
        above = path.rpartition(".")[0]
        if category.team is None and (not above or p.category_paths[above].team):
            where = ("categories", *path.replace(".", ".children.").split("."))
            said = say(
                "has no team, neither its own nor its parent's; '%(team)s' gets its tickets", team=p.assignment.team
            )
            yield Finding(where, said)


def _unreached_priorities(p: Procedure) -> Iterator[Finding]:
    reached = {priority for row in p.matrix.values() for priority in row.values()}
    for key in p.priorities:
        if key not in reached:
            yield Finding(("priorities", key), say("is given by no cell of the matrix, so no ticket ever has it"))


def _missing_targets(p: Procedure) -> Iterator[Finding]:
    """A clock that nothing in the document uses may be left out; one that is used should run for all."""
    escalated = {rung.clock for rung in p.escalation}
    for clock in TARGETS:
        used = clock in _EXPECTED or clock in escalated or any(q.target(clock) for q in p.priorities.values())
        for key, priority in p.priorities.items():
            if used and priority.target(clock) is None:
                said = say(
                    "has no target for the %(clock)s: that clock never runs for it, and nothing escalates",
                    clock=NAMES[clock],
                )
                yield Finding(("priorities", key), said)


def _late_first_response(p: Procedure) -> Iterator[Finding]:
    for key, priority in p.priorities.items():
        first = priority.first_response
        for clock in ("next_update", "resolution"):
            other = priority.target(clock)
            if first and other and _longer(first, other):
                message = say(
                    "gives the first response %(first)s, longer than the %(other)s for the %(clock)s",
                    first=first.said,
                    other=other.said,
                    clock=NAMES[clock],
                )
                yield Finding(("priorities", key, "first_response"), message)


def _longer(one: Target, other: Target) -> bool:
    """Whether a target is longer than another that counts in the same calendar; a time of day has no length."""
    if one.calendar != other.calendar or one.target is None or other.target is None:
        return False
    return one.target > other.target


def _exemptions(p: Procedure) -> Iterator[Finding]:
    for i, exemption in enumerate(p.exemptions):
        filters = (exemption.categories, exemption.channels, exemption.received_outside)
        if not any(filters):
            said = say("is for every ticket: none of its clocks ever runs. Leave the targets out instead")
            yield Finding(("exemptions", i), said)
        elif exemption.received_outside == "always":
            yield Finding(("exemptions", i, "received_outside"), say("fits no ticket: 'always' is never closed"))


def _rank_against_target(p: Procedure) -> Iterator[Finding]:
    """Compared with the nearest lower priority that counts in the same calendar."""
    for clock in TARGETS:
        ranked = [(key, target) for key, q in p.priorities.items() if (target := q.target(clock))]
        for i, (key, target) in enumerate(ranked):
            lower = next(((k, t) for k, t in ranked[i + 1 :] if t.calendar == target.calendar), None)
            if lower and _longer(target, lower[1]):
                message = say(
                    "takes %(target)s, longer than the %(other)s of '%(lower)s', which ranks lower",
                    target=target.said,
                    other=lower[1].said,
                    lower=lower[0],
                )
                yield Finding(("priorities", key, clock), message)


def _fields(p: Procedure) -> Iterator[Finding]:
    names: dict[str, str] = {}
    for key, own in p.fields.items():
        if other := names.get(own.name.casefold()):
            said = say("is the name of '%(other)s' too: nobody can tell them apart", other=other)
            yield Finding(("fields", key, "name"), said)
        names.setdefault(own.name.casefold(), key)
        called = [name.casefold() for name in own.choices.values()]
        if len(set(called)) < len(called):
            yield Finding(("fields", key, "choices"), say("calls two choices the same: nobody can tell them apart"))
        for i, path in enumerate(own.categories):
            if any(path.startswith(f"{other}.") for other in own.categories):
                message = say("adds nothing: '%(path)s' is below a category that the field is for already", path=path)
                yield Finding(("fields", key, "categories", i), message)


def _suggestions(p: Procedure) -> Iterator[Finding]:
    said = p.suggestions
    if said.most_tickets < said.minimum_tickets:
        message = say(
            "reads %(most)d tickets, fewer than the %(fewest)d that have to be there: so nothing is ever learnt",
            most=said.most_tickets,
            fewest=said.minimum_tickets,
        )
        yield Finding(("suggestions", "most_tickets"), message)
    elif said.most_tickets < 2 * said.minimum_each:
        message = say(
            "asks for more than half of the %(most)d tickets that are read: so nothing is ever learnt",
            most=said.most_tickets,
        )
        yield Finding(("suggestions", "minimum_each"), message)
    if said.decide_from < said.suggest_from:
        share = format_percent(said.suggest_from)
        message = say("has no effect below the %(share)s from which anything is suggested", share=share)
        yield Finding(("suggestions", "decide_from"), message)
    if said.learn_outside and p.calendar(said.learn_outside).timetable is None:
        message = say("never closes: by time nothing is ever learnt; leave it out to learn at any hour")
        yield Finding(("suggestions", "learn_outside"), message)
