"""What is asked of a list: which one, narrowed to what, in which order, showing what (SOP 4.1).

It is said in the address of the page, and in the same words in a saved view. What is not known (a team that the
procedure no longer has) is left out and named, so that a page can say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forthwith.desk.lists import LISTS, MOST_ROWS, due_before
from forthwith.desk.rows import FIELD, USUAL, columns_of
from forthwith.people.models import Person
from forthwith.procedure import fields, tags
from forthwith.procedure.fields import OwnField
from forthwith.procedure.lifecycle import STATUSES
from forthwith.procedure.model import Procedure
from forthwith.record import lists
from forthwith.record.lists import SETTLED, FieldRange, Filters, Page

NAMES: dict[str, str | Promise] = {
    "list": _("list"),
    "team": _("team"),
    "assignee": _("assignee"),
    "status": _("status"),
    "priority": _("priority"),
    "category": _("category"),
    "channel": _("channel"),
    "organisation": _("organisation"),
    "due": _("time to the next target"),
    "late": _("lateness"),
    "age": _("age"),
    "opened_after": _("date to begin with"),
    "opened_before": _("date to end with"),
    "missing": _("choice about missing details"),
    "undelivered": _("choice about undelivered mail"),
    "impact": _("impact"),
    "urgency": _("urgency"),
    "requester": _("requester"),
    "untouched": _("time without a change"),
    "vip": _("choice about VIPs"),
    "tag": _("tag"),
    "sort": _("order"),
    "columns": _("column"),
}
"""What may be asked, and how a sentence names each."""
SORTS = {
    "due": _("next due first"),
    "priority": _("highest priority first"),
    "newest": _("newest first"),
    "oldest": _("oldest first"),
    "changed": _("latest change first"),
}
DUE = {"60": _("within the hour"), "240": _("within 4 hours"), "1440": _("within a day"), "4320": _("within 3 days")}
"""Minutes from now within which something falls due; what is late is among it."""
LATE = {"no": _("not late"), "0": _("late"), "60": _("late by more than an hour"), "1440": _("late by more than a day")}
"""Minutes that a target was missed by, at least."""
AGE = {
    "under-1": _("in the last day"),
    "under-7": _("in the last 7 days"),
    "over-1": _("more than a day ago"),
    "over-7": _("more than 7 days ago"),
    "over-30": _("more than 30 days ago"),
}
"""When it was opened, in days seen from now."""
UNTOUCHED = {"1": _("for a day"), "3": _("for 3 days"), "7": _("for 7 days"), "30": _("for 30 days")}
"""Days in which nothing has happened to it."""
_YES = {"1": "yes"}
_FIRST_YEAR, _LAST_YEAR = 1990, 2200
_LONGEST_NUMBER = 18
_LONGEST_ADDRESS = 320
_BEYOND = "9" * 18
"""Behind every number and day as they are filed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for and understood; `unknown` names what was not, and was left out."""

    kind: str = "all"
    said: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str | Promise, ...] = ()
    ranges: tuple[FieldRange, ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, object], procedure: Procedure) -> Asked:
        """What an address or a saved view says."""
        read: dict[str, str] = {}
        unknown: list[str | Promise] = []
        for name, is_known in _known(procedure).items():
            value = given.get(name, "")
            if name == "tag" and isinstance(value, str):
                value = tags.normal(value)
            parts = [part for part in value.split(",") if part] if isinstance(value, str) else [""]
            kept = [part for part in (parts if name == "columns" else parts and [str(value)]) if is_known(part)]
            if len(kept) < (len(parts) if name == "columns" else min(1, len(parts))):
                unknown.append(NAMES.get(name, _("value of a field")))
            if kept:
                read[name] = ",".join(kept)
        if any(name.startswith(FIELD) and name not in _known(procedure) for name in given):
            unknown.append(_("field"))
        return cls(read.pop("list", "all"), read, tuple(dict.fromkeys(unknown)), _ranges(read, procedure))

    def __getattr__(self, name: str) -> str:
        """One of the words of NAMES as it was said, empty where it was not."""
        if name not in NAMES:
            raise AttributeError(name)
        return self.said.get(name, "")

    @property
    def unknown_said(self) -> str:
        """What was not understood, as a sentence names it."""
        return gettext(" and a ").join(map(str, self.unknown))

    @property
    def narrowed(self) -> bool:
        """Whether fewer tickets were asked for than the list holds."""
        return bool(self.said.keys() - {"sort", "columns"})

    @property
    def narrowed_further(self) -> int:
        """How many of the rarer filters are set: those that stand behind 'More filters'."""
        return len(self.said.keys() - {"team", "assignee", "status", "priority", "sort", "columns"})

    @property
    def order(self) -> str:
        """The order that is shown."""
        return SETTLED if self.kind == "settled" else self.said.get("sort", "due")

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns that are shown."""
        chosen = self.said.get("columns", "")
        return tuple(chosen.split(",")) if chosen else USUAL

    @property
    def document(self) -> dict[str, str]:
        """The same as a saved view keeps it."""
        return {"list": self.kind, **self.said}

    @property
    def address(self) -> str:
        """The same as the address says it."""
        return urlencode(self.document)

    def filters(self, person: Person, now: datetime) -> Filters:
        """The same for the query; what the list itself fixes goes before what was chosen beside it."""
        chosen = Filters(
            team=self.team,
            status=self.status,
            priority=self.priority,
            channel=self.channel,
            category=self.category,
            below=f"{self.category}." if self.category else "",
            organisation=int(self.organisation) if self.organisation else None,
            missing=bool(self.missing),
            undelivered=bool(self.undelivered),
            impact=self.impact,
            urgency=self.urgency,
            asked_by=self.requester.strip().lower(),
            changed_to=now - timedelta(days=int(self.untouched)) if self.untouched else None,
            vip=bool(self.vip),
            tag=self.tag,
            fields=self.ranges,
        )
        if self.assignee == "nobody":
            chosen = replace(chosen, unassigned=True)
        elif self.assignee:
            chosen = replace(chosen, assignee=person.pk if self.assignee == "me" else int(self.assignee))
        return LISTS[self.kind].narrow(self._opened(self._due(chosen, now), now), person, now)

    def _due(self, chosen: Filters, now: datetime) -> Filters:
        if self.due:
            chosen = due_before(chosen, now + timedelta(minutes=int(self.due)))
        if self.late == "no":
            return replace(chosen, due_from=now)
        return due_before(chosen, now - timedelta(minutes=int(self.late))) if self.late else chosen

    def _opened(self, chosen: Filters, now: datetime) -> Filters:
        froms = [_day(self.opened_after)] if self.opened_after else []
        tos = [_day(self.opened_before)] if self.opened_before else []
        if self.age:
            side, _, days = self.age.partition("-")
            (froms if side == "under" else tos).append(now - timedelta(days=int(days)))
        return replace(chosen, opened_from=max(froms, default=None), opened_to=min(tos, default=None))

    def page(self, person: Person, now: datetime, after: str, size: int) -> Page:
        """The tickets asked for, from a key on."""
        filters, size = self.filters(person, now), min(size, MOST_ROWS)
        if self.kind == "settled":
            return lists.settled_tickets(person, filters, after, size)
        return lists.open_tickets(person, filters, after, size, self.order)


