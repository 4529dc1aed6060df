"""How requests are sorted, by when they are worked, and what happens when that fails: the tables of the procedure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from forthwith.floor.blocks import Block, Bullets, Cell, Pairs, Section, Table, Text
from forthwith.floor.kept import Kept
from forthwith.floor.manual_steps import targets
from forthwith.floor.speaking import Speaker
from forthwith.procedure.escalation import AGE
from forthwith.procedure.model import TARGETS, Category, Rung, Target, Team
from forthwith.procedure.moments import format_duration


def channels(speaker: Speaker) -> Iterator[Block]:
    """The ways in: how each is watched and acknowledged, and what a request on it must say."""
    for key, channel in speaker.procedure.channels.items():
        rows = speaker.rows("channels", key, only=("acknowledgement", "required"))
        rows += speaker.rows("channels", key, "watch")
        if channel.canary:
            rows += speaker.rows("channels", key, "canary")
        yield Section(channel.name, [Pairs(rows)], key=f"channel-{key}")


def details(speaker: Speaker) -> Iterator[Block]:
    """What a complete request says, and how it is asked for."""
    rows = [
        [Cell(detail.name), Cell(detail.ask), Cell(_given(speaker, key))]
        for key, detail in speaker.procedure.details.items()
    ]
    head = [_("Detail"), *(speaker.title("details", "any", name) for name in ("ask", "found"))]
    yield Table(_("Required details"), head, rows, wide=1)
    words = [(detail.name, detail.found.words) for detail in speaker.procedure.details.values()]
    yield from _suggesting(_("Words by which a detail counts as given"), words)


def _given(speaker: Speaker, key: str) -> str:
    found = speaker.procedure.details[key].found
    said = [name for name in ("requester_name", "min_words", "words") if getattr(found, name)]
    titles = {name: speaker.title("details", key, "found", name) for name in said}
    return "; ".join(f"{title}: {found.min_words}" if name == "min_words" else title for name, title in titles.items())


def teams(speaker: Speaker) -> Iterator[Block]:
    """The first line and the specialised teams."""
    fields = ("level", "hours", "leader_hours", "mail_from")
    rows = [
        [Cell(team.name), *(Cell(speaker.value("teams", key, name), _leads_to(name, team)) for name in fields)]
        for key, team in speaker.procedure.teams.items()
    ]
    yield Table(_("Teams"), [_("Team"), *(speaker.title("teams", "any", name) for name in fields)], rows)


def _leads_to(name: str, team: Team) -> str:
    calendar = {"hours": team.hours, "leader_hours": team.leader_hours}.get(name, "always")
    return "" if calendar == "always" else f"calendar-{calendar}"


def categories(speaker: Speaker) -> Iterator[Block]:
    """The kinds of request, whose they are, and how they are worked on."""
    paths = speaker.procedure.category_paths
    rows = [_category(speaker, path, category) for path, category in paths.items()]
    fields = ("team", "specialists", "required", "skills")
    head = [_("Category"), *(speaker.title("categories", "any", name) for name in fields)]
    yield Table(_("Categories"), head, rows)
    for path, category in paths.items():
        above = paths.get(path.rpartition(".")[0])
        if category.runbook and not (above and above.runbook == category.runbook):
            title = _("Runbook: %(category)s") % {"category": speaker.name("categories", path)}
            yield Section(title, [Bullets([Cell(one) for one in category.runbook], numbered=True)], folded=True)
    words = [(speaker.name("categories", path), category.words) for path, category in paths.items()]
    yield from _suggesting(_("Words that suggest a category"), words)


def _suggesting(title: str, words: Iterable[tuple[str, Sequence[str]]]) -> Iterator[Block]:
    """What the machine goes by, folded: nobody learns it by heart."""
    rows = [(name, ", ".join(some)) for name, some in words if some]
    if rows:
        yield Section(title, [Pairs(rows)], folded=True)


def _category(speaker: Speaker, path: str, category: Category) -> list[Cell]:
    examples = _("for example: %(examples)s") % {"examples": "; ".join(category.examples)}
    return [
        Cell(speaker.name("categories", path), small=examples if category.examples else ""),
        Cell(speaker.name("teams", category.team) or "–", to="teams" if category.team else ""),
        Cell(speaker.name("teams", category.specialists) or "–", to="teams" if category.specialists else ""),
        Cell(speaker.names("details", category.required) or "–"),
        Cell(", ".join(category.skills) or "–"),
    ]


def matrix(speaker: Speaker) -> Iterator[Block]:
    """Impact by urgency, and what each level means."""
    procedure = speaker.procedure
    head = [_("Impact"), *(level.name for level in procedure.urgencies.values())]
    rows = [
        [
            Cell(level.name),
            *(Cell(speaker.name("priorities", procedure.priority_for(impact, key))) for key in procedure.urgencies),
        ]
        for impact, level in procedure.impacts.items()
    ]
    yield Table(_("The priority that each impact and urgency give"), head, rows)
    for section in ("impacts", "urgencies"):
        levels = getattr(procedure, section).values()
        meant = Pairs([(level.name, level.says) for level in levels])
        words = _suggesting(_("Words that suggest it"), [(level.name, level.words) for level in levels])
        yield Section(speaker.title(section), [meant, *words], key=section)


def priorities(speaker: Speaker, kept: Kept) -> Iterator[Block]:
    """What each priority means, and its targets."""
    yield Pairs([(one.name, one.description) for one in speaker.procedure.priorities.values()])
    yield targets(speaker, kept, TARGETS, keyed=True)
    teams = [(one.name, speaker.name("teams", one.team)) for one in speaker.procedure.priorities.values() if one.team]
    if teams:
        yield Section(_("Teams in which tickets start, whatever their category"), [Pairs(teams)])
    acknowledged = {"target": speaker.target("acknowledgement").text}
    yield Text([_("Every request is acknowledged within %(target)s.") % acknowledged])


_WHOM = ("organisations", "contracts", "vip", "categories", "channels", "calendar")


def service_levels(speaker: Speaker) -> Iterator[Block]:
    """Other targets for some tickets, in the order in which they are tried."""
    for key, level in speaker.procedure.service_levels.items():
        whom = [name for name in _WHOM if getattr(level, name)]
        rows = speaker.rows("service_levels", key, only=whom) if whom else []
        for priority, asked in level.targets.items():
            at = ("service_levels", key, "targets", priority)
            rows += [
                (f"{speaker.name('priorities', priority)}: {speaker.clock(clock)}", speaker.value(*at, clock))
                for clock in TARGETS
                if getattr(asked, clock)
            ]
        yield Section(level.name, [Pairs(rows)], key=f"level-{key}")
    yield Text([_("The first that fits counts. What is left out is as the priority has it.")])


def exemptions(speaker: Speaker) -> Iterator[Block]:
    """Tickets to which targets do not apply."""
    for place, one in enumerate(speaker.procedure.exemptions):
        rows = speaker.rows("exemptions", place, only=("clocks", "categories", "channels", "received_outside"))
        yield Section(one.why, [Pairs(rows)])


def escalation(speaker: Speaker) -> Iterator[Block]:
    """The matrix priority by priority: when, of which tickets, what happens."""
    head = [_("When"), _("After"), _("Of which tickets"), _("What happens")]
    for key, priority in speaker.procedure.priorities.items():
        rows = list(_rungs(speaker, key))
        if rows:
            caption = _("Escalation of the priority %(priority)s") % {"priority": priority.name}
            yield Section(priority.name, [Table(caption, head, rows, wide=3)], key=f"rungs-{key}")
    yield Text([_("Whoever of the desk is told gets a mail that leaves at once.")])


def _rungs(speaker: Speaker, priority: str) -> Iterator[list[Cell]]:
    for rung in speaker.procedure.escalation:
        target = speaker.procedure.target(rung.clock, priority)
        # A promise has the length that was promised, which no document says.
        applies = not rung.priorities or priority in rung.priorities
        if applies and (target or rung.clock in (AGE, "promise")):
            after = _after(rung, target)
            kind = speaker.value("escalation", speaker.procedure.escalation.index(rung), "kind")
            yield [
                Cell(speaker.moment(rung)),
                Cell(after),
                Cell(_tickets(speaker, rung)),
                Cell(speaker.deeds(rung), small=kind),
            ]


def _after(rung: Rung, target: Target | None) -> str:
    """How long after its clock begins, where the document says so: a promise and a time of day are of no one length."""
    if rung.clock != AGE and (target is None or target.target is None):
        return "–"
    length = format_duration(rung.at.after_start((target and target.target) or 0))
    calendar = target.calendar if target else rung.calendar
    return length if calendar == "always" else f"{length} ({calendar})"


def _tickets(speaker: Speaker, rung: Rung) -> str:
    named = [speaker.names("categories", rung.categories), speaker.names("teams", rung.teams)]
    said = [one for one in named if one] or [_("all")]
    return "; ".join([*said, *([_("if nobody has the ticket")] if rung.only_if else [])])
