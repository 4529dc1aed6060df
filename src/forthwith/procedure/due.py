"""Business-time questions as JSON, one a line: when is it due, how much counts, is it open (SOP 4.3).

A question is `{"calendar", "start", "duration_s"}` (negative: backward), `{"calendar", "start", "end"}` or
`{"calendar", "at"}`; `pauses`, a list of `[from, to]`, do not count. Answers are `{"due"}`, `{"seconds"}` or
`{"open", "next_open"}`, and `{"error"}` for a line that cannot be answered. Instants are ISO 8601.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, NoReturn

from forthwith.procedure.calendars import Calendar

_KEYS = ("calendar", "start", "duration_s", "end", "at", "pauses")
_QUESTIONS = "a question has `start` and `duration_s`, or `start` and `end`, or `at`"


def answer(line: str) -> dict[str, Any]:
    """The answer to one line. Whatever is wrong with it comes back as `{"error": sentence}`."""
    try:
        return _answered(_question(line))
    except (ValueError, OverflowError) as wrong:
        return {"error": str(wrong)}
    except RecursionError:
        return {"error": "the line is nested too deeply; a question is a flat JSON object"}


def answer_lines(lines: Iterable[str]) -> Iterator[str]:
    """The answers as JSON, one for each line that is not blank, in order."""
    for line in lines:
        text = line.strip().removeprefix("\ufeff")
        if text:
            yield json.dumps(answer(text))


def _question(line: str) -> dict[str, Any]:
    try:
        question = json.loads(line, parse_constant=_no_number)
    except json.JSONDecodeError as wrong:
        raise ValueError(f"the line is not JSON: {wrong.msg} at character {wrong.pos + 1}") from None
    if not isinstance(question, dict):
        raise ValueError('the line is not a JSON object; it looks like {"calendar": ..., "at": ...}')
    if "calendar" not in question:
        raise ValueError('`calendar` is missing; give "always" or a calendar such as {"timezone": ..., "hours": ...}')
    for key in question:
        # Notes beside a question are welcome; a slip of the pen must not change an answer unseen.
        meant = get_close_matches(key[:32], _KEYS, n=1, cutoff=0.85)
        if key not in _KEYS and meant:
            raise ValueError(f'"{key[:32]}" is no key of a question; did you mean "{meant[0]}"?')
    return question


def _answered(question: dict[str, Any]) -> dict[str, Any]:
    asked = [key for key in ("duration_s", "end", "at") if key in question]
    if len(asked) != 1 or ("start" in question) == (asked == ["at"]):
        raise ValueError(_QUESTIONS)
    start = _instant(question, "at" if asked == ["at"] else "start")
    pauses = _pauses(question.get("pauses"))
    # The day of the question is the day of loading: a year-old question has the answer it had then.
    calendar = Calendar.load(_calendar(question["calendar"]), today=start.date())
    if asked == ["at"]:
        if pauses:
            raise ValueError("`pauses` go with `duration_s` or `end`, not with `at`")
        return {"open": calendar.is_open(start), "next_open": _iso(calendar.next_open(start))}
    if asked == ["end"]:
        return {"seconds": calendar.between(start, _instant(question, "end"), pauses)}
    seconds = question["duration_s"]
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise ValueError(f"`duration_s` is a whole number of seconds, not {reprlib.repr(seconds)}")
    return {"due": _iso(calendar.add(start, seconds, pauses))}


def _calendar(spec: Any) -> Any:
    if not isinstance(spec, str | dict):
        raise ValueError(f'`calendar` is "always" or an object, not {reprlib.repr(spec)}')
    return spec


def _pauses(value: Any) -> list[tuple[datetime, datetime | None]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"`pauses` is a list of [from, to], not {reprlib.repr(value)}")
    pauses: list[tuple[datetime, datetime | None]] = []
    for n, pair in enumerate(value):
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"pauses[{n}] is a pair [from, to], not {reprlib.repr(pair)}")
        begin, until = pair
        end = None if until is None else _iso_read(until, f"pauses[{n}][1]")
        pauses.append((_iso_read(begin, f"pauses[{n}][0]"), end))
    return pauses


def _instant(question: dict[str, Any], key: str) -> datetime:
    return _iso_read(question[key], f"`{key}`")


def _iso_read(value: Any, where: str) -> datetime:
    form = "write an instant such as 2026-03-02T09:00:00Z"
    if not isinstance(value, str):
        raise ValueError(f"{where} is text, not {reprlib.repr(value)}; {form}")
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{where} is no instant: {reprlib.repr(value)}; {form}") from None
    if at.utcoffset() is None:
        raise ValueError(f"{where} has no time zone: {reprlib.repr(value)}; end it with Z or an offset such as +01:00")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{where} lies outside the years 1 to 9999: {reprlib.repr(value)}") from None


def _iso(at: datetime) -> str:
    return at.isoformat().removesuffix("+00:00") + "Z"


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number; give a whole number of seconds")
