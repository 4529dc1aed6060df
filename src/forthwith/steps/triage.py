"""Step 3, triage: which category, which priority, and why (SOP 3.1, 3.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import facts as f
from forthwith.procedure.model import Procedure
from forthwith.procedure.phrases import Lexicon
from forthwith.procedure.said import say
from forthwith.record import procedures
from forthwith.record.door import OpenCase
from forthwith.steps import suggested
from forthwith.steps.suggested import NOTHING, Suggested
from forthwith.suggestions.model import Guess

_READ = 20_000
_SUBJECT_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a request seems to be, and why: by the procedure's words or, where these are weak, by closed tickets.

    `learnt` is what closed tickets suggest, also where the words decided otherwise.
    """

    category: str
    impact: str
    urgency: str
    category_why: str
    priority_why: str
    learnt: Suggested = NOTHING


@dataclass(frozen=True, slots=True)
class _Lexicons:
    categories: Lexicon
    impacts: Lexicon
    urgencies: Lexicon


def suggest(procedure: Procedure, subject: str, text: str) -> Suggestion:
    """Category, impact and urgency by the procedure's words; where these are weak, by closed tickets if they are sure
    enough; else the procedure's defaults."""
    lexicons, default = _lexicons(procedure), procedure.assignment
    category, category_words, weight = _best(lexicons.categories, subject[:_READ], text[:_READ], default.category)
    whole = f"{subject[:_READ]}\n{text[:_READ]}"
    impact, impact_words = _gravest(lexicons.impacts.said(whole), procedure.impacts, default.impact)
    urgency, urgency_words = _gravest(lexicons.urgencies.said(whole), procedure.urgencies, default.urgency)
    priority_words = [*impact_words, *urgency_words]
    learnt = suggested.for_text(procedure, subject, text, ("category", "priority"))
    category_why, priority_why = _because(category_words), _because(priority_words)
    if weight <= procedure.suggestions.weak and (sure := _sure(procedure, learnt, "category")):
        category, category_why = sure.choice, learnt.because(sure)
    if not priority_words and (sure := _sure(procedure, learnt, "priority")):
        (impact, urgency), priority_why = suggested.parted(sure.choice), learnt.because(sure)
    return Suggestion(category, impact, urgency, category_why, priority_why, learnt)


def categorise(case: OpenCase, category: str, why: str) -> None:
    """Log a person's choice, with what was suggested: by closed tickets, or what the ticket had before.

    Raises ValueError for a category that the procedure does not have.
    """
    if category not in case.procedure.category_paths:
        raise ValueError(_("There is no category '%(category)s'.") % {"category": category})
    guess = _learnt(suggested.for_ticket(case.procedure, case.ticket, "category"), "category", case.case.category)
    case.log(f.Categorised(at=case.now, by=case.by.person, category=category, why=why, **guess))


def prioritise(case: OpenCase, impact: str, urgency: str, why: str) -> None:
    """Log a priority by the matrix. Raises ValueError for a level that the procedure does not have."""
    if impact not in case.procedure.impacts or urgency not in case.procedure.urgencies:
        raise ValueError(_("Choose an impact and an urgency from the lists."))
    priority = case.procedure.priority_for(impact, urgency)
    guess = _learnt(suggested.for_ticket(case.procedure, case.ticket, "priority"), "priority", None)
    fact = f.Prioritised(
        at=case.now, by=case.by.person, priority=priority, impact=impact, urgency=urgency, why=why, **guess
    )
    case.log(fact)


def differing(case: OpenCase, also: Mapping[str, str]) -> dict[str, str]:
    """What of a `category`, and of an `impact` with an `urgency`, is not so already."""
    category, impact, urgency = also.get("category", ""), also.get("impact", ""), also.get("urgency", "")
    found = {"category": category} if category and category != case.case.category else {}
    if impact and urgency and (impact, urgency) != (case.case.impact, case.case.urgency):
        found |= {"impact": impact, "urgency": urgency}
    return found


def along(case: OpenCase, also: Mapping[str, str]) -> None:
    """Set what differs of a category and a priority that go with an answer, as its `macro` proposes, if it has one."""
    name = procedures.macro_called(also.get("macro", ""), case.procedure)
    why = say("with the macro '%(macro)s'", macro=name) if name else say("set together with an answer")
    new = differing(case, also)
    if "category" in new:
        categorise(case, new["category"], why)
    if "impact" in new:
        prioritise(case, new["impact"], new["urgency"], why)


def accept(case: OpenCase, suggestion: Suggestion) -> None:
    """Let a suggestion stand until a person says otherwise; the record shows that the system chose."""
    at, chosen, learnt = case.now, suggestion.category, suggestion.learnt
    why, guess = suggestion.category_why, _learnt(learnt, "category", chosen)
    case.log(f.Categorised(at=at, category=chosen, why=why, **guess), by=THE_SYSTEM)
    priority = case.procedure.priority_for(suggestion.impact, suggestion.urgency)
    fact = f.Prioritised(
        at=at,
        priority=priority,
        impact=suggestion.impact,
        urgency=suggestion.urgency,
        why=suggestion.priority_why,
        **_learnt(learnt, "priority", None),
    )
    case.log(fact, by=THE_SYSTEM)


def _sure(procedure: Procedure, learnt: Suggested, target: str) -> Guess | None:
    """What closed tickets suggest, if they are sure enough to decide by themselves."""
    best = learnt.best(target)
    return best if best and best.confidence >= procedure.suggestions.decide_from else None


def _learnt(learnt: Suggested, target: str, otherwise: str | None) -> dict[str, Any]:
    """What a fact says of the suggestion from closed tickets; where there is none, what was suggested otherwise."""
    best = learnt.best(target)
    if best is None:
        return {"suggested": otherwise}
    return {"suggested": best.choice, "confidence": best.confidence, "suggested_why": learnt.because(best)}


def _best(lexicon: Lexicon, subject: str, text: str, default: str) -> tuple[str, list[str], int]:
    """The category with most words, those of the subject counting more; of equals the deeper, then the earlier.

    With its words and what they weigh.
    """
    spoken: dict[str, Counter[str]] = {}
    for part, weight in ((subject, _SUBJECT_WEIGHT), (text, 1)):
        for key, phrases in lexicon.said(part).items():
            spoken.setdefault(key, Counter()).update(dict.fromkeys(phrases, weight))
    if not spoken:
        return default, [], 0
    best = max(spoken, key=lambda key: (spoken[key].total(), key.count("."), -lexicon.place(key)))
    return best, list(spoken[best]), spoken[best].total()


def _gravest(said: Mapping[str, list[str]], levels: Iterable[str], default: str) -> tuple[str, list[str]]:
    """The first level, gravest first, that a word speaks for."""
    return next(((key, said[key]) for key in levels if key in said), (default, []))


def _because(words: list[str]) -> str:
    return say("words: %(words)s", words=", ".join(words[:6])) if words else say("no word spoke for another")


@lru_cache(maxsize=16)
def _lexicons(procedure: Procedure) -> _Lexicons:
    return _Lexicons(
        Lexicon({path: category.words for path, category in procedure.category_paths.items()}),
        Lexicon({key: level.words for key, level in procedure.impacts.items()}),
        Lexicon({key: level.words for key, level in procedure.urgencies.items()}),
    )
