"""What an invitation says (text/calendar, RFC 5545 and 5546), for a mail that has no other text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_MAX = 200_000
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"^([A-Za-z-]{2,40})((?:;(?:[^:\"\n]++|\"[^\"\n]*+\")*+)?+):([^\n]*)$", re.MULTILINE)
_ZONE = re.compile(r";TZID=\"?([^;\":]{1,80})", re.IGNORECASE)
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,6})S)?)?\Z")
_METHODS = {
    "REQUEST": "Invitation",
    "PUBLISH": "Event",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time is proposed",
    "DECLINECOUNTER": "The other time is declined",
}
_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "accepted for now"}


def told(calendar: str) -> str:
    """Title, time, place and description of the first event, a line each; "" when there is none.

    Times stay in the zone that the invitation names, which stands behind them.
    """
    text = _FOLD.sub("", calendar[:_MAX]).replace("\r", "")
    begin = re.search(r"^BEGIN:V(?:EVENT|TODO)", text, re.MULTILINE | re.IGNORECASE)
    if not begin:
        return ""
    head = _fields(text[: begin.start()])
    end = re.search(r"^END:V(?:EVENT|TODO)|^BEGIN:VALARM", text[begin.end() :], re.MULTILINE | re.IGNORECASE)
    event = _fields(text[begin.end() : begin.end() + end.start() if end else len(text)])
    method = head.get("METHOD", ("", ""))[1].strip().upper()
    lines = [f"{_METHODS.get(method, 'Event')}: {_words(event, 'SUMMARY') or 'without a title'}"]
    answer = re.search(r";PARTSTAT=([A-Za-z-]{2,20})", event.get("ATTENDEE", ("", ""))[0], re.IGNORECASE)
    if method == "REPLY" and answer:
        lines.append(f"Answer: {_ANSWERS.get(answer[1].upper(), answer[1].lower())}")
    when = _when(event)
    lines += [f"When: {when}"] if when else []
    where = _words(event, "LOCATION")
    lines += [f"Where: {where}"] if where else []
    description = _words(event, "DESCRIPTION")
    return "\n".join(lines) + (f"\n\n{description}" if description else "")


def _fields(text: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for match in _LINE.finditer(text):
        found.setdefault(match[1].upper(), (match[2], match[3]))
    return found


def _words(event: dict[str, tuple[str, str]], name: str) -> str:
    value = event.get(name, ("", ""))[1]
    return re.sub(r"\\([nN,;\\])", lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _when(event: dict[str, tuple[str, str]]) -> str:
    name = "DTSTART" if "DTSTART" in event else "DUE"
    start, whole_day = _instant(event.get(name, ("", ""))[1])
    if not start:
        return ""
    zone = "UTC" if start.tzinfo else next(iter(_ZONE.findall(event[name][0])), "")
    end, _ = _instant(event.get("DTEND", ("", ""))[1])
    end = end or _after(start, event.get("DURATION", ("", ""))[1].strip())
    if whole_day:
        # The end of a whole-day event is the first day that is free again (RFC 5545 3.6.1).
        last = end - timedelta(days=1) if end and end.tzinfo == start.tzinfo and end > start else start
        return f"{start:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last > start else "")
    shown = f"{start:%Y-%m-%d %H:%M}"
    if end and end.tzinfo == start.tzinfo and end > start:
        shown += f" to {end:%H:%M}" if end.date() == start.date() else f" to {end:%Y-%m-%d %H:%M}"
    return f"{shown} {zone}".rstrip()


def _instant(value: str) -> tuple[datetime | None, bool]:
    """An instant, and whether it is a day; aware only where the value says UTC."""
    value = value.strip()
    try:
        if len(value) == 8:
            return datetime.strptime(value, "%Y%m%d"), True  # noqa: DTZ007 (a day has no zone)
        found = datetime.strptime(value[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 (its zone is named elsewhere)
    except ValueError:
        return None, False
    return (found.replace(tzinfo=UTC) if value.endswith("Z") else found), False


def _after(start: datetime, duration: str) -> datetime | None:
    match = _DURATION.match(duration)
    if not match:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return start + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
