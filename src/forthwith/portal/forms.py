"""What a requester fills in."""

from __future__ import annotations

from typing import Any

from django import forms

from forthwith.procedure.model import Procedure
from forthwith.steps.acts import LONGEST_DETAIL

LONGEST = 20_000


def _text(label: str, *, required: bool, rows: int, help_text: str = "", longest: int = LONGEST) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={
            "required": "Write something first.",
            "max_length": f"That is too long: at most {longest} characters can be sent at once.",
        },
    )


class Answer(forms.Form):
    """The answer box; `waiting` says that the desk has asked something."""

    text = _text("Write to us", required=True, rows=4)

    def __init__(self, *args: Any, waiting: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if waiting:
            self.fields["text"].label = "Your answer"


class NotYet(forms.Form):
    """What is still wrong; it may stay empty, as 'not yet' says enough."""

    text = _text("What is still wrong?", required=False, rows=4, help_text="You can leave this empty.")


class Details(forms.Form):
    """One field for each detail that is missing, asked in the procedure's words (SOP 2.1)."""

    def __init__(self, procedure: Procedure, missing: tuple[str, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in missing:
            if key in procedure.details:
                self.fields[key] = _text(procedure.details[key].ask, required=False, rows=2, longest=LONGEST_DETAIL)


class Rating(forms.Form):
    """One number, and a comment (SOP 7.1)."""

    field_order = ("score", "comment")
    comment = _text("Anything you want to tell us?", required=False, rows=3, help_text="You can leave this empty.")

    def __init__(self, highest: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"] = forms.TypedChoiceField(
            label="How did we do?",
            coerce=int,
            choices=[(number, _said(number, highest)) for number in range(1, highest + 1)],
            widget=forms.RadioSelect,
            error_messages={"required": "Choose a number first.", "invalid_choice": "Choose one of the numbers."},
        )
        self.order_fields(self.field_order)


def _said(number: int, highest: int) -> str:
    words = {1: " (badly)", highest: " (very well)"}
    return f"{number}{words.get(number, '')}"
