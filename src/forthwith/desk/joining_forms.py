"""The forms by which tickets are linked, merged and split. They check shape; the steps decide what is allowed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forthwith.desk.forms import LONGEST_TEXT, ActForm, Choices
from forthwith.desk.joined import Preview
from forthwith.procedure.joining_facts import RELATIONS

_LARGEST = 2**53


class OtherForm(ActForm):
    """Another ticket: one of the requester's, or any by its number."""

    other = forms.ChoiceField(label=_("The requester's other open tickets"), widget=forms.RadioSelect, required=False)
    number = forms.IntegerField(label=_("Or a ticket's number"), min_value=1, max_value=_LARGEST, required=False)

    def offer(self, choices: Choices) -> None:
        """What else the requester has that is open."""
        self.fields["other"].choices = choices.others  # type: ignore[attr-defined]
        if not choices.others:
            del self.fields["other"]
            self.fields["number"].label = _("The other ticket's number")

    def clean(self) -> dict[str, Any]:
        """A number that was typed goes before what was picked."""
        data = super().clean() or {}
        if not data.get("number") and not data.get("other") and not self.errors:
            raise forms.ValidationError(_("Choose a ticket, or type its number."))
        return data

    @property
    def chosen(self) -> int:
        """The other ticket, once the form is valid."""
        return int(self.cleaned_data["number"] or self.cleaned_data["other"])


class LinkForm(OtherForm):
    """Link another ticket."""

    relation = forms.ChoiceField(
        label=_("What is it to this one?"), choices=[(key, _(named)) for key, (named, _opposite) in RELATIONS.items()]
    )
    field_order = ("relation", "other", "number")

    def arguments(self) -> dict[str, Any]:
        """The other ticket and what it is."""
        return {"to": self.chosen, "relation": self.cleaned_data["relation"]}


class UnlinkForm(ActForm):
    """Which link is taken away."""

    to = forms.IntegerField(min_value=1, max_value=_LARGEST)


class MergeForm(OtherForm):
    """The ticket that goes on for this one. `sure` is the one that was shown beside it; `preview` shows both."""

    preview: Preview | None = None
    sure = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def unseen(self) -> bool:
        """Whether the two tickets have yet to be looked at."""
        return bool(self.cleaned_data["sure"] != self.chosen)

    def arguments(self) -> dict[str, Any]:
        """Where it goes."""
        return {"into": self.chosen}


class SplitForm(ActForm):
    """Which messages become a ticket of their own, and what it is about."""

    messages = forms.MultipleChoiceField(
        label=_("Messages"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one message.")},
    )
    subject = forms.CharField(
        label=_("Subject of the new ticket"),
        help_text=_("Empty: the subject of the first of them."),
        max_length=300,
        required=False,
    )

    def offer(self, choices: Choices) -> None:
        """The messages that are not a ticket of their own yet."""
        self.fields["messages"].choices = choices.messages  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """The messages by number."""
        return {
            "messages": [int(one) for one in self.cleaned_data["messages"]],
            "subject": self.cleaned_data["subject"],
        }


class AnswerChildrenForm(ActForm):
    """One public answer to the requesters of all children."""

    text = forms.CharField(
        label=_("Message"),
        help_text=_("Goes to the requester of each child that is not resolved."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    next_step = forms.CharField(
        label=_("Next step"),
        help_text=_("What happens next, and by when. It goes out with the answer."),
        max_length=500,
        required=False,
    )
