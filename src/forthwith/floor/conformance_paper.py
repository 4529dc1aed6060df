"""What stands on the printed report of a period: texts and numbers, which `conformance.typ` lays out (SOP H1).

Every text in it is data and never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from forthwith.floor import restated
from forthwith.floor.asked import BY, AskForm, named
from forthwith.floor.templatetags.shares import percent
from forthwith.procedure.clocks import NAMES
from forthwith.procedure.conformance import STEPS
from forthwith.procedure.marks import OUTCOMES
from forthwith.procedure.model import CLOCKS, Procedure
from forthwith.procedure.said import say
from forthwith.record import reported, reports, restatements
from forthwith.record.reports import Tally
from forthwith.steps.judging import RESTS_FOR
from forthwith.ui import times
from forthwith.ui.printing import cleaned
from forthwith.ui.said import headed, spoken

TEMPLATE = Path(__file__).with_name("conformance.typ")
MOST_WORST = 40
_MOST_GROUPS = 60
_MOST_REVISIONS = 12
_MOST_WEEKS = 27
_TICKS = 8
_LONGEST_SUBJECT = 120
_WEEK = timedelta(days=7)
_MISSED = {"late": say("late"), "missing": say("missing")}


def paper(form: AskForm, procedure: Procedure, now: datetime) -> dict[str, Any]:
    """The report that a valid form asks for, in JSON-able form."""
    total = reports.totals(form.scope)
    shown = {
        "language": get_language() or "en",
        "title": _("Conformance"),
        "desk": settings.DESK_NAME or settings.DESK_ADDRESS,
        "printed": times.exact(now),
        "labels": _labels(),
        "about": list(_about(form, procedure, now)),
        "share": percent(total.whole.share),
        "sum": _sum(total.tickets, total.whole) if total.tickets else _nothing(form),
        "turned": _turned(form, procedure),
        "tables": list(_tables(form, procedure, total)) if total.tickets else [],
        "weeks": _weeks(reports.weeks(form.scope, timezone.get_current_timezone())) if total.tickets else None,
        "worst": _worst(form, procedure) if total.tickets else None,
    }
    # What is followed stays whole; what is read may break.
    return {**cleaned(shown), "where": _address(form), "replaced": []}


def _labels() -> dict[str, str]:
    return {
        "page": _("Page"),
        "of": _("of"),
        "met": _("of what was due was met"),
        "turned": _("What turned"),
        "weeks": _("Week by week"),
        "axis": _("Share of what was due that was met, by the week in which tickets were received. Gaps: no ticket."),
        "worst": _("Tickets on which most was missed"),
        "replaced": _(
            "Letters that no font on this desk's machine has are shown as boxes, and pictures by their name:"
        ),
    }


def _sum(tickets: int, whole: Tally) -> str:
    said = {"tickets": tickets, "due": whole.due, "missed": whole.missed}
    said |= {"not_due": whole.not_due, "not_applicable": whole.not_applicable}
    return (
        _(
            "Tickets: %(tickets)d. Steps that were due: %(due)d, of which late or missing: %(missed)d. "
            "Counted by themselves, and in no share: not due yet %(not_due)d, not applicable %(not_applicable)d."
        )
        % said
    )


def _nothing(form: AskForm) -> str:
    if form.restatement:
        return _("The restatement holds no ticket of this selection.")
    return _("No ticket was received in this period.")


def _about(form: AskForm, procedure: Procedure, now: datetime) -> Iterator[tuple[str, str]]:
    """What the report is of, and what it rests on."""
    data = form.cleaned_data
    zone = timezone.get_current_timezone_name()
    days = {"since": _day(data["since"]), "until": _day(data["until"]), "zone": zone}
    yield _("Tickets received"), _("%(since)s to %(until)s, both days whole (%(zone)s)") % days
    yield _("Narrowed to"), _narrowed(data, procedure)
    yield _("Procedure"), f"{procedure.title}, {_('Version %(version)s') % {'version': procedure.version}}"
    yield _("Judged under"), _revisions(reported.revisions(form.scope))
    yield _("Verdicts"), _verdicts(form, now)


def _verdicts(form: AskForm, now: datetime) -> str:
    """Which verdicts are counted: under each ticket's own revision, or those of a restatement."""
    if one := form.restatement:
        said = _(
            "Restated under revision %(number)d on %(day)s: %(reason)s. "
            "Tickets of the period that the restatement does not hold, and that are not counted: %(not_held)d."
        )
        told = {"number": one.revision_id, "day": _day(timezone.localdate(one.run.asked_at)), "reason": one.reason}
        return said % {**told, "not_held": restatements.not_held(form.scope)}
    verdicts = _("Each ticket is judged step by step on its record, under the revision that it is worked by.")
    if waiting := reports.waiting(now, RESTS_FOR):
        said = _("Tickets of the desk that have changed and are judged in a moment, counted as they were: %(waiting)d.")
        verdicts = f"{verdicts} {said % {'waiting': waiting}}"
    return verdicts


def _narrowed(data: dict[str, Any], procedure: Procedure) -> str:
    names = named(procedure)
    found = [f"{title}: {names[by].get(data[by], data[by])}" for by, title in BY if data.get(by)]
    return "; ".join(found) or _("nothing: all tickets")


def _revisions(found: list[tuple[int, int]]) -> str:
    said = [
        ngettext("revision %(number)d: %(count)d ticket", "revision %(number)d: %(count)d tickets", count)
        % {"number": number, "count": count}
        for number, count in found
    ]
    if len(said) > _MOST_REVISIONS:
        said[_MOST_REVISIONS:] = [_("%(more)d other revisions") % {"more": len(said) - _MOST_REVISIONS}]
    return "; ".join(said) or "–"


