"""A language that the desk writes in: what stands around the wordings, and how a text in it is known (SOP 2.2, D3).

The wordings themselves are in `wording`, by language. What is here makes a mail whole: the names that the procedure's
parts have in it, the few phrases that fill a variable, and the names of days and months.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from forthwith.procedure.part import CategoryPath, Key, Part
from forthwith.procedure.phrases import tokens
from forthwith.procedure.wording import fill

READ = 4_000
"""Characters of a text in which its language is looked for."""
_FEWEST_WORDS = 3
_SHARE = 0.08
_LEAD = 4


class Phrases(Part):
    """What a variable says where there is no name or time to say. `moment` is an instant; see `moment_in`."""

    unnamed: str = ""
    """Stands for a requester without a name, behind the greeting."""
    soon: str = ""
    moment: str = ""
    today: str = ""
    tomorrow: str = ""
    next_step: str = ""
    confirmed: str = ""
    """The reasons for which the desk itself closes a ticket: this one, and silence."""
    silence: str = ""
    request: str = ""
    open_request: str = ""
    """What stands below the words of a mail, `request` before its number."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The phrases that say nothing."""
        return tuple(name for name in type(self).model_fields if not getattr(self, name))

    @property
    def or_english(self) -> Phrases:
        """The same with English ones for those that say nothing."""
        return self.model_copy(update={name: getattr(ENGLISH.phrases, name) for name in self.missing})


class Asked(Part):
    """A detail in a language: what it is called, and how it is asked for."""

    name: str
    ask: str


class Language(Part):
    """A language, its `name` in its own words. `words` are small words by which a text in it is known."""

    name: str
    words: tuple[str, ...] = ()
    weekdays: Annotated[tuple[str, ...], Field(min_length=7, max_length=7)]
    months: Annotated[tuple[str, ...], Field(min_length=12, max_length=12)]
    phrases: Phrases = Phrases()
    priorities: dict[Key, str] = {}
    categories: dict[CategoryPath, str] = {}
    teams: dict[Key, str] = {}
    details: dict[Key, Asked] = {}
    fields: dict[Key, str] = {}
    statuses: dict[Key, str] = {}
    statuses_for_requesters: dict[Key, str] = {}


MOMENT = ("weekday", "day", "month", "time")
"""The variables of `moment`."""

ENGLISH = Language(
    name="English",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    phrases=Phrases(
        unnamed="there",
        soon="as soon as we can",
        moment="{weekday} {day} {month}, {time}",
        today="today",
        tomorrow="tomorrow",
        next_step="Next step",
        confirmed="the requester confirmed that it is solved",
        silence="nothing was heard from the requester",
        request="Request",
        open_request="Open your request",
    ),
)
"""For a document that says nothing of its languages, as those before there could be several."""


def moment_in(language: Language, phrases: Phrases, local: datetime, now: datetime) -> str:
    """An instant, in the zone in which it is told: `tomorrow, Tuesday 3 March, 10:15`. `now` is in the same zone.

    The day is always named too: a mail is often read on another day than it was written.
    """
    parts = {
        "weekday": language.weekdays[local.weekday()],
        "day": str(local.day),
        "month": language.months[local.month - 1],
        "time": f"{local:%H:%M}",
    }
    said = fill(phrases.moment, parts)
    near = {now.date(): phrases.today, now.date() + timedelta(days=1): phrases.tomorrow}
    day = near.get(local.date(), "")
    return f"{day}, {said}" if day else said


def spoken_in(text: str, languages: Mapping[str, Language]) -> str:
    """The language of a text by the small words in it, or nothing where that is not sure.

    Sure means: several different ones, a fair share of all words, and hardly any of another language. A text that is
    short, mixed, or in a language that is not among these, is not. Linear in the text's length, and that is bounded.
    """
    said = tokens(text[:READ])
    if len(languages) < 2 or not said:
        return ""
    known = {key: _small_words(language.words) for key, language in languages.items()}
    found = {key: [word for word in said if word in small] for key, small in known.items()}
    best, second = sorted(found, key=lambda key: len(found[key]), reverse=True)[:2]
    count, others = len(found[best]), len(found[second])
    sure = len(set(found[best])) >= _FEWEST_WORDS and count >= len(said) * _SHARE and count >= others * _LEAD
    return best if sure else ""


@lru_cache(maxsize=64)
def _small_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(token for word in words for token in tokens(word))
