"""Reading a calendar as it is written in JSON or YAML, with errors that name the place (SOP 1.1, 4.3).

The form is `always`, or a mapping with the keys `timezone` (or `tz`), `hours`, `holidays`, `date_hours`,
`date_breaks` and `day`, how long a business day is. `read` checks it, and gives a `Timetable`: the same facts with
times as seconds after midnight, and one canonical text, so that two spellings of one calendar are one calendar.
"""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo, available_timezones

from forthwith.procedure.instants import DAY_S
from forthwith.procedure.moments import format_duration, parse_duration

if TYPE_CHECKING:
    from holidays import HolidayBase

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS_SPEC = "always"

KEYS = ("timezone", "hours", "holidays", "date_hours", "date_breaks", "day")
"""What a calendar may say."""
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(\+1)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME_FORM = 'a time is "HH:MM" or "HH:MM:SS" in quotes, with "+1" at its end for the next day'
_WINDOW_FORM = 'a window is two times in quotes: ["09:00", "17:00"]'
_MOST_WINDOWS = 96
# Machine-dependent names, and zones that count leap seconds: a due time must be the same on every machine.
_NOT_ZONES = ("posix/", "right/", "posixrules", "localtime", "Factory")


class CalendarError(ValueError):
    """A calendar that cannot be used. `path` is where (`hours.mon[0]`), `value` what stood there."""

    def __init__(self, sentence: str, path: str = "", value: object = None) -> None:
        super().__init__(sentence, path, value)
        self.sentence = sentence
        self.path = path
        self.value = value

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Hours of one day, half-open, in seconds after that day's midnight; above 86400 is the next day."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Country:
    """Public holidays of a country, or of one of its subdivisions, by the codes of the `holidays` package."""

    code: str
    subdivision: str | None = None


@dataclass(frozen=True, slots=True)
class Timetable:
    """A calendar that was read and checked. `week` starts on Monday; `canonical` is its one JSON text."""

    timezone: str
    week: tuple[tuple[Window, ...], ...]
    holidays: Mapping[date, str]
    countries: tuple[Country, ...]
    date_hours: Mapping[date, tuple[Window, ...]]
    date_breaks: Mapping[date, tuple[Window, ...]]
    canonical: str
    day: int | None = None
    """Seconds of a business day, where the calendar says so."""

    def holiday_name(self, day: date) -> str | None:
        """The name of the holiday on `day`, or None. A listed date goes before a country's."""
        if day in self.holidays:
            return self.holidays[day]
        for country in self.countries:
            name = country_holidays(country, day.year).get(day)
            if name is not None:
                return name
        return None

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows that open on `day`: special hours, none on a holiday, else the week's; breaks uncut."""
        special = self.date_hours.get(day)
        if special is not None:
            return special
        usual = self.week[day.weekday()]
        return () if usual and self.holiday_name(day) is not None else usual


def read(spec: Mapping[object, object]) -> Timetable:
    """Check a calendar written as a mapping. Raises CalendarError with the place and what is allowed."""
    timezone, parts = None, dict.fromkeys(KEYS[1:])
    for key, value in spec.items():
        if key in ("timezone", "tz"):
            if timezone is not None:
                raise CalendarError("the time zone is given twice; keep `timezone`", str(key), value)
            timezone = _timezone(value, str(key))
        elif key in parts:
            parts[str(key)] = value
        else:
            _unknown(key, KEYS, "", "key of a calendar")
    if timezone is None:
        raise CalendarError('a time zone is missing; give an IANA name such as "Europe/Berlin"', "timezone")
    hours = _table(parts["hours"], "hours", "a mapping from days (mon to sun) to lists of windows")
    week = {_day(key): _windows(value, f"hours.{key}") for key, value in hours.items()}
    holidays, countries = _holidays(parts["holidays"], "holidays")
    date_hours = _by_date(parts["date_hours"], "date_hours")
    date_breaks = _by_date(parts["date_breaks"], "date_breaks")
    day = _length_of_day(parts["day"])
    return Timetable(
        timezone=timezone,
        week=tuple(week.get(day, ()) for day in DAYS),
        holidays=holidays,
        countries=countries,
        date_hours=date_hours,
        date_breaks=date_breaks,
        canonical=_canonical(timezone, week, (holidays, countries), (date_hours, date_breaks), day),
        day=day,
    )


@lru_cache(maxsize=4096)
def country_holidays(country: Country, year: int) -> Mapping[date, str]:
    """Public holidays of one year, by the `holidays` package, named in English where it can."""
    if year not in _known_years(country):
        return {}
    # A fixed language: by default the package asks the machine's locale.
    found = _look_up(country.code, country.subdivision, year, "en_US")
    return {day: str(name) for day, name in found.items() if day.year == year}


@lru_cache(maxsize=512)
def _known_years(country: Country) -> range:
    """The years the package can tell. Raises NotImplementedError for a country or part it does not know."""
    about = _look_up(country.code, country.subdivision, None, None)
    return range(about.start_year, about.end_year + 1)