def _turned(form: AskForm, procedure: Procedure) -> dict[str, Any] | None:
    """The steps that turned by a restatement, and on how many tickets each way; None where nothing did."""
    found = restated.turned(form.scope, procedure) if form.restatement else []
    if not found:
        return None
    return {
        "head": [_("Step"), _("was late or missing, is met"), _("was met, is late or missing")],
        "rows": [[f"{one.step}  {one.says}", str(one.saved), str(one.lost)] for one in found],
        "note": _("Each ticket under its own revision and under this one, on the same record and at the same instant."),
    }


def _tables(form: AskForm, procedure: Procedure, total: reports.Group) -> Iterator[dict[str, Any]]:
    steps = [(f"{step}  {procedure.steps.get(step, '')}", total.steps[step], ()) for step in STEPS]
    yield _table(_("Step by step"), _("Step"), steps)
    yield _clocks(form, procedure)
    for by, title in BY:
        names = named(procedure)[by]
        groups = reports.split(form.scope, by)
        rows = [
            (names.get(group.key, group.key) or "–", group.whole, (str(group.tickets),))
            for group in groups[:_MOST_GROUPS]
        ]
        more = len(groups) - len(rows)
        note = _("%(more)d more are in the CSV and XLSX files.") % {"more": more} if more > 0 else ""
        yield _table(_("Split by: %(by)s") % {"by": title}, str(title), rows, (_("Tickets"),)) | {"note": note}


def _table(
    title: str, of: str, rows: Iterable[tuple[str, Tally, tuple[str, ...]]], more: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A line for each row with its share, and how many there are of each outcome."""
    head = [of, _("Met"), *more, *map(spoken, _HEAD)]
    return {"title": title, "head": head, "rows": [_line(*row) for row in rows], "note": ""}


_HEAD = (say("in time"), say("late"), say("missing"), say("not due yet"), say("not applicable"))


def _line(name: str, tally: Tally, more: tuple[str, ...]) -> dict[str, Any]:
    counts = (tally.met, tally.late, tally.missing, tally.not_due, tally.not_applicable)
    return {"name": name, "met": percent(tally.share), "share": tally.share, "counts": [*more, *map(str, counts)]}


def _clocks(form: AskForm, procedure: Procedure) -> dict[str, Any]:
    """Each clock of each priority, in the procedure's order."""
    priorities, found = named(procedure)["priority"], reports.clocks(form.scope)
    order = {key: place for place, key in enumerate(priorities)}
    keys = sorted(found, key=lambda key: (order.get(key[0], len(order)), key[0], CLOCKS.index(key[1])))
    rows = []
    for priority, clock in keys:
        tally, name = found[priority, clock], priorities.get(priority, priority) or "–"
        line = {"name": f"{name} · {spoken(NAMES[clock])}", "met": percent(tally.share), "share": tally.share}
        rows.append({**line, "counts": [str(tally.met), str(tally.late)]})
    head = [_("Priority and clock"), _("Met"), _("in time"), _("late")]
    note = _("A clock that still runs, or never ran, is not counted.")
    return {"title": _("Clocks"), "head": head, "rows": rows, "note": note}


def _weeks(found: list[tuple[date, reports.Group]]) -> dict[str, Any]:
    """A bar for each week, some dates below them; few weeks as a table too."""
    first, last = found[0][0], found[-1][0]
    many = (last - first) // _WEEK + 1
    step = -(-many // _TICKS)
    few = found if len(found) <= _MOST_WEEKS else []
    rows = [(_day(monday), group.whole, (str(group.tickets),)) for monday, group in few]
    note = "" if few else _("The numbers of each week are in the CSV and XLSX files.")
    return {
        "many": many,
        "bars": [{"at": (monday - first) // _WEEK, "share": group.whole.share} for monday, group in found],
        "ticks": [{"at": at, "text": _day(first + at * _WEEK)} for at in range(0, many, step)],
        "table": _table("", _("Week from"), rows, (_("Tickets"),)) if few else None,
        "note": note,
    }


def _worst(form: AskForm, procedure: Procedure) -> dict[str, Any]:
    rows, many = reported.worst(form.scope, MOST_WORST)
    names = named(procedure)
    said = _("Nothing was late or missing on any ticket.")
    if many > len(rows):
        text = _(
            "The %(shown)d worst. On %(more)d more tickets a step was late or missing: the numbers of this report "
            "lead to all of them, at %(where)s"
        )
        said = text % {"shown": len(rows), "more": many - len(rows), "where": _address(form)}
    elif rows:
        said = _("These are all tickets on which a step was late or missing.")
    head = [_("Ticket"), _("Subject"), _("Received"), _("Priority"), _("Team"), _("Late or missing")]
    return {"head": head, "rows": [_ticket(one, names) for one in rows], "note": said}


def _address(form: AskForm) -> str:
    return f"{settings.PUBLIC_URL}{reverse('floor:conformance')}?{form.address}"


def _ticket(one: Any, names: dict[str, dict[str, str]]) -> list[str]:
    subject, missed = one.ticket.subject, []
    for outcome, said in _MISSED.items():
        steps = [step for step, letter in zip(STEPS, one.steps, strict=False) if OUTCOMES[letter] == outcome]
        missed += [f"{spoken(said)}: {', '.join(steps)}"] if steps else []
    return [
        f"#{one.ticket_id}",
        subject if len(subject) <= _LONGEST_SUBJECT else f"{subject[: _LONGEST_SUBJECT - 1]}…",
        _day(timezone.localdate(one.opened_at)),
        names["priority"].get(one.priority, one.priority) or "–",
        names["team"].get(one.team, one.team) or "–",
        "; ".join(missed),
    ]


def _day(day: date) -> str:
    return headed(date_format(day, _("j M Y")))
