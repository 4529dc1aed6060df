"""The steps of the SOP, each with what this desk's procedure says about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forthwith.floor.blocks import Block, Bullets, Cell, Pairs, Step, Table
from forthwith.floor.kept import Kept
from forthwith.floor.speaking import Speaker
from forthwith.procedure.conformance import STEPS

Says = Callable[[Speaker, Kept], Iterator[Block]]


def steps(speaker: Speaker, kept: Kept) -> list[Block]:
    """All of them, in their order."""
    sentences = speaker.procedure.steps
    return [
        Step(number, sentences.get(number, ""), list(_SAYS[number](speaker, kept)), kept.step(number))
        for number in STEPS
    ]


def _watched(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    text = _("%(channel)s: watched by %(who)s, %(hours)s; longest silence %(silence)s")
    said = []
    for key, channel in speaker.procedure.channels.items():
        watch = ("channels", key, "watch")
        named = _("in calendar %(calendar)s") % {"calendar": channel.watch.calendar}
        hours = _("round the clock") if channel.watch.calendar == "always" else named
        values = {"channel": channel.name, "who": speaker.value(*watch, "by"), "hours": hours}
        said.append(Cell(text % {**values, "silence": speaker.value(*watch, "silence")}, to="channels"))
    yield Bullets(said)


def _logged(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    channels = ", ".join(one.name for one in speaker.procedure.channels.values())
    said = [Cell(_("Requests come in by %(channels)s.") % {"channels": channels}, to="channels")]
    text = _("Mail to %(address)s opens a ticket of the team %(team)s.")
    for address, team in speaker.procedure.team_addresses.items():
        said.append(Cell(text % {"address": address, "team": speaker.name("teams", team)}, to="teams"))
    yield Bullets(said)


def _complete(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    procedure = speaker.procedure
    channels: dict[tuple[str, ...], list[str]] = {}
    for channel in procedure.channels.values():
        channels.setdefault(channel.required, []).append(channel.name)
    said = [
        Cell(
            _("By %(channels)s: %(details)s")
            % {"channels": ", ".join(names), "details": speaker.names("details", required) or "–"},
            to="details",
        )
        for required, names in channels.items()
    ]
    if any(category.required for category in procedure.category_paths.values()):
        said.append(Cell(_("Some categories ask for more."), to="categories"))
    yield Bullets(said)


def _acknowledged(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    within = _("Within %(target)s, on every channel") % {"target": speaker.target("acknowledgement").text}
    rows = [
        (one.name, speaker.value("channels", key, "acknowledgement")) for key, one in speaker.procedure.channels.items()
    ]
    yield Bullets([Cell(within, to="channels"), *(Cell(f"{name}: {how}") for name, how in rows)])


def _categorised(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    procedure = speaker.procedure
    count = len(procedure.category_paths)
    text = ngettext("There is %(count)d category.", "There are %(count)d categories.", count) % {"count": count}
    until = speaker.name("categories", procedure.assignment.category)
    yield Bullets(
        [
            Cell(text, to="categories"),
            Cell(_("Until somebody says otherwise: %(category)s") % {"category": until}, to="categories"),
        ]
    )


def _prioritised(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    procedure = speaker.procedure
    usual = procedure.assignment
    names = {
        "impact": procedure.impacts[usual.impact].name,
        "urgency": procedure.urgencies[usual.urgency].name,
        "priority": speaker.name("priorities", procedure.priority_for(usual.impact, usual.urgency)),
    }
    text = _('Where no word suggests another: impact "%(impact)s", urgency "%(urgency)s", so %(priority)s.')
    yield Bullets(
        [
            Cell(_("Impact and urgency together give the priority."), to="matrix"),
            Cell(text % names, to="matrix"),
        ]
    )


def _assigned(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    yield speaker.pairs("assignment", only=("method", "capacity", "team"))


def _worked(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    procedure = speaker.procedure
    count = sum(bool(category.runbook) for category in procedure.category_paths.values())
    text = ngettext("%(count)d category has a runbook.", "%(count)d categories have a runbook.", count)
    yield Bullets([Cell(text % {"count": count}, to="categories")])
    if any(priority.work for priority in procedure.priorities.values()):
        yield targets(speaker, kept, ("work",))
    yield Pairs(
        [
            *speaker.rows("knowledge", only=("suggest",)),
            *speaker.rows("suggestions", only=("similar",)),
        ]
    )


def targets(speaker: Speaker, kept: Kept, clocks: tuple[str, ...], *, keyed: bool = False) -> Table:
    """The targets of each priority on some clocks, with how each was met; `keyed` rows can be led to."""
    procedure = speaker.procedure
    clocks = tuple(one for one in clocks if any(priority.target(one) for priority in procedure.priorities.values()))
    head = [speaker.title("priorities", next(iter(procedure.priorities)), clock) for clock in clocks]
    rows = []
    for key, priority in procedure.priorities.items():
        cells = [speaker.target("priorities", key, clock) for clock in clocks]
        told = zip(clocks, cells, strict=True)
        met = [Cell(cell.text, cell.to, met=kept.clock(key, clock)) for clock, cell in told]
        named = Cell(priority.name, key=f"priority-{key}") if keyed else Cell(priority.name, to="priorities")
        rows.append([named, *met])
    return Table(_("Targets: %(clocks)s") % {"clocks": ", ".join(head)}, [_("Priority"), *head], rows)


def _answered(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    yield targets(speaker, kept, ("first_response", "next_reply", "next_update"))
    yield Pairs([*speaker.rows("pauses", only=("waiting_on_requester", "on_hold")), *_of(speaker, "replies")])


def _of(speaker: Speaker, section: str) -> list[tuple[str, str]]:
    """The fields of a section, which say little without its title."""
    return [(f"{speaker.title(section)}: {title}", value) for title, value in speaker.rows(section)]


def _escalated(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    yield targets(speaker, kept, ("resolution",))
    count = len(speaker.procedure.escalation)
    text = ngettext(
        "The escalation matrix has %(count)d rung.", "The escalation matrix has %(count)d rungs.", count
    ) % {"count": count}
    yield Bullets([Cell(text, to="escalation")])


def _told(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    rungs = [rung for rung in speaker.procedure.escalation if rung.tell_requester]
    text = _("The requester is told %(moment)s.")
    said = [Cell(text % {"moment": speaker.moment(rung)}, to="escalation") for rung in rungs]
    yield Bullets(said or [Cell(_("No rung tells the requester."), to="escalation")])


def _documented(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    needed = [field.name for field in speaker.procedure.fields.values() if field.needed_for]
    if needed:
        text = _("Filled in before a ticket is resolved: %(fields)s") % {"fields": ", ".join(needed)}
        yield Bullets([Cell(text, to="fields")])
    yield Pairs(_of(speaker, "timekeeping"))


def _written(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    yield Bullets([Cell(speaker.title("knowledge_guide"), to="knowledge_guide")])
    yield speaker.pairs("knowledge", only=("reviewed_by", "review_every", "doubtful_after", "doubtful_from"))


def _confirmed(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    yield speaker.pairs("closing", only=("silence", "rating"))


def _closed(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    yield speaker.pairs("closing", only=("reopen_within",))


_SAYS: Mapping[str, Says] = {
    "1.1": _watched,
    "1.2": _logged,
    "2.1": _complete,
    "2.2": _acknowledged,
    "3.1": _categorised,
    "3.2": _prioritised,
    "4.1": _assigned,
    "4.2": _worked,
    "4.3": _answered,
    "5.1": _escalated,
    "5.2": _told,
    "6.1": _documented,
    "6.2": _written,
    "7.1": _confirmed,
    "7.2": _closed,
}
