"""The forms of these pages: a person who works here, and what to do about an item that could not be understood.

They check shape; `people/staff.py` and `steps/ledger.py` decide what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from forthwith.people.models import Person
from forthwith.people.staff import STAFF_ROLES, Post
from forthwith.procedure.lifecycle import AGENT
from forthwith.procedure.model import Procedure
from forthwith.steps.ledger import LONGEST_REASON, LONGEST_SUBJECT, LONGEST_TEXT, Mended


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

    name = forms.CharField(label="Name", max_length=200, help_text="Requesters see it with the replies.")
    email = forms.EmailField(label="E-mail address", max_length=254, help_text="They sign in with it.")
    role = forms.ChoiceField(label="Role", choices=list(STAFF_ROLES.items()))
    teams = forms.MultipleChoiceField(required=False)
    leads = forms.MultipleChoiceField(required=False)
    shift = forms.ChoiceField(label="Shift", required=False, help_text="When tickets are given to them.")
    capacity = forms.IntegerField(label="Open tickets at most", required=False, min_value=0, max_value=1000)
    skills = forms.CharField(
        label="Skills", max_length=1000, required=False, help_text="The procedure's words, with commas between them."
    )
    active = forms.BooleanField(label="Active: may sign in and gets tickets", required=False)

    def __init__(self, data: Any = None, *, procedure: Procedure | None, person: Person | None = None) -> None:
        super().__init__(data, initial=_said_of(person) if person else _of_a_new_one(procedure))
        now = self.initial
        if person:
            self.fields["email"].help_text += " After a change, mail from the old one is still theirs."
        known = {key: team.name for key, team in procedure.teams.items()} if procedure else {}
        # What an earlier revision of the procedure named stays until somebody takes it away.
        self.team_names = known | {key: key for key in now["teams"] if key not in known}
        for name in ("teams", "leads"):
            self._offer(name, list(self.team_names.items()))
        calendars = [*procedure.calendars, "always"] if procedure else []
        offered = dict.fromkeys(filter(None, [*calendars, now.get("shift", "")]))
        self._offer("shift", [("", "The team's hours"), *((key, key) for key in offered)])
        usual = procedure.assignment.capacity if procedure else None
        self.fields["capacity"].help_text = f"Empty: {usual}, as the procedure says." if usual else ""

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def team_lines(self) -> list[TeamLine]:
        """Every team, with what is ticked now."""
        teams, leads = (set(self[name].value() or ()) for name in ("teams", "leads"))
        return [TeamLine(key, name, key in teams, key in leads) for key, name in self.team_names.items()]

    def clean(self) -> dict[str, Any]:
        """Whoever leads a team is in it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for team in set(cleaned.get("leads", ())) - set(cleaned.get("teams", ())):
            self.add_error("teams", f"Whoever leads {self.team_names[team]} is in it: tick both, or neither.")
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
        )


class NewPersonForm(PersonForm):
    """A new person, perhaps with a first password."""

    password = forms.CharField(
        label="First password",
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Empty: you get a link to hand over, with which they choose their own.",
    )


class MendForm(forms.Form):
    """What a person reads out of an item: who asks, and for what."""

    use_required_attribute = False

    address = forms.EmailField(
        label="Requester's e-mail address", max_length=254, help_text="The acknowledgement goes there."
    )
    subject = forms.CharField(label="Subject", max_length=LONGEST_SUBJECT)
    text = forms.CharField(label="Text", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 8}))

    def mended(self) -> Mended:
        """What the form says, once it is valid."""
        return Mended(**{name: self.cleaned_data[name] for name in ("address", "subject", "text")})


class DismissForm(forms.Form):
    """Why nothing has to be done about an item."""

    use_required_attribute = False

    reason = forms.CharField(
        label="Reason", max_length=LONGEST_REASON, help_text="Kept with your name and the time, for the auditor."
    )


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
        "active": person.is_active,
    }


def _of_a_new_one(procedure: Procedure | None) -> dict[str, Any]:
    teams = [procedure.assignment.team] if procedure else []
    return {"role": AGENT, "teams": teams, "leads": [], "active": True}
