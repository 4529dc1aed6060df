"""The forms of what is said of a ticket: its tags, its fields, time worked. They check shape; the steps decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forthwith.desk.forms import ActForm, Choices, DecidesForm, minutes_field
from forthwith.procedure import fields, tags
from forthwith.procedure.fields import OwnField
from forthwith.record.described import options_of
from forthwith.steps import describing
from forthwith.steps.opening import MOST_MINUTES, Refused
from forthwith.ui.filled import filled, joined
from forthwith.ui.said import refusal as told

_LONGEST_LINE = 400
_NOTHING = (("", "—"),)


class WithSuggestions(forms.TextInput):
    """A line with values to choose from as one types; anything else may be typed as well."""

    offered: Iterable[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """The line, and the list beside it."""
        named = f"{(attrs or {}).get('id', name)}-offered"
        line = super().render(name, value, {**(attrs or {}), "list": named}, renderer)
        options = joined((filled('<option value="{}"></option>', one) for one in self.offered), "")
        return filled('{}<datalist id="{}">{}</datalist>', line, named, options)


class TagsField(forms.CharField):
    """One or several tags in a line; each is checked by the rule of the desk."""

    def __init__(self, *, label: Any, required: bool = True) -> None:
        widget = WithSuggestions(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})
        help_text = _("Several are parted by blanks or commas. Those in use are offered as you type.")
        super().__init__(
            label=label, required=required, max_length=_LONGEST_LINE, widget=widget, help_text=help_text, strip=True
        )

    def clean(self, value: Any) -> list[str]:
        """The tags. ValidationError, with the rule, for what cannot be one."""
        found = tags.several(super().clean(value) or "")
        try:
            return [describing.tag_of(one) for one in found]
        except Refused as refusal:
            raise forms.ValidationError(told(refusal)) from refusal


class AddTagsForm(ActForm):
    """Tags to put on."""

    names = TagsField(label=_("Tags to put on"))

    def offer(self, choices: Choices) -> None:
        """Those in use."""
        self.fields["names"].widget.offered = choices.tags_in_use


class RemoveTagsForm(AddTagsForm):
    """Tags to take off."""

    names = TagsField(label=_("Tags to take off"))


class TagsForm(ActForm):
    """Tags to put on, and those of the ticket that may go."""

    names = TagsField(label=_("Put on"), required=False)
    gone = forms.MultipleChoiceField(label=_("Take off"), required=False, widget=forms.CheckboxSelectMultiple)

    def offer(self, choices: Choices) -> None:
        """Those in use that it does not have; and its own."""
        others = [one for one in choices.tags_in_use if one not in choices.tags]
        self.fields["names"].widget.offered = others
        self.fields["gone"].choices = [(one, one) for one in choices.tags]  # type: ignore[attr-defined]
        if not choices.tags:
            del self.fields["gone"]


class FieldsForm(DecidesForm):
    """The fields of the ticket's category, and others that are filled in; each by the procedure's rule for it."""

    def offer(self, choices: Choices) -> None:
        """A field of the form for each, with what it holds."""
        for key, field in fields.fields_of(choices.procedure, choices.category, choices.fields):
            if field is not None:
                self.fields[_PREFIX + key] = _form_field(field, choices.fields.get(key, ""))

    def clean(self) -> dict[str, Any]:
        """Each value as its field keeps it, or what is possible instead."""
        data = super().clean() or {}
        for name in [name for name in data if name.startswith(_PREFIX)]:
            key = name.removeprefix(_PREFIX)
            field = self.choices.procedure.fields[key]
            try:
                data[name] = describing.typed_value(field, data[name], self.choices.fields.get(key, ""))
            except Refused as refusal:
                self.add_error(name, told(refusal))
        return data

    def arguments(self) -> dict[str, Any]:
        """The values by the fields' keys."""
        values = {key.removeprefix(_PREFIX): value for key, value in self.cleaned_data.items() if key != "seen"}
        return {"values": values, "seen": self.cleaned_data["seen"]}


_PREFIX = "field_"


def _form_field(field: OwnField, held: str) -> forms.Field:
    said = [field.help] if field.help else []
    if field.needed_for:
        said.append(gettext("Needed before the ticket is resolved."))
    shared: dict[str, Any] = {"label": field.name, "help_text": " ".join(said), "required": False, "initial": held}
    if field.options:
        return forms.ChoiceField(choices=[*_NOTHING, *options_of(field).items()], **shared)
    widget = forms.TextInput(attrs=_KEYS.get(field.kind, {}))
    return forms.CharField(widget=widget, max_length=fields.LONGEST, **shared)


_KEYS = {"number": {"inputmode": "decimal"}, "date": {"type": "date"}}


class TimeForm(ActForm):
    """Time worked that no reply, note or resolution tells of."""

    minutes = minutes_field(required=True)
    remark = forms.CharField(
        label=_("On what"),
        max_length=describing.LONGEST_REMARK,
        required=False,
        help_text=_("May stay empty. Only the desk reads it."),
    )


class TimerForm(TimeForm):
    """A timer that is stopped: its minutes, which may be put right, and what becomes of them."""

    do = forms.ChoiceField(choices=[(one, one) for one in ("keep", "composer", "discard")], required=False)
    started = forms.DateTimeField(widget=forms.HiddenInput)
    then = forms.IntegerField(required=False, min_value=1, max_value=2**53, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("do") == "discard":
            self.fields["minutes"].required = False

    def clean_minutes(self) -> int:
        """At least one where they are to be kept."""
        minutes: int | None = self.cleaned_data["minutes"]
        if self.fields["minutes"].required and not minutes:
            raise forms.ValidationError(gettext("Say how many minutes it was, from 1 to %d.") % MOST_MINUTES)
        return minutes or 0
