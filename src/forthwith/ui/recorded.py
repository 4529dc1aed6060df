"""Texts of the record that the desk itself wrote, in English, as a page says them in its language.

The record keeps them as they were written; what somebody typed is shown as it is, also where it reads alike.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import get_language, gettext, gettext_noop

from forthwith.ui import stored

_LONGEST = 600

FIXED = frozenset(
    {
        gettext_noop("tickets are taken by hand"),
        gettext_noop("nobody is available"),
        gettext_noop("everybody available is at capacity"),
        gettext_noop("whose turn it is"),
        gettext_noop("available, with the fewest open tickets"),
        gettext_noop("taken"),
        gettext_noop("assigned by hand"),
        gettext_noop("called in by a note"),
        gettext_noop("taken off by the desk"),
        gettext_noop("they asked for it by the link in their mail"),
        gettext_noop("waiting for an answer"),
        gettext_noop("waiting for a third party"),
        gettext_noop("the date to wait until has come"),
        gettext_noop("chosen"),
        gettext_noop("known by the words of what they wrote"),
        gettext_noop("known by the language that their mail program names"),
        gettext_noop("by hand"),
        gettext_noop("automatic"),
        gettext_noop("reply"),
        gettext_noop("by the requester"),
        gettext_noop("told to an agent"),
        gettext_noop("the requester confirmed that it is solved"),
        gettext_noop("nothing was heard from the requester"),
        gettext_noop("the requester wrote again"),
        gettext_noop("undone, together with others"),
        gettext_noop("no word spoke for another"),
        gettext_noop("made into a ticket by hand"),
        gettext_noop("used"),
        gettext_noop("to be written"),
        gettext_noop("not needed"),
        gettext_noop("an article was written"),
        gettext_noop("yes"),
        gettext_noop("in part"),
        gettext_noop("no"),
        gettext_noop("it is an old mail that was imported silently"),
        gettext_noop("a machine wrote it"),
        gettext_noop("Its author does not work here any more."),
        gettext_noop("it carries a delivery report (RFC 3464)"),
        gettext_noop("X-Failed-Recipients names who did not get our mail"),
    }
)
"""Whole texts."""
_MADE = (
    gettext_noop("the suggestion was accepted: %(why)s"),
    gettext_noop("model %(model)s, %(percent)s %%: %(words)s"),
    gettext_noop("words: %(words)s"),
    gettext_noop("with the macro '%(macro)s'"),
    gettext_noop("it is named in the acknowledgement of #%(ticket)s, which had not left yet"),
    gettext_noop("loop: %(address)s has had %(most)s acknowledgements within %(within)s"),
    gettext_noop("Not sent: %(why)s"),
    gettext_noop("Not sent, the desk failed: %(error)s. Send it again."),
    gettext_noop("%(who)s has replied since you looked."),
)
"""Texts with places."""
_CLOCK = re.compile(
    r"(acknowledgement|first response|next reply|next update|resolution|promise)(?: reached|:) (.{1,60})"
)
_OF_TARGET = " of its target"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(text).replace("%%", "%")))


PATTERNS = {text: _pattern(text) for text in _MADE}


def recorded(text: str) -> str:
    """A text of the record in the active language, where the desk itself wrote it."""
    language = get_language() or "en"
    if language == "en":
        return str(text)
    return stored.shown(str(text)) if len(text) > _LONGEST else _recorded(str(text), language)


@lru_cache(maxsize=2048)
def _recorded(text: str, language: str) -> str:
    if text in FIXED:
        return gettext(text)
    if by_clock := _CLOCK.fullmatch(text):
        return _by_clock(by_clock[1], by_clock[2])
    for known, pattern in PATTERNS.items():
        if found := pattern.fullmatch(text):
            return gettext(known) % {name: recorded(value) for name, value in found.groupdict().items()}
    return stored.shown(text)


def _by_clock(name: str, at: str) -> str:
    """Why the matrix acted: `first response reached 75% of its target`, `resolution: due + 1 h`."""
    clock = gettext(name)
    if at.endswith(_OF_TARGET):
        said = gettext("%(clock)s reached %(share)s of its target")
        return said % {"clock": clock, "share": at.removesuffix(_OF_TARGET)}
    return f"{clock}: {at}"


PURPOSES = (
    gettext_noop("acknowledgement"),
    gettext_noop("split notice"),
    gettext_noop("reply"),
    gettext_noop("reply to others"),
    gettext_noop("confirmation"),
    gettext_noop("closed"),
    gettext_noop("escalation notice"),
)


def purpose_name(purpose: str) -> str:
    """What a mail is for, in small letters where the language has them."""
    words = purpose.replace("_", " ")
    return gettext(words) if words in PURPOSES else words


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


def outcome_name(outcome: str) -> str:
    """A verdict, or the state of a clock or a mail."""
    return gettext(outcome) if outcome in OUTCOMES else outcome