def _look_up(code: str, subdivision: str | None, year: int | None, language: str | None) -> HolidayBase:
    # Imported only when a country is named: it takes longer than all the rest.
    from holidays import country_holidays as look_up  # noqa: PLC0415

    return look_up(code, subdiv=subdivision, years=year, language=language)


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    from holidays import list_supported_countries  # noqa: PLC0415

    return list_supported_countries(include_aliases=True)


def _timezone(value: object, path: str) -> str:
    form = 'an IANA time zone such as "Europe/Berlin" is expected'
    if not isinstance(value, str):
        raise CalendarError(f"{form}, not {_shown(value)}", path, value)
    known = not value.startswith(_NOT_ZONES)
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        known = False
    if not known:
        hint = _nearest(value, available_timezones())
        raise CalendarError(f"{_shown(value)} is not known; {form}{hint}", path, value)
    return value


def _day(key: object) -> str:
    if not isinstance(key, str) or key not in DAYS:
        text = str(key).strip().lower()[:3]
        hint = f'; did you mean "{text}"?' if text in DAYS else ""
        raise CalendarError(f"{_shown(key)} is not a day; the days are {', '.join(DAYS)}{hint}", "hours", key)
    return key


def _by_date(value: object, path: str) -> dict[date, tuple[Window, ...]]:
    table = _table(value, path, "a mapping from dates (2026-12-24) to lists of windows")
    found: dict[date, tuple[Window, ...]] = {}
    for key, windows in table.items():
        day = _date(key, path)
        if day in found:
            raise CalendarError(f"the date {day} is given twice", path, key)
        found[day] = _windows(windows, f"{path}.{day}")
    return dict(sorted(found.items()))


