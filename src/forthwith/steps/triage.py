"""Step 3, triage: which category, which priority, and why (SOP 3.1, 3.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import facts as f
from forthwith.procedure.model import Procedure
from forthwith.procedure.phrases import Lexicon
from forthwith.record.door import OpenCase

_READ = 20_000
_SUBJECT_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the words of a request suggest, and which words spoke for it."""

    category: str
    impact: str
    urgency: str
    category_why: str
    priority_why: str


@dataclass(frozen=True, slots=True)
class _Lexicons:
    categories: Lexicon
    impacts: Lexicon
    urgencies: Lexicon


def suggest(procedure: Procedure, subject: str, text: str) -> Suggestion:
    """Category, impact and urgency by the procedure's words; its defaults where no word speaks."""
    lexicons, default = _lexicons(procedure), procedure.assignment
    category, category_words = _best(lexicons.categories, subject[:_READ], text[:_READ], default.category)
    whole = f"{subject[:_READ]}\n{text[:_READ]}"
    impact, impact_words = _gravest(lexicons.impacts.said(whole), procedure.impacts, default.impact)
    urgency, urgency_words = _gravest(lexicons.urgencies.said(whole), procedure.urgencies, default.urgency)
    return Suggestion(category, impact, urgency, _because(category_words), _because([*impact_words, *urgency_words]))


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


def _best(lexicon: Lexicon, subject: str, text: str, default: str) -> tuple[str, list[str]]:
    """The category with most words, those of the subject counting more; of equals the deeper, then the earlier."""
    spoken: dict[str, Counter[str]] = {}
    for part, weight in ((subject, _SUBJECT_WEIGHT), (text, 1)):
        for key, phrases in lexicon.said(part).items():
            spoken.setdefault(key, Counter()).update(dict.fromkeys(phrases, weight))
    if not spoken:
        return default, []
    best = max(spoken, key=lambda key: (spoken[key].total(), key.count("."), -lexicon.place(key)))
    return best, list(spoken[best])


def _gravest(said: Mapping[str, list[str]], levels: Iterable[str], default: str) -> tuple[str, list[str]]:
    """The first level, gravest first, that a word speaks for."""
    return next(((key, said[key]) for key in levels if key in said), (default, []))


def _because(words: list[str]) -> str:
    return "words: " + ", ".join(words[:6]) if words else "no word spoke for another"


@lru_cache(maxsize=16)
def _lexicons(procedure: Procedure) -> _Lexicons:
    return _Lexicons(
        Lexicon({path: category.words for path, category in procedure.category_paths.items()}),
        Lexicon({key: level.words for key, level in procedure.impacts.items()}),
        Lexicon({key: level.words for key, level in procedure.urgencies.items()}),
    )
