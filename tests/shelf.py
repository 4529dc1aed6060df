"""Articles for the tests: written by Ben, reviewed by Lea."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from forthwith.knowledge import writing
from forthwith.knowledge.models import Article
from forthwith.knowledge.writing import Text, Writer
from forthwith.people.models import Person
from forthwith.record import procedures
from tests.desk_fixtures import MONDAY

TEXT = Text(
    title="Printer prints blank pages",
    body="## What to do\n\n1. Take the **drum** out.\n2. Weigh the toner.",
    category="hardware.printer",
    language="en",
)


def writer(name: str, now: datetime = MONDAY) -> Writer:
    """Somebody of the desk, by their name in small letters, at an instant."""
    person = Person.objects.get(email=f"{name}@desk.example")
    return Writer(person, procedures.current(), now)


def text(**changed: Any) -> Text:
    return replace(TEXT, **changed)


def draft(now: datetime = MONDAY, **changed: Any) -> Article:
    return writing.begin(writer("ben", now), text(**changed))


def in_review(now: datetime = MONDAY, **changed: Any) -> Article:
    return writing.ask_review(writer("ben", now), draft(now, **changed).pk, revision=1)


def published(now: datetime = MONDAY, **changed: Any) -> Article:
    article = in_review(now, **changed)
    return writing.publish(writer("lea", now), article.pk, revision=article.latest)


def again(article: Article) -> Article:
    """The article as its row is now."""
    return Article.objects.get(pk=article.pk)
