"""Instants and texts in templates: `{{ at|when:now }}`, `{{ at|exact }}`, `{{ text|unwrapped }}`."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from forthwith.people import timers
from forthwith.people.models import Person
from forthwith.ui import drawn, filled, texts, times
from forthwith.ui.clock import Face
from forthwith.ui.drawn import Rank

register = template.Library()


@register.filter
def when(at: datetime | None, now: datetime) -> str:
    """The instant seen from `now`, or nothing when there is none."""
    return times.when(at, now) if at else ""


@register.filter
def exact(at: datetime | None) -> str:
    """The whole instant with its zone, or nothing when there is none."""
    return times.exact(at) if at else ""


@register.filter
def timed(person: Person) -> str:
    """What a person's timer has counted so far."""
    timer = timers.of(person)
    minutes = timer.minutes or timer.elapsed(timezone.now()) if timer else 0
    return times.length(60 * minutes)


@register.filter
def unwrapped(text: str) -> str:
    """The text without the line ends that a mail program put in to keep its lines short."""
    return texts.unwrapped(text)


@register.filter
def linked(text: str) -> str:
    """The text with links where it names an address."""
    return filled.linked(text)


@register.filter
def with_marks(html: str) -> str:
    """HTML that was made of what somebody of the desk typed."""
    return filled.with_marks(html)


@register.filter
def moment(at: datetime | None, now: datetime) -> str:
    """The `moment` component, for places that hold many."""
    return drawn.moment(at, now)


@register.filter
def clock(face: Face) -> str:
    """A clock; see `drawn.clock`."""
    return drawn.clock(face)


@register.filter
def priority(rank: Rank) -> str:
    """A priority; see `drawn.priority`."""
    return drawn.priority(rank)


@register.filter
def with_day(at: datetime, now: datetime) -> str:
    """The instant with its day, also when that is today."""
    return times.with_day(at, now)


@register.filter
def mark(outcome: str) -> str:
    """The `mark` component, for places that hold many."""
    return drawn.mark(outcome)


@register.simple_tag
def marked(outcome: str, says: str) -> str:
    """The `mark` component with other words than its outcome."""
    return drawn.mark(outcome, says)
