"""How one calendar differs from another, in words (SOP 1.1, H1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forthwith.procedure.calendar_spec import ALWAYS_SPEC, DAYS
from forthwith.procedure.difference import Difference, Kind
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said, say
from forthwith.procedure.term import NONE

_DAY_NAMES = (
    say("Monday"),
    say("Tuesday"),
    say("Wednesday"),
    say("Thursday"),
    say("Friday"),
    say("Saturday"),
    say("Sunday"),
)
_CLOSED = say("closed")
_BY_ITS_DAYS = say("as long as its days are")
_UNNAMED = "holiday"
"""The name of a holiday that has none of its own, as `calendar_spec` gives it."""
Words = Said | str


def differences_of(path: Path, name: Words, old: Any, new: Any) -> Iterator[Difference]:
    """What is otherwise in the calendar at a path, given as its canonical specs."""
    if ALWAYS_SPEC in (old, new):
        if new == ALWAYS_SPEC:
            yield Difference(path, "changed", say("%(calendar)s: now open round the clock", calendar=name))
        else:
            said = say("%(calendar)s: no longer open round the clock", calendar=name)
            yield Difference(path, "changed", said)
        return
    if old["timezone"] != new["timezone"]:
        said = say(
            "%(calendar)s: time zone %(before)s → %(after)s",
            calendar=name,
            before=old["timezone"],
            after=new["timezone"],
        )
        yield Difference((*path, "timezone"), "changed", said)
    yield from _week((*path, "hours"), name, old["hours"], new["hours"])
    yield from _holidays((*path, "holidays"), name, old, new)
    yield from _single_days((*path, "date_hours"), name, old.get("date_hours", {}), new.get("date_hours", {}))
    yield from _breaks((*path, "date_breaks"), name, old.get("date_breaks", {}), new.get("date_breaks", {}))
    if old.get("day") != new.get("day"):
        kind: Kind = "changed" if "day" in old and "day" in new else "added" if "day" in new else "removed"
        said = say(
            "%(calendar)s: business day %(before)s → %(after)s",
            calendar=name,
            before=old.get("day") or _BY_ITS_DAYS,
            after=new.get("day") or _BY_ITS_DAYS,
        )
        yield Difference((*path, "day"), kind, said)


def _week(path: Path, name: Words, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Days with the same change are said together."""
    changes: dict[tuple[str, str], list[int]] = {}
    for i, day in enumerate(DAYS):
        if old.get(day) != new.get(day):
            changes.setdefault((_text(old.get(day)), _text(new.get(day))), []).append(i)
    for (before, after), days in changes.items():
        said = say(
            "%(calendar)s: %(days)s %(before)s → %(after)s",
            calendar=name,
            days=_days(days),
            before=before or _CLOSED,
            after=after or _CLOSED,
        )
        yield Difference((*path, DAYS[days[0]]) if len(days) == 1 else path, "changed", said)


def _days(days: Sequence[int]) -> Words | tuple[Said, ...]:
    first, last = days[0], days[-1]
    if len(days) > 2 and last - first == len(days) - 1:
        return say("%(first)s to %(last)s", first=_DAY_NAMES[first], last=_DAY_NAMES[last])
    return tuple(_DAY_NAMES[day] for day in days)


def _text(windows: Sequence[Sequence[str]] | None) -> str:
    return ", ".join(f"{opens}–{closes}" for opens, closes in windows or ())


def _holidays(path: Path, name: Words, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    (dates, countries), (new_dates, new_countries) = _listed(old), _listed(new)
    for country in sorted(countries ^ new_countries):
        if country in countries:
            said = say("%(calendar)s: public holidays of %(country)s removed", calendar=name, country=country)
            yield Difference(path, "removed", said)
        else:
            said = say("%(calendar)s: public holidays of %(country)s added", calendar=name, country=country)
            yield Difference(path, "added", said)
    special = new.get("date_hours", {})
    for date in sorted(dates | new_dates):
        before, after = dates.get(date), new_dates.get(date)
        if before is None and after is not None:
            yield Difference(path, "added", _closed(name, date, after, open_anyway=date in special))
        elif after is None:
            said = say("%(calendar)s: %(date)s is no holiday any more", calendar=name, date=date)
            yield Difference(path, "removed", said)
        elif before != after:
            said = say(
                '%(calendar)s: holiday %(date)s is called "%(after)s", no longer "%(before)s"',
                calendar=name,
                date=date,
                before=before,
                after=after,
            )
            yield Difference(path, "changed", said)


def _listed(spec: Mapping[str, Any]) -> tuple[dict[str, str], set[str]]:
    """Single dates with their names, and countries with the part that is meant."""
    dates: dict[str, str] = {}
    countries = set()
    for entry in spec.get("holidays", ()):
        if isinstance(entry, str):
            dates[entry] = _UNNAMED
        elif "date" in entry:
            dates[entry["date"]] = entry["name"]
        else:
            countries.add("-".join(filter(None, (entry["country"], entry.get("subdivision")))))
    return dates, countries


def _closed(name: Words, date: str, called: str, *, open_anyway: bool) -> Said:
    if open_anyway:
        return say('%(calendar)s: %(date)s is a holiday, "%(name)s"', calendar=name, date=date, name=called)
    if called == _UNNAMED:
        return say("%(calendar)s: %(date)s closed", calendar=name, date=date)
    return say("%(calendar)s: %(date)s closed (%(name)s)", calendar=name, date=date, name=called)


def _single_days(path: Path, name: Words, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for date in sorted({**old, **new}):
        before, after = old.get(date), new.get(date)
        if before == after:
            continue
        if after is None:
            said = say("%(calendar)s: %(date)s no longer has hours of its own", calendar=name, date=date)
            yield Difference((*path, date), "removed", said)
            continue
        hours = _text(after) or _CLOSED
        if before is None:
            said = say("%(calendar)s: %(date)s has hours of its own: %(hours)s", calendar=name, date=date, hours=hours)
            yield Difference((*path, date), "added", said)
        else:
            yield Difference((*path, date), "changed", _arrow(name, date, _text(before) or _CLOSED, hours))


def _breaks(path: Path, name: Words, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for date in sorted({**old, **new}):
        before, after = old.get(date), new.get(date)
        if before != after:
            said = say(
                "%(calendar)s: break on %(date)s %(before)s → %(after)s",
                calendar=name,
                date=date,
                before=_text(before) or NONE,
                after=_text(after) or NONE,
            )
            kind: Kind = "added" if before is None else "removed" if after is None else "changed"
            yield Difference((*path, date), kind, said)


def _arrow(name: Words, date: str, before: Words, after: Words) -> Said:
    return say("%(calendar)s: %(date)s %(before)s → %(after)s", calendar=name, date=date, before=before, after=after)
