"""`forthwith replay --procedure FILE --since DATE`: what a draft would have done to past tickets (SOP H1)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from forthwith.config.cli import WRONG_USE, Complaint
from forthwith.config.commands.procedure import read_text
from forthwith.config.commands.ticket import tell
from forthwith.config.ready import set_up_desk

_BAR = 40
_SHOWN = 20


def run(asked: argparse.Namespace) -> int:
    """Print what changes; 0 when no ticket turns, 1 when some do, 2 when it cannot be replayed."""
    since, until = _day(asked.since, "--since"), _day(asked.until, "--until") if asked.until else None
    if until is not None and until < since:
        raise Complaint(f"The period ends before it begins: {until} is before {since}.", WRONG_USE)
    text = _text(asked.procedure)
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import procedures
        from forthwith.steps import replaying
        from forthwith.steps.replay_pool import Asked

        procedures.in_force()
        now = timezone.now()
        end = _midnight(until + timedelta(days=1)) if until else now
        found: dict[str, Any] = {}
        for_all = Asked(text, _midnight(since), end, now)
        for _piece in replaying.pieces(for_all, progress_of(asked), found):
            pass
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        tell(_in_words(found))
    return int(bool(found["turning"]))


def _text(name: str) -> str:
    """The draft. Whatever is in the way of replaying it is wrong use: 1 says that a ticket turns."""
    from forthwith.procedure import document

    try:
        text = read_text(name)
        document.read(text)
    except document.ProcedureError as wrong:
        raise Complaint(f"{name} is no procedure:\n{wrong}", WRONG_USE) from None
    except Complaint as wrong:
        raise Complaint(str(wrong), WRONG_USE) from None
    return text


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Complaint(f"{option}: {text!r} is no day; give one such as 2026-03-31.", WRONG_USE) from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def progress_of(asked: argparse.Namespace) -> Callable[[int, int], None]:
    """What draws a bar of how far it is, on a terminal where it was not asked to be quiet."""
    return _progress if sys.stderr.isatty() and not asked.quiet else _silent


def _silent(done: int, total: int) -> None:
    """Nobody looks."""


def _progress(done: int, total: int) -> None:
    filled = _BAR * done // max(total, 1)
    bar = "#" * filled + "." * (_BAR - filled)
    print(f"\r[{bar}] {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _in_words(found: dict[str, Any]) -> Iterator[str]:
    turned = [(one, one["turned"]) for one in found["clocks"]]
    late, saved = (sum(counts[way] for _, counts in turned) for way in ("late", "saved"))
    yield f"Tickets replayed: {found['tickets']}. On {found['turning']} of them a clock turns:"
    yield f"{late} clocks would be late that were not, {saved} that were late would not be."
    if found["unreadable"]:
        yield f"Not read: {found['unreadable']}. `forthwith verify` says what is wrong with them."
    if found["clocks"]:
        yield ""
        yield f"{'clock':<18}{'priority':<12}{'met':>16}{'late':>16}{'open':>16}"
    for one in found["clocks"]:
        sides = [f"{one['before'][state]} -> {one['after'][state]}" for state in ("met", "late", "open")]
        yield f"{one['clock'].replace('_', ' '):<18}{one['priority']:<12}" + "".join(f"{side:>16}" for side in sides)
    for title, key, name in (("rung", "escalations", "rung"), ("told", "told", "whom"), ("mails", "mails", "kind")):
        if found[key]:
            yield ""
        for one in found[key]:
            yield f"{title:<6}{one[name].replace('_', ' '):<40}{one['before']:>8} -> {one['after']}"
    if found["worst"]:
        yield ""
    for one in found["worst"][:_SHOWN]:
        how = "would be late by" if one["way"] == "late" else "was late by"
        yield f"#{one['ticket']:<8} {one['clock'].replace('_', ' ')} {how} {timedelta(seconds=one['seconds'])}"
