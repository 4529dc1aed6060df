"""Keys of the record as a page says them in its language; its sentences: `record/stored.py`."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

PURPOSES = frozenset(
    {
        gettext_noop("acknowledgement"),
        gettext_noop("split notice"),
        gettext_noop("reply"),
        gettext_noop("reply to others"),
        gettext_noop("confirmation"),
        gettext_noop("closed"),
        gettext_noop("escalation notice"),
    }
)
OUTCOMES = (
    gettext_noop("met"),
    gettext_noop("late"),
    gettext_noop("missing"),
    gettext_noop("not due"),
    gettext_noop("not applicable"),
    gettext_noop("sent"),
    gettext_noop("failed"),
    gettext_noop("queued"),
    gettext_noop("running"),
    gettext_noop("paused"),
    gettext_noop("superseded"),
    gettext_noop("merged"),
)
"""Verdicts, and the states of clocks and mails."""


def purpose_name(purpose: str) -> str:
    """What a mail is for, in small letters where the language has them."""
    words = purpose.replace("_", " ")
    return gettext(words) if words in PURPOSES else words


def outcome_name(outcome: str) -> str:
    """A verdict, or the state of a clock or a mail."""
    return gettext(outcome) if outcome in OUTCOMES else outcome
