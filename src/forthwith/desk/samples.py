"""The page that shows every component in every state, so that a look at one page judges them all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from forthwith.desk.gate import desk_page
from forthwith.ui import clock
from forthwith.ui.clock import Face
from forthwith.ui.drawn import Rank

_HOUR = 3600
_NEXT_YEAR = datetime(2100, 1, 4, 10, 15, tzinfo=UTC)


class _Sample(forms.Form):
    use_required_attribute = False
    line = forms.CharField(label="A line", help_text="With a hint below it.", initial="What was typed")
    text = forms.CharField(label="A text", widget=forms.Textarea(attrs={"rows": 3}))
    choice = forms.ChoiceField(label="A choice", choices=(("a", "Service desk"), ("b", "Network")))
    one = forms.ChoiceField(
        label="One of a few",
        widget=forms.RadioSelect,
        initial="a",
        choices=(("a", "One person: one person is affected."), ("b", "Several people: a team is affected.")),
    )


@require_GET
@desk_page
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    now = timezone.now()
    context: dict[str, Any] = {
        "now": now,
        "clocks": _clocks(now),
        "ranks": [Rank("Critical", 4, True), Rank("High", 3, False), Rank("Medium", 2, False), Rank("Low", 1, False)],
        "outcomes": ["met", "late", "missing", "not due", "not applicable"],
        "form": _Sample(auto_id="sample-%s"),
        "wrong": _Sample({"line": "", "text": "", "choice": "z"}, auto_id="wrong-%s"),
    }
    return render(request, "desk/components.html", context)


def _clocks(now: datetime) -> list[Face]:
    def face(name: str, left: int, total: int) -> Face:
        due = now + timedelta(seconds=left)
        return clock.running(name, due=due, left=left, total=total, counting=True, now=now)

    ended = {"due": now, "now": now}
    return [
        face("first response", 48 * 60, _HOUR),
        face("next reply", 11 * 60, _HOUR),
        face("first response", -12 * 60, _HOUR),
        face("resolution", 20 * _HOUR, 24 * _HOUR),
        clock.running("resolution", due=_NEXT_YEAR, left=9 * _HOUR, total=24 * _HOUR, counting=False, now=now),
        clock.paused("resolution"),
        clock.ended("acknowledgement", at=now - timedelta(minutes=3), met=True, **ended),
        clock.ended("first response", at=now + timedelta(minutes=3), met=True, **ended),
        clock.ended("next update", at=now - timedelta(minutes=3), met=False, **ended),
    ]
