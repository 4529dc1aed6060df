"""The forms of these pages: a person who works here, and what to do about an item that could not be understood.

They check shape; `people/staff.py` and `steps/ledger.py` decide what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from forthwith.people import organisations
from forthwith.people.models import Organisation, Person
from forthwith.people.organisations import Entry
from forthwith.people.staff import STAFF_ROLES, Post
from forthwith.procedure.lifecycle import AGENT
from forthwith.procedure.model import Procedure
from forthwith.steps.ledger import LONGEST_REASON, LONGEST_SUBJECT, LONGEST_TEXT, Mended
from forthwith.ui.said import spoken

ALWAYS = "always"
"""The calendar that every procedure has."""


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team as the form shows it, with what is ticked."""

    key: str
    name: str
    member: bool
    leads: bool


class PersonForm(forms.Form):
    """Name, address, role, teams, shift, capacity and skills; without a person, of a new one."""

    use_required_attribute = False

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, help_text=gettext_lazy("Requesters see it with the replies.")
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), max_length=254, help_text=gettext_lazy("They sign in with it.")
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=list(STAFF_ROLES.items()))
    teams = forms.MultipleChoiceField(required=False)
    leads = forms.MultipleChoiceField(required=False)
    shift = forms.ChoiceField(
        label=pgettext_lazy("of work", "Shift"),
        required=False,
        help_text=gettext_lazy("When tickets are given to them."),
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Open tickets at most"), required=False, min_value=0, max_value=1000
    )
    skills = forms.CharField(
        label=gettext_lazy("Skills"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("The procedure's words, with commas between them."),
    )
    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        required=False,
        max_length=organisations.LONGEST_NAME,
        widget=forms.TextInput(attrs={"list": "organisations"}),
        help_text=gettext_lazy("Whom they belong to; it counts for requests that they make themselves."),
    )
    active = forms.BooleanField(label=gettext_lazy("Active: may sign in and gets tickets"), required=False)

    def __init__(self, data: Any = None, *, procedure: Procedure | None, person: Person | None = None) -> None:
        super().__init__(data, initial=_said_of(person) if person else _of_a_new_one(procedure))
        now = self.initial
        if person:
            said = _("They sign in with it. After a change, mail from the old one is still theirs.")
            self.fields["email"].help_text = said
        self._offer("role", [(role, spoken(name)) for role, name in STAFF_ROLES.items()])
        known = {key: team.name for key, team in procedure.teams.items()} if procedure else {}
        # What an earlier revision of the procedure named stays until somebody takes it away.
        self.team_names = known | {key: key for key in now["teams"] if key not in known}
        for name in ("teams", "leads"):
            self._offer(name, list(self.team_names.items()))
        calendars = [*procedure.calendars, ALWAYS] if procedure else []
        offered = dict.fromkeys(filter(None, [*calendars, now.get("shift", "")]))
        self._offer("shift", [("", _("The team's hours")), *((key, shift_name(key)) for key in offered)])
        usual = procedure.assignment.capacity if procedure else None
        said = _("Empty: %(usual)s, as the procedure says.") % {"usual": usual}
        self.fields["capacity"].help_text = said if usual else ""

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def team_lines(self) -> list[TeamLine]:
        """Every team, with what is ticked now."""
        teams, leads = (set(self[name].value() or ()) for name in ("teams", "leads"))
        return [TeamLine(key, name, key in teams, key in leads) for key, name in self.team_names.items()]

    def clean_organisation(self) -> Organisation | None:
        """One that there is."""
        return _organisation(self.cleaned_data["organisation"])

    def clean(self) -> dict[str, Any]:
        """Whoever leads a team is in it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for team in set(cleaned.get("leads", ())) - set(cleaned.get("teams", ())):
            said = _("Whoever leads %(team)s is in it: tick both, or neither.")
            self.add_error("teams", said % {"team": self.team_names[team]})
        return cleaned

    def post(self) -> Post:
        """What the form says, once it is valid."""
        said = self.cleaned_data
        return Post(
            name=said["name"],
            email=said["email"],
            role=said["role"],
            teams={team: team in said["leads"] for team in said["teams"]},
            shift=said["shift"],
            capacity=said["capacity"],
            skills=tuple(said["skills"].split(",")),
            active=said["active"],
            organisation=said["organisation"],
        )


class NewPersonForm(PersonForm):
    """A new person, perhaps with a first password."""

    password = forms.CharField(
        label=gettext_lazy("First password"),
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Empty: you get a link to hand over, with which they choose their own."),
    )


class OrganisationForm(forms.Form):
    """Name, contract and mail domains of an organisation."""

    use_required_attribute = False

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=organisations.LONGEST_NAME,
        help_text=gettext_lazy("Service levels that name organisations do so by this name."),
    )
    contract = forms.ChoiceField(
        label=gettext_lazy("Contract"),
        required=False,
        help_text=gettext_lazy("One of those that service levels of the procedure ask for."),
    )
    domains = forms.CharField(
        label=gettext_lazy("Mail domains"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line, such as acme.example. Who writes from there for the first time is put into this organisation; "
            "whoever is known already stays where they are."
        ),
    )

    def __init__(self, data: Any = None, *, contracts: list[str], initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        # What an earlier revision of the procedure asked for stays until somebody takes it away.
        offered = dict.fromkeys(filter(None, [*contracts, (initial or {}).get("contract", "")]))
        choices = [("", _("none")), *((one, one) for one in offered)]
        self.fields["contract"].choices = choices  # type: ignore[attr-defined]

    def entry(self) -> Entry:
        """What the form says, once it is valid."""
        said = self.cleaned_data
        return Entry(said["name"], said["contract"], tuple(said["domains"].replace(",", " ").split()))


class MendForm(forms.Form):
    """What a person reads out of an item: who asks, and for what."""

    use_required_attribute = False

    address = forms.EmailField(
        label=gettext_lazy("Requester's e-mail address"),
        max_length=254,
        help_text=gettext_lazy("The acknowledgement goes there."),
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=LONGEST_SUBJECT)
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 8})
    )

    def mended(self) -> Mended:
        """What the form says, once it is valid."""
        return Mended(**{name: self.cleaned_data[name] for name in ("address", "subject", "text")})


class DismissForm(forms.Form):
    """Why nothing has to be done about an item."""

    use_required_attribute = False

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("Kept with your name and the time, for the auditor."),
    )


def _organisation(name: str) -> Organisation | None:
    found = organisations.called(name)
    if name and found is None:
        said = _("There is no organisation called %(name)s. Choose one of the list, or add it first.")
        raise forms.ValidationError(said % {"name": name})
    return found


def shift_name(key: str) -> str:
    """What a shift is called: a calendar of the procedure by its key."""
    return _("always") if key == ALWAYS else key


def _said_of(person: Person) -> dict[str, Any]:
    memberships = list(person.memberships.all())
    return {
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "teams": [one.team for one in memberships],
        "leads": [one.team for one in memberships if one.leads],
        "shift": person.shift,
        "capacity": person.capacity,
        "skills": ", ".join(map(str, person.skills)),
        "organisation": str(person.organisation or ""),
        "active": person.is_active,
    }


def _of_a_new_one(procedure: Procedure | None) -> dict[str, Any]:
    teams = [procedure.assignment.team] if procedure else []
    return {"role": AGENT, "teams": teams, "leads": [], "active": True}
