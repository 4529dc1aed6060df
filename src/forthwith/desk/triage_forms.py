"""The forms of triage: category, priority, who gets it, and what was suggested (SOP 3.1, 3.2, 4.1).

They check shape only.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forthwith.desk.forms import Choices, DecidesForm, category_choices, line_field, many_choices, text_field


class CategoryForm(DecidesForm):
    """Choose the category (SOP 3.1)."""

    category = many_choices(_("Category"))
    why = line_field(_("Why"), _("May stay empty."))

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """The category now."""
        return {"category": choices.category}

    def offer(self, choices: Choices) -> None:
        """The three that are suggested, then the tree, a group for each top category."""
        tree = category_choices(choices.procedure)
        best = [label for _, label in choices.suggested]
        first = [(_("Suggested"), choices.suggested)] if best else []
        self.fields["category"].choices = [*first, *tree]  # type: ignore[attr-defined]
        self.fields["category"].help_text = (
            gettext("Suggested: %(categories)s") % {"categories": "; ".join(best)} if best else ""
        )


class PriorityForm(DecidesForm):
    """Impact and urgency in plain words (SOP 3.2)."""

    impact = forms.ChoiceField(label=_("Impact: whom does it hit?"), widget=forms.RadioSelect)
    urgency = forms.ChoiceField(label=_("Urgency: how much does it hinder?"), widget=forms.RadioSelect)
    why = text_field(_("Why"), _("Needed when the priority changes: it moves the clocks."), rows=2, required=False)

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """Impact and urgency now."""
        return {"impact": choices.impact, "urgency": choices.urgency}

    def offer(self, choices: Choices) -> None:
        """The procedure's levels with what they mean."""
        for name, levels in (("impact", choices.procedure.impacts), ("urgency", choices.procedure.urgencies)):
            offered = [(key, f"{level.name}: {level.says}") for key, level in levels.items()]
            self.fields[name].choices = offered  # type: ignore[attr-defined]


class AssignForm(DecidesForm):
    """A team, or somebody in it (SOP 4.1)."""

    to = many_choices(_("To"))
    why = line_field(_("Why"), _("May stay empty."))

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """Who has it now."""
        return {"to": choices.assigned}

    def offer(self, choices: Choices) -> None:
        """Each team's queue, then its people."""
        self.fields["to"].choices = choices.people  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """`team:person` taken apart."""
        team, _, person = self.cleaned_data["to"].partition(":")
        chosen = {"team": team, "assignee": int(person) if person else None}
        return {**chosen, "why": self.cleaned_data["why"], "seen": self.cleaned_data["seen"]}


class AcceptForm(DecidesForm):
    """A suggestion as the page showed it, with its reason; accepting it is the person's own choice."""

    why = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)


class AcceptCategoryForm(AcceptForm):
    """A category that was suggested (SOP 3.1)."""

    category = forms.CharField(max_length=200, widget=forms.HiddenInput)


class AcceptPriorityForm(AcceptForm):
    """An impact and an urgency that were suggested (SOP 3.2)."""

    impact = forms.CharField(max_length=60, widget=forms.HiddenInput)
    urgency = forms.CharField(max_length=60, widget=forms.HiddenInput)


class AcceptTeamForm(AcceptForm):
    """A team that was suggested (SOP 4.1); its queue gets the ticket."""

    team = forms.CharField(max_length=60, widget=forms.HiddenInput)

    def arguments(self) -> dict[str, Any]:
        """Nobody in it yet."""
        return {**self.cleaned_data, "assignee": None}
