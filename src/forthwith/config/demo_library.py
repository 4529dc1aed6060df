"""The articles of the demo desk, written and reviewed by its people before the story begins, or during it (SOP 6.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from forthwith.config.demo_story import story
from forthwith.knowledge import writing
from forthwith.knowledge.models import Article
from forthwith.knowledge.writing import Text, Writer
from forthwith.people.models import Person
from forthwith.people.permits import Actor
from forthwith.record import procedures
from forthwith.steps import library

# The end of a line that the next one goes on with: that begins with no sign of its own.
_WRAPPED = re.compile(r"(?<=[^\n|])\n *(?=[^\s|#*\d-])")


def shelve(first: datetime) -> None:
    """Write, review and publish every article that has a reviewer, so many days before the demo's first."""
    for one in _written().values():
        if "reviewer" not in one:
            continue
        at = first - timedelta(days=one["days"])
        article = writing.begin(_writer(one["author"], at), _text(one))
        _publish(article, one["author"], one["reviewer"], at)
        if changed := one.get("revised"):
            later = first - timedelta(days=changed["days"])
            old, new = (said.strip() for said in changed["replace"])
            text = _text({**one, "text": one["text"].replace(old, new)})
            again = writing.revise(
                _writer(changed["by"], later), article.pk, text, base=article.latest, why=changed["why"]
            )
            _publish(again, changed["by"], changed["reviewer"], later)


def work_by(number: int, by: Actor, at: datetime, *, article: str, helped: str) -> None:
    """Somebody works by an article on a ticket (SOP 4.2)."""
    found = Article.objects.get(title=_written()[article]["title"])
    library.use(number, by=by, now=at, article=found.pk, helped=helped)


def write(number: int, by: Actor, at: datetime, *, article: str) -> None:
    """Somebody writes an article from a ticket, and asks for a review (SOP 6.2)."""
    one = _written()[article]
    made = library.write(number, _text(one), by=by, now=at)
    writing.ask_review(_writer(one["author"], at), made.pk, revision=made.latest)


def _publish(article: Article, author: str, reviewer: str, at: datetime) -> None:
    writing.ask_review(_writer(author, at + timedelta(hours=1)), article.pk, revision=article.latest)
    writing.publish(_writer(reviewer, at + timedelta(days=1)), article.pk, revision=article.latest)


def _writer(key: str, at: datetime) -> Writer:
    return Writer(Person.objects.get(email=story().agents[key].address), procedures.current(), at)


def _text(one: Mapping[str, Any]) -> Text:
    return Text(one["title"], _unwrapped(one["text"]), one["category"], one["language"], one["audience"])


def _unwrapped(text: str) -> str:
    """The text with a line for each paragraph and each point, as people type it; code stays as it is."""
    parts = text.split("```")
    return "```".join(part if place % 2 else _WRAPPED.sub(" ", part) for place, part in enumerate(parts))


@cache
def _written() -> dict[str, dict[str, Any]]:
    text = resources.files("forthwith.config").joinpath("demo_articles.yaml").read_text("utf-8")
    written: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return written
