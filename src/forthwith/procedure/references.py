"""What a procedure's parts say of one another: names that lead nowhere, clashes, holes in the matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from forthwith.procedure.language import MOMENT
from forthwith.procedure.lifecycle import STATUSES
from forthwith.procedure.said import Said, say
from forthwith.procedure.targets import TARGETS
from forthwith.procedure.wording import IN_REPLIES, TEMPLATES, variables

if TYPE_CHECKING:
    from forthwith.procedure.model import Category, Procedure

Path = tuple[str | int, ...]

_KINDS = {
    "calendar": say("is no calendar"),
    "channel": say("is no channel"),
    "detail": say("is no detail"),
    "team": say("is no team"),
    "destination": say("is no team"),
    "priority": say("is no priority"),
    "category": say("is no category"),
    "impact": say("is no impact"),
    "urgency": say("is no urgency"),
    "field": say("is no field"),
    "language": say("is no language of `wording`"),
    "status": say("is no status"),
    "wording": say("is no message that the desk sends"),
}
_NAMED = {
    "priorities": "priority",
    "categories": "category",
    "teams": "team",
    "details": "detail",
    "fields": "field",
    "statuses": "status",
    "statuses_for_requesters": "status",
}
"""What a language gives names to, and what each of those names."""


class Wrong(NamedTuple):
    """What does not fit the rest of a document: where, what stands there, why, and what may stand there."""

    path: Path
    value: str
    message: Said
    allowed: tuple[str, ...] = ()


class DanglingNames(ValueError):
    """A document whose parts do not fit together: what is `wrong` with it, in the document's order."""

    def __init__(self, wrong: list[Wrong]) -> None:
        self.wrong = wrong
        super().__init__("; ".join(f"{'.'.join(map(str, w.path))}: {w.value!r} {w.message}" for w in wrong))


class Reference(NamedTuple):
    """A name in the document: where it stands, what it should name, and the name."""

    path: Path
    kind: str
    name: str


def dangling(procedure: Procedure) -> Iterator[Wrong]:
    """Each name in the document that names nothing."""
    teams = tuple(procedure.teams)
    named = {
        "calendar": ("always", *procedure.calendars),
        "channel": tuple(procedure.channels),
        "detail": tuple(procedure.details),
        "team": teams,
        "destination": (*teams, "specialists"),
        "priority": tuple(procedure.priorities),
        "category": tuple(procedure.category_paths),
        "impact": tuple(procedure.impacts),
        "urgency": tuple(procedure.urgencies),
        "field": tuple(procedure.fields),
        "language": tuple(procedure.wording),
        "status": tuple(STATUSES),
        "wording": tuple(TEMPLATES),
    }
    for path, kind, name in references(procedure):
        if name not in named[kind]:
            yield Wrong(path, name, _KINDS[kind], named[kind])


def gaps(procedure: Procedure) -> Iterator[Wrong]:
    """Each impact and urgency for which the matrix gives no priority (SOP 3.2)."""
    priorities = tuple(procedure.priorities)
    for impact in procedure.impacts:
        row = procedure.matrix.get(impact)
        if row is None:
            yield Wrong(("matrix", impact), "", say("is missing: every impact needs a row of priorities"), priorities)
            continue
        for urgency in procedure.urgencies:
            if urgency not in row:
                yield Wrong(
                    ("matrix", impact, urgency), "", say("is missing: every urgency needs a priority"), priorities
                )


def clashes(procedure: Procedure) -> Iterator[Wrong]:
    """What is taken: a rung's key or a team's address used twice, and a calendar called `always`."""
    if "always" in procedure.calendars:
        yield Wrong(
            ("calendars", "always"), "always", say("is the name of 24x7, which needs no entry; use another name")
        )
    seen: set[str] = set()
    for i, rung in enumerate(procedure.escalation):
        if rung.key in seen:
            yield Wrong(
                ("escalation", i, "key"), rung.key, say("is the key of an earlier rung; every rung needs its own")
            )
        seen.add(rung.key)
    had: dict[str, str] = {}
    for key, team in procedure.teams.items():
        if team.address in had:
            said = say(
                "is the address of '%(team)s' too: mail to it could not tell which team it is for",
                team=had[team.address],
            )
            yield Wrong(("teams", key, "mail_from"), team.address, said)
        if team.address:
            had[team.address] = key
    yield from _torn(procedure)