def _windows(value: object, path: str) -> tuple[Window, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise CalendarError(f"a list of windows is expected, not {_shown(value)}; {_WINDOW_FORM}", path, value)
    if len(value) > _MOST_WINDOWS:
        raise CalendarError(f"there are {len(value)} windows; {_MOST_WINDOWS} a day are allowed", path, value)
    return tuple(sorted({_window(pair, f"{path}[{n}]") for n, pair in enumerate(value)}))


def _window(pair: object, path: str) -> Window:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise CalendarError(f"{_shown(pair)} is not a window; {_WINDOW_FORM}", path, pair)
    opens, closes = (_time(value, path) for value in pair)
    if str(pair[0]).startswith("24:"):
        raise CalendarError("a window cannot open at 24:00, which ends a day; use 00:00", path, pair)
    if closes <= opens:
        hint = f'; write "{pair[1]}+1" if it closes on the next day' if closes < DAY_S else ""
        raise CalendarError(f'it closes at "{pair[1]}", which is not after "{pair[0]}"{hint}', path, pair)
    return Window(opens, closes)


def _time(value: object, path: str) -> int:
    if not isinstance(value, str):
        # YAML reads an unquoted 13:30 as the number 810.
        number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= DAY_S
        hint = " (YAML reads an unquoted 13:30 as a number: put it in quotes)" if number else ""
        raise CalendarError(f"{_shown(value)} is not a time{hint}; {_TIME_FORM}", path, value)
    match = _TIME.fullmatch(value)
    if match is None:
        raise CalendarError(f"{_shown(value)} is not a time; {_TIME_FORM}", path, value)
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    at = hour * 3600 + minute * 60 + second
    if minute > 59 or second > 59 or at > DAY_S:
        raise CalendarError(f"{_shown(value)} is not a time of a day; 00:00 to 24:00 is allowed", path, value)
    return at + DAY_S if match[4] else at


def _date(value: object, path: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise CalendarError(f"{_shown(value)} is not in the calendar", path, value) from None
    raise CalendarError(f"{_shown(value)} is not a date; write it as 2026-12-24", path, value)


def _holidays(value: object, path: str) -> tuple[dict[date, str], tuple[Country, ...]]:
    """Dates with their names, and countries, of a list or of one mapping."""
    dates: dict[date, str] = {}
    countries: set[Country] = set()
    entries = value if isinstance(value, list | tuple) else [] if value is None else [value]
    for n, entry in enumerate(entries):
        at = path if entry is value else f"{path}[{n}]"
        if isinstance(entry, Mapping):
            _holiday_mapping(entry, at, dates, countries)
        else:
            dates.setdefault(_date(entry, at), "holiday")
    ordered = sorted(countries, key=lambda country: (country.code, country.subdivision or ""))
    return dict(sorted(dates.items())), tuple(ordered)


def _holiday_mapping(
    entry: Mapping[object, object], path: str, dates: dict[date, str], countries: set[Country]
) -> None:
    allowed = ("country", "subdivision", "dates", "date", "name")
    for key in entry:
        if key not in allowed:
            _unknown(key, allowed, path, "key of a holiday")
    if "date" in entry:
        if extra := set(entry) - {"date", "name"}:
            raise CalendarError(f"`date` stands with `name` only, not with `{min(map(str, extra))}`", path, entry)
        name = entry.get("name", "holiday")
        if not isinstance(name, str) or not name.strip():
            raise CalendarError(f"a name in words is expected, not {_shown(name)}", f"{path}.name", name)
        dates[_date(entry["date"], f"{path}.date")] = name.strip()
        return
    if "name" in entry or not ("country" in entry or "dates" in entry):
        raise CalendarError("a holiday has a `date` (and a `name`), a `country`, or `dates`", path, entry)
    if "country" in entry:
        countries.add(_country(entry, path))
    elif "subdivision" in entry:
        raise CalendarError("a `subdivision` needs its `country`", path, entry)
    listed = entry.get("dates") or []
    if not isinstance(listed, list | tuple):
        raise CalendarError("`dates` is a list of dates", f"{path}.dates", listed)
    named, found = _holidays(listed, f"{path}.dates")
    dates.update(named)
    countries.update(found)


def _country(entry: Mapping[object, object], path: str) -> Country:
    code, subdivision = entry["country"], entry.get("subdivision")
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{2,3}", code) or not _has_holidays(code):
        hint = _nearest(str(code).upper(), _countries())
        # YAML reads an unquoted NO, Norway, as false.
        hint = ' (YAML reads an unquoted NO as false: put it in quotes, "NO")' if code is False else hint
        sentence = f"{_shown(code)} is no country with known holidays; use a code such as DE{hint}"
        raise CalendarError(sentence, f"{path}.country", code)
    if subdivision is None:
        return Country(code)
    try:
        if not isinstance(subdivision, str) or not subdivision:
            raise NotImplementedError
        _known_years(Country(code, subdivision))
    except NotImplementedError:
        known = _countries().get(code, [])
        hint = _nearest(str(subdivision).upper(), known) or f"; it has {', '.join(known) or 'none'}"
        sentence = f"{_shown(subdivision)} is no subdivision of {code}{hint}"
        raise CalendarError(sentence, f"{path}.subdivision", subdivision) from None
    return Country(code, subdivision)


def _has_holidays(code: str) -> bool:
    try:
        _known_years(Country(code))
    except NotImplementedError:
        return False
    return True


def _length_of_day(value: object) -> int | None:
    if value is None:
        return None
    try:
        length = parse_duration(value)
    except ValueError as wrong:
        raise CalendarError(str(wrong), "day", value) from None
    if not 0 < length <= DAY_S:
        raise CalendarError("a business day is longer than nothing, and 24 h at most", "day", value)
    return length


def _canonical(
    timezone: str,
    week: Mapping[str, tuple[Window, ...]],
    holidays: tuple[Mapping[date, str], tuple[Country, ...]],
    by_date: tuple[Mapping[date, tuple[Window, ...]], Mapping[date, tuple[Window, ...]]],
    day: int | None,
) -> str:
    (dates, countries), (date_hours, date_breaks) = holidays, by_date
    listed: list[object] = [
        {"country": c.code, "subdivision": c.subdivision} if c.subdivision else {"country": c.code} for c in countries
    ]
    listed += [str(d) if name == "holiday" else {"date": str(d), "name": name} for d, name in dates.items()]
    parts: dict[str, object] = {
        "timezone": timezone,
        "hours": {day: _written(week[day]) for day in DAYS if week.get(day)},
        "holidays": listed,
        "date_hours": {str(day): _written(windows) for day, windows in date_hours.items()},
        "date_breaks": {str(day): _written(windows) for day, windows in date_breaks.items() if windows},
        "day": format_duration(day) if day else None,
    }
    return json.dumps({key: part for key, part in parts.items() if part or key == "hours"}, ensure_ascii=False)


def _written(windows: Iterable[Window]) -> list[list[str]]:
    return [[_clock(window.opens), _clock(window.closes, closes=True)] for window in windows]


def _clock(at: int, *, closes: bool = False) -> str:
    # 24:00 and 00:00+1 are one instant; as an end the first is written, as in most timetables.
    next_day = at > DAY_S or (at == DAY_S and not closes)
    hour, rest = divmod(at - DAY_S if next_day else at, 3600)
    minute, second = divmod(rest, 60)
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "") + ("+1" if next_day else "")


def _table(value: object, path: str, form: str) -> Mapping[object, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise CalendarError(f"{form} is expected, not {_shown(value)}", path, value)
    return value


def _unknown(key: object, allowed: Iterable[str], path: str, what: str) -> NoReturn:
    names = list(allowed)
    sentence = f"{_shown(key)} is no {what}; allowed are {', '.join(names)}{_nearest(str(key), names)}"
    raise CalendarError(sentence, path or str(key)[:60], key)


def _nearest(word: str, known: Iterable[str]) -> str:
    # Cut first: comparing takes time with the length, and the word may be anything.
    found = get_close_matches(word[:64], list(known), n=1)
    return f'; did you mean "{found[0]}"?' if found else ""


def _shown(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else value[:57] + "...", ensure_ascii=False)
    return str(value) if isinstance(value, date) else reprlib.repr(value)
