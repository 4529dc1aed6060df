"""Instants and texts in templates: `{{ at|when:now }}`, `{{ at|exact }}`, `{{ text|unwrapped }}`."""

from __future__ import annotations

from datetime import datetime

from django import template

from forthwith.ui import texts, times

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
def iso(at: datetime | None) -> str:
    """The instant for a `datetime` attribute."""
    return at.isoformat() if at else ""


@register.filter
def length_of_time(seconds: float) -> str:
    """Seconds in words."""
    return times.length(seconds)


@register.filter
def unwrapped(text: str) -> str:
    """The text without the line ends that a mail program put in to keep its lines short."""
    return texts.unwrapped(text)