def _torn(p: Procedure) -> Iterator[Wrong]:
    """Each macro whose acts do not go together."""
    for key, macro in p.macros.items():
        if macro.impact and not macro.urgency:
            said = say("is missing: the impact alone gives no priority")
            yield Wrong(("macros", key, "urgency"), "", said, tuple(p.urgencies))
        if macro.urgency and not macro.impact:
            said = say("is missing: the urgency alone gives no priority")
            yield Wrong(("macros", key, "impact"), "", said, tuple(p.impacts))
        if macro.then == "resolve" and macro.impact:
            said = say("is of no use where the macro resolves: leave impact and urgency out, or 'then'")
            yield Wrong(("macros", key, "impact"), macro.impact, said)


def unfillable(p: Procedure) -> Iterator[Wrong]:
    """Each `{variable}` that a message, or the writing of a moment, does not have: it would stay empty in a mail."""
    for language, texts in p.wording.items():
        for name, wording in texts.items():
            for part, text in (("subject", wording.subject), ("text", wording.text)):
                yield from _unknown(("wording", language, name, part), text, TEMPLATES.get(name, variables(text)))
    for key, macro in p.macros.items():
        for part, by_language in (("text", macro.text), ("next_step", macro.next_step)):
            for language, said in by_language.items():
                yield from _unknown(("macros", key, part, language), said, tuple(IN_REPLIES))
    for key, spoken in p.languages.items():
        yield from _unknown(("languages", key, "phrases", "moment"), spoken.phrases.moment, MOMENT)


def _unknown(path: Path, text: str, known: tuple[str, ...]) -> Iterator[Wrong]:
    for variable in variables(text):
        if variable not in known:
            yield Wrong(path, variable, say("is no variable of this text, and would stay empty"), known)


def references(p: Procedure) -> Iterator[Reference]:
    """Every name in the document that stands for another part of it, in the document's order."""
    yield Reference(("language",), "language", p.language)
    for key, channel in p.channels.items():
        yield Reference(("channels", key, "watch", "calendar"), "calendar", channel.watch.calendar)
        for i, name in enumerate(channel.required):
            yield Reference(("channels", key, "required", i), "detail", name)
    for key, team in p.teams.items():
        yield Reference(("teams", key, "hours"), "calendar", team.hours)
        yield Reference(("teams", key, "leader_hours"), "calendar", team.leader_hours)
    yield from _of_categories(p.categories, ("categories",))
    yield from _of_priorities(p)
    yield from _of_levels(p)
    yield from _of_exemptions(p)
    yield from _of_fields(p)
    yield from _of_rules(p)
    yield from _of_rungs(p)
    for language, texts in p.wording.items():
        for name in texts:
            yield Reference(("wording", language, name), "wording", name)
    for language, spoken in p.languages.items():
        yield Reference(("languages", language), "language", language)
        for field, kind in _NAMED.items():
            for name in getattr(spoken, field):
                yield Reference(("languages", language, field, name), kind, name)
    yield from _of_macros(p)


def _of_categories(categories: Mapping[str, Category], above: Path) -> Iterator[Reference]:
    for key, category in categories.items():
        path = (*above, key)
        if category.team:
            yield Reference((*path, "team"), "team", category.team)
        if category.specialists:
            yield Reference((*path, "specialists"), "team", category.specialists)
        for i, name in enumerate(category.required):
            yield Reference((*path, "required", i), "detail", name)
        yield from _of_categories(category.children, (*path, "children"))


