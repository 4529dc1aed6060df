"""What a requester fills in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.procedure.model import Procedure
from forthwith.steps.acts import LONGEST_DETAIL

LONGEST = 20_000
EMPTY = gettext_lazy("You can leave this empty.")


Words = Any
"""A text, or one that is translated when it is shown."""


def _text(label: Words, *, required: bool, rows: int, help_text: Words = "", longest: int = LONGEST) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={
            "required": gettext_lazy("Write something first."),
            "max_length": gettext_lazy("That is too long: at most %(limit_value)d characters can be sent at once."),
        },
    )


class Answer(forms.Form):
    """The answer box; `waiting` says that the desk has asked something."""

    text = _text(gettext_lazy("Write to us"), required=True, rows=4)

    def __init__(self, *args: Any, waiting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if waiting:
            self.fields["text"].label = _("Your answer")


class NotYet(forms.Form):
    """What is still wrong; it may stay empty, as 'not yet' says enough."""

    text = _text(gettext_lazy("What is still wrong?"), required=False, rows=4, help_text=EMPTY)


class Details(forms.Form):
    """One field for each detail that is missing, asked in the procedure's words (SOP 2.1)."""

    def __init__(self, missing: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, ask in missing.items():
            if ask:
                self.fields[key] = _text(ask, required=False, rows=2, longest=LONGEST_DETAIL)


class Chosen(forms.Form):
    """One of the languages that the procedure has words in."""

    def __init__(self, procedure: Procedure, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            choices=[(key, language.name) for key, language in procedure.spoken.items()]
        )


class Rating(forms.Form):
    """One number, and a comment (SOP 7.1)."""

    field_order = ("score", "comment")
    comment = _text(gettext_lazy("Anything you want to tell us?"), required=False, rows=3, help_text=EMPTY)

    def __init__(self, highest: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"] = forms.TypedChoiceField(
            label=_("How did we do?"),
            coerce=int,
            choices=[(number, _said(number, highest)) for number in range(1, highest + 1)],
            widget=forms.RadioSelect,
            error_messages={
                "required": _("Choose a number first."),
                "invalid_choice": _("Choose one of the numbers."),
            },
        )
        self.order_fields(self.field_order)


def _said(number: int, highest: int) -> str:
    words = {1: _("%(number)d (badly)"), highest: _("%(number)d (very well)")}
    return words.get(number, "%(number)d") % {"number": number}
