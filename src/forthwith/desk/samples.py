"""The page that shows every component in every state, so that a look at one page judges them all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from forthwith.desk import past
from forthwith.desk.gate import desk_page
from forthwith.desk.history import Line
from forthwith.desk.rows import Row
from forthwith.desk.tour import HINTS
from forthwith.ui import clock
from forthwith.ui.clock import Face
from forthwith.ui.drawn import THE_DESK, Rank
from forthwith.ui.tabs import Tab

_HOUR = 3600
_NEXT_YEAR = datetime(2100, 1, 4, 10, 15, tzinfo=UTC)
_TREE = tuple(
    (group, tuple((f"{group}-{name}", name) for name in names))
    for group, names in (
        (
            gettext_lazy("Hardware"),
            (gettext_lazy("Laptop"), gettext_lazy("Printer or scanner"), gettext_lazy("Screen"), gettext_lazy("Phone")),
        ),
        (
            gettext_lazy("Network"),
            (
                "VPN",
                gettext_lazy("Wireless"),
                gettext_lazy("Telephony"),
                gettext_lazy("Internet access that is slow or gone at a whole site"),
            ),
        ),
    )
)


class _Sample(forms.Form):
    use_required_attribute = False
    line = forms.CharField(
        label=gettext_lazy("A line"),
        help_text=gettext_lazy("With a hint below it."),
        initial=gettext_lazy("What was typed"),
    )
    text = forms.CharField(label=gettext_lazy("A text"), widget=forms.Textarea(attrs={"rows": 3}))
    choice = forms.ChoiceField(
        label=gettext_lazy("A choice"), choices=(("a", gettext_lazy("Service desk")), ("b", gettext_lazy("Network")))
    )
    many = forms.ChoiceField(
        label=gettext_lazy("One of many"), choices=_TREE, widget=forms.Select(attrs={"data-find": True})
    )
    one = forms.ChoiceField(
        label=gettext_lazy("One of a few"),
        widget=forms.RadioSelect,
        initial="a",
        choices=(
            ("a", gettext_lazy("One person: one person is affected.")),
            ("b", gettext_lazy("Several people: a team is affected.")),
        ),
    )
    several = forms.MultipleChoiceField(
        label=gettext_lazy("Some of a few"),
        widget=forms.CheckboxSelectMultiple,
        initial=["a"],
        choices=(("a", gettext_lazy("The first message")), ("b", gettext_lazy("The second message"))),
    )
    off = forms.CharField(
        label=gettext_lazy("Switched off"), disabled=True, required=False, initial=gettext_lazy("Cannot be typed in")
    )


@require_GET
@desk_page
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    now = timezone.now()
    context: dict[str, Any] = {
        "now": now,
        "clocks": _clocks(now),
        "ranks": [
            Rank(_("Critical"), 4, True),
            Rank(_("High"), 3, False),
            Rank(_("Medium"), 2, False),
            Rank(_("Low"), 1, False),
        ],
        "outcomes": ["met", "late", "missing", "not due", "not applicable"],
        "names": ["Wilma Ortega", "Jonas Weber", "Ana Costa", "Béla Nagy", "li@clinic.example", "図書館", THE_DESK],
        "tabs": [Tab(_("All"), "#tabs", True, 16), Tab(_("Messages"), "#tabs", count=3), Tab(_("Delivery"), "#tabs")],
        "the_desk": THE_DESK,
        "rows": _rows(now),
        "facts": _facts(now),
        "asked": past.Asked(first=3),
        "hint": HINTS[1],
        "form": _Sample(auto_id="sample-%s"),
        "wrong": _Sample({"line": "", "text": "", "choice": "z", "many": "z"}, auto_id="wrong-%s"),
        "intact": _("intact"),
        "broken": _("broken"),
        "behind": _("behind a break"),
    }
    return render(request, "desk/components.html", context)


def _clocks(now: datetime) -> list[Face]:
    def face(name: str, left: int, total: int) -> Face:
        due = now + timedelta(seconds=left)
        return clock.running(name, due=due, left=left, total=total, counting=True, now=now)

    ended = {"due": now, "now": now}
    return [
        face(_("first response"), 48 * 60, _HOUR),
        face(_("next reply"), 11 * 60, _HOUR),
        face(_("first response"), -12 * 60, _HOUR),
        face(_("resolution"), 20 * _HOUR, 24 * _HOUR),
        clock.running(_("resolution"), due=_NEXT_YEAR, left=9 * _HOUR, total=24 * _HOUR, counting=False, now=now),
        clock.paused(_("resolution")),
        clock.ended(_("acknowledgement"), at=now - timedelta(minutes=3), met=True, **ended),
        clock.ended(_("first response"), at=now + timedelta(minutes=3), met=True, **ended),
        clock.ended(_("next update"), at=now - timedelta(minutes=3), met=False, **ended),
    ]


def _rows(now: datetime) -> list[tuple[str, Row]]:
    """A row of a list in each state, with what the page's script would add to it."""
    calm, soon, late, *_others = _clocks(now)
    usual = Row(
        number="1",
        version="1",
        subject=_("New laptop for a colleague"),
        face=calm,
        rank=Rank(_("Medium"), 2, False),
        who="Ana Costa, Harbour Logistics",
        about=_("Hardware › Laptop · Email"),
        status=_("Open"),
        usual=True,
        missing=False,
        tags=("onboarding",),
        alarm="",
        owner=_("nobody · Service desk"),
        mine=False,
        pick=True,
    )
    top = Rank(_("Critical"), 4, True)
    long = (
        _("A subject that is longer than any row is wide, because somebody wrote the whole story into it, twice, ") * 2
    )
    return [
        (_("usual"), usual),
        (_("at risk, mine"), replace(usual, number="2", face=soon, mine=True, owner=_("you · Service desk"))),
        (_("late, with an alarm"), replace(usual, number="3", face=late, rank=top, alarm=_("mail not delivered"))),
        (
            _("details missing, waiting"),
            replace(usual, number="4", missing=True, status=_("Waiting on requester"), usual=False),
        ),
        (_("paused, a long subject"), replace(usual, number="5", face=clock.paused(""), subject=long)),
        (_("read only"), replace(usual, number="6", pick=False, rank=None)),
    ]


def _facts(now: datetime) -> list[past.Row]:
    line = Line(
        number=1,
        kind="Replied",
        at=now,
        noted_at=now,
        who="Jonas Weber",
        name="Jonas Weber",
        says=_("answered, 5 min; next step: I call at noon"),
        revision=3,
    )
    fact = past.Row(
        line=line,
        heading=_("Messages"),
        step="4.3",
        hash="85a633f03c" * 6,
        standing=past.INTACT,
        installed=now,
        from_here="#timeline",
        to_here="#timeline",
    )
    by_the_desk = replace(
        line, number=2, who=THE_DESK, name=THE_DESK, says=_("escalated it to Network"), reason=_("75 % of the target")
    )
    late = replace(by_the_desk, number=3, noted_at=now + timedelta(minutes=1))
    return [
        fact,
        replace(fact, line=by_the_desk, standing=past.BROKEN, step="5.1"),
        replace(fact, line=late, standing=past.BEHIND),
    ]
