"""Step 3, triage: which category, which priority, and why (SOP 3.1, 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import facts as f
from forthwith.procedure.model import Level, Procedure
from forthwith.record.door import OpenCase

_READ = 20_000
_SUBJECT_WEIGHT = 3
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LONGEST_PHRASE = 4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the words of a request suggest, and which words spoke for it."""

    category: str
    impact: str
    urgency: str
    category_why: str
    priority_why: str


Lexicon = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Lexicons:
    categories: Lexicon
    impacts: Lexicon
    urgencies: Lexicon


def suggest(procedure: Procedure, subject: str, text: str) -> Suggestion:
    """Category, impact and urgency by the procedure's words; its defaults where no word speaks.

    Linear in the text's length: every phrase of up to four words is looked up once.
    """
    lexicons = _lexicons(procedure)
    phrases = _weights(subject, text)
    category, category_words = _best(lexicons.categories, phrases, procedure.assignment.category)
    impact, impact_words = _first(lexicons.impacts, phrases, procedure.assignment.impact)
    urgency, urgency_words = _first(lexicons.urgencies, phrases, procedure.assignment.urgency)
    spoke = (*impact_words, *urgency_words)
    return Suggestion(category, impact, urgency, _because(category_words), _because(spoke))


def categorise(case: OpenCase, category: str, why: str, suggested: str | None = None) -> None:
    """Log a category. Raises ValueError for one that the procedure does not have."""
    if category not in case.procedure.category_paths:
        raise ValueError(f"There is no category '{category}'.")
    case.log(f.Categorised(at=case.now, by=case.by.person, category=category, suggested=suggested, why=why))


def prioritise(case: OpenCase, impact: str, urgency: str, why: str) -> None:
    """Log a priority by the matrix. Raises ValueError for a level that the procedure does not have."""
    if impact not in case.procedure.impacts or urgency not in case.procedure.urgencies:
        raise ValueError("Choose an impact and an urgency from the lists.")
    priority = case.procedure.priority_for(impact, urgency)
    fact = f.Prioritised(at=case.now, by=case.by.person, priority=priority, impact=impact, urgency=urgency, why=why)
    case.log(fact)


def accept(case: OpenCase, suggestion: Suggestion) -> None:
    """Let a suggestion stand until a person says otherwise; the record shows that the system chose."""
    at, procedure = case.now, case.procedure
    chosen = suggestion.category
    case.log(f.Categorised(at=at, category=chosen, suggested=chosen, why=suggestion.category_why), by=THE_SYSTEM)
    priority = procedure.priority_for(suggestion.impact, suggestion.urgency)
    fact = f.Prioritised(
        at=at, priority=priority, impact=suggestion.impact, urgency=suggestion.urgency, why=suggestion.priority_why
    )
    case.log(fact, by=THE_SYSTEM)


def _weights(subject: str, text: str) -> Mapping[str, int]:
    weights = dict.fromkeys(_phrases(text[:_READ]), 1)
    weights.update(dict.fromkeys(_phrases(subject[:500]), _SUBJECT_WEIGHT))
    return weights


def _phrases(text: str) -> Iterable[str]:
    tokens = [token.casefold().replace("’", "'") for token in _TOKEN.findall(text)]
    for length in range(1, _LONGEST_PHRASE + 1):
        for start in range(len(tokens) - length + 1):
            yield " ".join(tokens[start : start + length])


def _best(lexicon: Lexicon, phrases: Mapping[str, int], default: str) -> tuple[str, tuple[str, ...]]:
    """The key with most weight of words; of equals the deeper category, then the earlier one."""
    best, best_score = default, (0, 0)
    spoke: tuple[str, ...] = ()
    for key, known in lexicon.items():
        hits = tuple(word for word in known if word in phrases)
        score = (sum(phrases[word] for word in hits), key.count("."))
        if score[0] and score > best_score:
            best, best_score, spoke = key, score, hits
    return best, spoke


def _first(lexicon: Lexicon, phrases: Mapping[str, int], default: str) -> tuple[str, tuple[str, ...]]:
    """The first level, gravest first, that a word speaks for."""
    for key, known in lexicon.items():
        hits = tuple(word for word in known if word in phrases)
        if hits:
            return key, hits
    return default, ()


def _because(words: tuple[str, ...]) -> str:
    return "words: " + ", ".join(words[:6]) if words else "no word spoke for another"


@lru_cache(maxsize=16)
def _lexicons(procedure: Procedure) -> _Lexicons:
    categories = {path: _folded(category.words) for path, category in procedure.category_paths.items()}
    return _Lexicons(categories, _levels(procedure.impacts), _levels(procedure.urgencies))


def _levels(levels: Mapping[str, Level]) -> Lexicon:
    return {key: _folded(level.words) for key, level in levels.items()}


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    """Words as the text's phrases are spelt: case folded, single spaces, no punctuation between."""
    return tuple(" ".join(_TOKEN.findall(word.casefold())) for word in words)
