"""Which published articles fit a ticket: by its category, and by the words that they share (SOP 4.2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.db.models import F, Q

from forthwith.knowledge import index, reading
from forthwith.knowledge.models import Article, ArticleRevision
from forthwith.people.models import Person
from forthwith.people.words import words
from forthwith.procedure.model import Procedure

_LOOKED_AT = 24
_SHORTEST = 4
"""Letters of a word that tells something by itself."""
_MOST_WORDS = 4
_SAME, _NEAR = 1.0, 0.5
"""What the same category counts, and one above it or below: as much as being the best by words, and half of that."""
_EXPERIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Suggested:
    """An article that fits, because of its `category` or of the `words` that it shares with the ticket."""

    article: Article
    category: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What a ticket is about: its category, what was said, and the language of its requester."""

    category: str
    text: str
    language: str = ""


def suggested(person: Person, about: About, procedure: Procedure, most: int) -> list[Suggested]:
    """The published articles that fit best; none without a reason that can be told."""
    if about.category == procedure.assignment.category:
        # What a ticket has until somebody says otherwise tells nothing.
        about = replace(about, category="")
    telling = _telling(about.text, procedure)
    by_words = index.with_any(telling, most=_LOOKED_AT)
    rows = {one.pk: one for one in _candidates(person, about.category, by_words, procedure)}
    held = _held(rows, telling)
    found = [
        Suggested(article, _nearness(article.category, about.category) > 0, held.get(number, ())[:_MOST_WORDS])
        for number, article in rows.items()
    ]
    place = {number: 1 - rank / _LOOKED_AT for rank, number in enumerate(by_words)}
    fitting = [one for one in found if one.category or _speaks_of(one)]
    fitting.sort(key=lambda one: (-_score(one.article, about, place), one.article.pk))
    return fitting[:most]


def _speaks_of(one: Suggested) -> bool:
    """Whether words alone are reason enough: several, one of them in its title. Any long text has "every"."""
    return len(one.words) > 1 and not set(one.words).isdisjoint(words(one.article.title))


def _telling(text: str, procedure: Procedure) -> list[str]:
    """The words of a text that tell something, each once: none of a language's small words, none that is short."""
    small = {word for language in procedure.languages.values() for said in language.words for word in words(said)}
    counted = dict.fromkeys(word for word in words(text) if len(word) >= _SHORTEST and word not in small)
    return list(counted)[: index.MOST_ASKED]


def _candidates(person: Person, category: str, by_words: Collection[int], procedure: Procedure) -> Iterable[Article]:
    published = reading.visible_to(person).filter(published=True)
    fitting = Q(pk__in=by_words)
    if category:
        near = [path for path in procedure.category_paths if _nearness(path, category)]
        best = published.filter(category__in=near).order_by("-helped", "-pk")[:_LOOKED_AT]
        fitting |= Q(pk__in=[one.pk for one in best.only("pk")])
    return published.filter(fitting)


def _held(numbers: Collection[int], telling: Collection[str]) -> dict[int, tuple[str, ...]]:
    """The telling words that each article has, in the order of the ticket."""
    shown = ArticleRevision.objects.filter(article__in=numbers, number=F("article__shown"))
    held = {one.article_id: {*words(one.title), *words(one.body)} for one in shown}
    return {number: tuple(word for word in telling if word in has) for number, has in held.items()}


def _nearness(category: str, of_ticket: str) -> float:
    if not category or not of_ticket:
        return 0
    if category == of_ticket:
        return _SAME
    return _NEAR if f"{category}.".startswith(f"{of_ticket}.") or f"{of_ticket}.".startswith(f"{category}.") else 0


def _score(article: Article, about: About, place: dict[int, float]) -> float:
    # Few uses say little: four that are neither for nor against are counted along.
    experience = (article.helped + article.helped_in_part / 2 - article.failed) / (article.used + 4)
    spoken = 0.2 if article.language == about.language else 0
    near = _nearness(article.category, about.category)
    return place.get(article.pk, 0) + near + _EXPERIENCE * experience + spoken
