"""Instants in templates: `{% load times %}`, then `{{ at|when:now }}`, `{{ at|exact }}`, `{{ seconds|length_of_time }}`."""

from __future__ import annotations

from datetime import datetime

from django import template

from forthwith.ui import times

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