def said_in(query: QueryDict) -> dict[str, str]:
    """What the address says, several columns as one word."""
    own = [name for name in query if name.startswith(FIELD)][: fields.MOST]
    said: dict[str, str] = {name: str(query[name]) for name in (*NAMES, *own) if name in query}
    return said | {"columns": ",".join(query.getlist("columns"))} if "columns" in said else said


@lru_cache(maxsize=16)
def _known(procedure: Procedure) -> dict[str, Callable[[str], bool]]:
    """For each word of NAMES whether this procedure, or the desk, knows a value of it."""
    choices: dict[str, Mapping[str, object]] = {
        "list": LISTS,
        "team": procedure.teams,
        "status": STATUSES,
        "priority": procedure.priorities,
        "category": procedure.category_paths,
        "channel": procedure.channels,
        "due": DUE,
        "late": LATE,
        "age": AGE,
        "missing": _YES,
        "undelivered": _YES,
        "vip": _YES,
        "impact": procedure.impacts,
        "urgency": procedure.urgencies,
        "untouched": UNTOUCHED,
        "sort": SORTS,
        "columns": columns_of(procedure),
    }
    own = {f"{FIELD}{key}": partial(_is_range, one) for key, one in procedure.fields.items()}
    return {
        **own,
        **{name: known.__contains__ for name, known in choices.items()},
        "assignee": lambda value: value in ("me", "nobody") or _is_number(value),
        "organisation": _is_number,
        "tag": tags.fits,
        "requester": lambda value: "@" in value and len(value) <= _LONGEST_ADDRESS,
        "opened_after": _is_day,
        "opened_before": _is_day,
    }


def _ranges(said: Mapping[str, str], procedure: Procedure) -> tuple[FieldRange, ...]:
    """What is said of the procedure's fields, for the query."""
    own = ((name.removeprefix(FIELD), value) for name, value in said.items() if name.startswith(FIELD))
    found = ((key, _ends(procedure.fields[key], value)) for key, value in own)
    return tuple(FieldRange(key, *ends) for key, ends in found if ends)


def _is_range(one: OwnField, value: str) -> bool:
    return _ends(one, value) is not None


def _ends(one: OwnField, value: str) -> tuple[str, str] | None:
    """The first and the last filed value that are meant: of a number or a day also `100..200`, `100..` or `..200`."""
    first, parted, last = value.partition("..") if one.kind in ("number", "date") else (value, "", "")
    ends = [fields.read(one, end) for end in ((first, last) if parted else (first, first))]
    if None in ends or not any(ends):
        return None
    low, high = (fields.key_of(one, end) if end else "" for end in ends)
    return low, high or _BEYOND


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= _LONGEST_NUMBER


def _is_day(value: str) -> bool:
    try:
        return len(value) == len("2026-11-02") and _FIRST_YEAR <= date.fromisoformat(value).year <= _LAST_YEAR
    except ValueError:
        return False


def _day(value: str) -> datetime:
    """The beginning of the day in the reader's time zone."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(value), time.min))
