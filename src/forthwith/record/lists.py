"""Lists of tickets: narrowed by any column, in an order that an index keeps, paged by key, counted up to a bound.

Every query here is bounded, and permission is part of reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from forthwith.people.models import Person
from forthwith.people.prepared import Place, Prepared
from forthwith.record.described import FieldValue, Tag
from forthwith.record.models import Ticket
from forthwith.record.queries import visible_to

PAGE = 50
MOST_COUNTED = 200
MOST_LOOKED_AT = 1000
SORTS: dict[str, tuple[str, ...]] = {
    "due": ("due_at", "pk"),
    "newest": ("-opened_at", "-pk"),
    "oldest": ("opened_at", "pk"),
    "priority": ("rank", "due_at", "pk"),
    "changed": ("-changed_at", "-pk"),
}
"""The orders in which unresolved tickets are listed. Each has an index of its own: without one it is not offered."""
SETTLED = "changed"
"""The one order of tickets that are resolved or closed."""

_TOO_LARGE = 2**63
_TOO_LOW = 2**15
_OF_A_ROW = (
    *(
        "revision",
        "fact_count",
        "subject",
        "status",
        "channel",
        "category",
        "priority",
        "rank",
        "level",
        "team",
        "missing",
        "tags",
        "fields",
    ),
    *("undelivered", "alarm_error", "due_at", "due_since", "due_clock", "resolved_at", "closed_at", "changed_at"),
    *("opened_at", "requester__name", "requester__email", "requester__organisation__name"),
    *("assignee__name", "assignee__email"),
)


class FieldRange(NamedTuple):
    """What a field is narrowed to: from one filed value to another, both included (`fields.key_of`)."""

    field: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of tickets is narrowed to; empty means all. Instants: from the one, and before the other.

    `asked_by` is the requester's address in lower case,
    `below` what the paths of a category's sub-categories begin with; it goes with `category`.
    """

    team: str = ""
    assignee: int | None = None
    unassigned: bool = False
    status: str = ""
    priority: str = ""
    late_at: datetime | None = None
    due_from: datetime | None = None
    category: str = ""
    below: str = ""
    channel: str = ""
    organisation: int | None = None
    missing: bool = False
    undelivered: bool = False
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    changed_to: datetime | None = None
    impact: str = ""
    urgency: str = ""
    asked_by: str = ""
    vip: bool = False
    tag: str = ""
    fields: tuple[FieldRange, ...] = ()