def _of_priorities(p: Procedure) -> Iterator[Reference]:
    for impact, row in p.matrix.items():
        yield Reference(("matrix", impact), "impact", impact)
        for urgency, priority in row.items():
            yield Reference(("matrix", impact, urgency), "urgency", urgency)
            yield Reference(("matrix", impact, urgency), "priority", priority)
    for key, own in p.priorities.items():
        if own.team:
            yield Reference(("priorities", key, "team"), "team", own.team)
        for clock, target in own.targets.items():
            yield Reference(("priorities", key, clock, "calendar"), "calendar", target.calendar)


def _of_fields(p: Procedure) -> Iterator[Reference]:
    for key, own in p.fields.items():
        for i, name in enumerate(own.categories):
            yield Reference(("fields", key, "categories", i), "category", name)


def _of_exemptions(p: Procedure) -> Iterator[Reference]:
    for i, exemption in enumerate(p.exemptions):
        for field, kind in (("categories", "category"), ("channels", "channel")):
            for j, name in enumerate(getattr(exemption, field)):
                yield Reference(("exemptions", i, field, j), kind, name)
        if exemption.received_outside:
            yield Reference(("exemptions", i, "received_outside"), "calendar", exemption.received_outside)


def _of_levels(p: Procedure) -> Iterator[Reference]:
    for key, level in p.service_levels.items():
        at = ("service_levels", key)
        for field, kind in (("categories", "category"), ("channels", "channel")):
            for i, name in enumerate(getattr(level, field)):
                yield Reference((*at, field, i), kind, name)
        if level.calendar:
            yield Reference((*at, "calendar"), "calendar", level.calendar)
        for priority, targets in level.targets.items():
            yield Reference((*at, "targets", priority), "priority", priority)
            for clock in TARGETS:
                if target := getattr(targets, clock):
                    yield Reference((*at, "targets", priority, clock, "calendar"), "calendar", target.calendar)


def _of_rules(p: Procedure) -> Iterator[Reference]:
    yield Reference(("acknowledgement", "calendar"), "calendar", p.acknowledgement.calendar)
    for kind in ("team", "category", "impact", "urgency"):
        yield Reference(("assignment", kind), kind, getattr(p.assignment, kind))
    if p.suggestions.learn_outside:
        yield Reference(("suggestions", "learn_outside"), "calendar", p.suggestions.learn_outside)
    for name in ("silence", "reopen_within"):
        yield Reference(("closing", name, "calendar"), "calendar", getattr(p.closing, name).calendar)
    if p.closing.unanswered:
        yield Reference(("closing", "unanswered", "after", "calendar"), "calendar", p.closing.unanswered.after.calendar)


def _of_rungs(p: Procedure) -> Iterator[Reference]:
    for i, rung in enumerate(p.escalation):
        for field, kind in (("priorities", "priority"), ("categories", "category"), ("teams", "team")):
            for j, name in enumerate(getattr(rung, field)):
                yield Reference(("escalation", i, field, j), kind, name)
        if rung.calendar:
            yield Reference(("escalation", i, "calendar"), "calendar", rung.calendar)
        for j, name in enumerate(rung.tell_teams):
            yield Reference(("escalation", i, "tell_teams", j), "destination", name)
        if rung.move_to:
            yield Reference(("escalation", i, "move_to"), "destination", rung.move_to)


def _of_macros(p: Procedure) -> Iterator[Reference]:
    for key, macro in p.macros.items():
        for field, kind in (("teams", "team"), ("categories", "category")):
            for i, name in enumerate(getattr(macro, field)):
                yield Reference(("macros", key, field, i), kind, name)
        for field in ("text", "next_step"):
            for language in getattr(macro, field):
                yield Reference(("macros", key, field, language), "language", language)
        for field in ("category", "impact", "urgency"):
            if name := getattr(macro, field):
                yield Reference(("macros", key, field), field, name)