_COLUMNS = {
    "team": "team",
    "assignee": "assignee_id",
    "status": "status",
    "priority": "priority",
    "late_at": "due_at__lt",
    "due_from": "due_at__gte",
    "channel": "channel",
    "organisation": "requester__organisation",
    "opened_from": "opened_at__gte",
    "opened_to": "opened_at__lt",
    "changed_to": "changed_at__lt",
    "impact": "impact",
    "urgency": "urgency",
    "asked_by": "requester__email",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of tickets, and the key at which the next one starts (empty: none)."""

    tickets: list[Ticket]
    next_key: str


Key = tuple[datetime | int, ...]


def open_tickets(person: Person, filters: Filters, after: str = "", size: int = PAGE, sort: str = "due") -> Page:
    """Unresolved tickets in one of the orders, from a key on (`<due iso>_<id>` for the next due)."""
    found = _narrowed(visible_to(person).filter(unresolved=True), _chosen(filters), unresolved=True)
    return _page(found, SORTS[sort], after, size)


def settled_tickets(person: Person, filters: Filters, after: str = "", size: int = PAGE) -> Page:
    """Resolved and closed tickets, the latest change first, from a key on."""
    found = _narrowed(visible_to(person).filter(unresolved=False), _chosen(filters), unresolved=False)
    return _page(found, SORTS[SETTLED], after, size)


def _page(found: QuerySet[Ticket], order: tuple[str, ...], after: str, size: int) -> Page:
    if key := _read_key(after, order):
        found = _beyond(found, order, key)
    rows = list(as_rows(found).order_by(*order)[: size + 1])
    return Page(rows[:size], _key_of(rows[size - 1], order) if len(rows) > size else "")


def _beyond(found: QuerySet[Ticket], order: tuple[str, ...], key: Key) -> QuerySet[Ticket]:
    """Those after a key; the last condition lets the index begin there."""
    beyond = Q()
    equal: dict[str, Any] = {}
    for name, value in zip(order, key, strict=True):
        column, past = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        beyond |= Q(**equal, **{f"{column}__{past}": value})
        equal[column] = value
    first, past = order[0].removeprefix("-"), "lte" if order[0].startswith("-") else "gte"
    return found.filter(beyond, **{f"{first}__{past}": key[0]})


def _key_of(ticket: Ticket, order: tuple[str, ...]) -> str:
    values = (getattr(ticket, name.removeprefix("-")) for name in order)
    return "_".join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)


def _read_key(after: str, order: tuple[str, ...]) -> Key | None:
    parts = after.split("_")
    if len(parts) != len(order):
        return None
    try:
        return tuple(_part(name.removeprefix("-"), part) for name, part in zip(order, parts, strict=True))
    except (ValueError, OverflowError):
        return None


def _part(column: str, text: str) -> datetime | int:
    """A part of a key. ValueError or OverflowError for what no column could hold."""
    if column.endswith("_at"):
        return datetime.fromisoformat(text).astimezone(UTC)
    number = int(text)
    if not 0 <= number < (_TOO_LOW if column == "rank" else _TOO_LARGE):
        raise ValueError(text)
    return number


def numbered(person: Person, numbers: list[int]) -> list[Ticket]:
    """Those of these tickets that a person may read, by number; the caller bounds how many are asked for."""
    found = visible_to(person).filter(pk__in=[number for number in numbers if number < _TOO_LARGE])
    return list(found.only("subject", "status", "assignee", "fact_count").order_by("pk"))


class Count(NamedTuple):
    """How many tickets of a list were found, and whether there may be more."""

    found: int
    more: bool


def counted(person: Person, lists: Mapping[str, Filters]) -> dict[str, Count]:
    """How many unresolved tickets each list holds, in one statement, however many lists and tickets there are.

    Counting stops at MOST_COUNTED; what no index leads to is counted among the MOST_LOOKED_AT that fall due first.
    """
    own = {} if person.reads_all and person.is_active else {"requester": person.pk}
    given = [{**_chosen(filters), **own} for filters in lists.values()]
    bounded = [(_is_led(values), *_bounded(tuple(values)).statement(*values.values())) for values in given]
    # Each part is Django's own SQL with its parameters apart; the names in it are those of the model.
    within = [sql if led else sql.replace(_TABLE, _LOOK) for led, sql, _ in bounded]
    parts = ", ".join(f"(SELECT COUNT(*) FROM ({sql}) AS listed)" for sql in within)  # noqa: S608
    first, first_values = _LOOKED_AT.statement()
    whole = f"WITH {_LOOK} AS ({first}) SELECT {parts}, (SELECT COUNT(*) FROM {_LOOK})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(whole, [*first_values, *(value for _, _, values in bounded for value in values)])
        *found, looked_at = cursor.fetchone()
    return {
        key: Count(min(count, MOST_COUNTED), count > MOST_COUNTED or not (led or looked_at < MOST_LOOKED_AT))
        for key, count, (led, _, _) in zip(lists, found, bounded, strict=True)
    }


_TABLE, _LOOK = '"record_ticket"', '"looked_at"'
_LED = frozenset({"team", "assignee", "unassigned", "status", "late_at", "requester", "tag"})
_FIELD = "field "
_LOOKED_AT = Prepared(lambda: Ticket.objects.filter(unresolved=True).order_by("due_at", "pk")[:MOST_LOOKED_AT])


def _is_led(chosen: Mapping[str, Any]) -> bool:
    """Whether an index leads to what is chosen, or nothing is."""
    return not chosen or not _LED.isdisjoint(chosen) or any(name.startswith(_FIELD) for name in chosen)


def _chosen(filters: Filters) -> dict[str, Any]:
    """What is asked for, each value under its own name; a field's three are `field 0 field`, `field 0 first` ..."""
    plain = (name for name in Filters.__slots__ if name != "fields")
    chosen = {name: value for name in plain if (value := getattr(filters, name)) not in ("", None, False)}
    for place, one in enumerate(filters.fields):
        chosen |= {f"{_FIELD}{place} {name}": value for name, value in one._asdict().items()}
    return chosen


@lru_cache(maxsize=256)
def _bounded(chosen: tuple[str, ...]) -> Prepared[Ticket]:
    """Unresolved tickets narrowed by these of the filters, composed once for all their values."""
    given: dict[str, Any] = {name: Place(place) for place, name in enumerate(chosen)}
    requester = {"requester": given.pop("requester")} if "requester" in given else {}
    found = _narrowed(Ticket.objects.filter(unresolved=True, **requester), given, unresolved=True)
    return Prepared(lambda: found.order_by().only("pk")[: MOST_COUNTED + 1])


def as_rows(found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """The tickets with what a row of a list shows, and no more: a page holds fifty of them."""
    return found.select_related("requester__organisation", "assignee").only(*_OF_A_ROW)


def _narrowed(found: QuerySet[Ticket], chosen: Mapping[str, Any], *, unresolved: bool) -> QuerySet[Ticket]:
    """Those of the tickets, all of which are unresolved or none, for which everything chosen holds."""
    found = found.filter(**{_COLUMNS[name]: value for name, value in chosen.items() if name in _COLUMNS})
    if "category" in chosen:
        found = found.filter(Q(category=chosen["category"]) | Q(category__startswith=chosen["below"]))
    if "unassigned" in chosen:
        found = found.filter(assignee__isnull=True)
    if "undelivered" in chosen:
        found = found.filter(undelivered=True)
    if "vip" in chosen:
        found = found.filter(requester__vip=True)
    if "missing" in chosen:
        found = found.exclude(missing=[])
    if "tag" in chosen:
        found = found.filter(pk__in=Tag.objects.filter(tag=chosen["tag"], unresolved=unresolved).values("ticket"))
    for place in range(sum(name.startswith(_FIELD) for name in chosen) // len(FieldRange._fields)):
        field, first, last = (chosen[f"{_FIELD}{place} {name}"] for name in FieldRange._fields)
        held = FieldValue.objects.filter(field=field, unresolved=unresolved, key__gte=first, key__lte=last)
        found = found.filter(pk__in=held.values("ticket"))
    return found
