"""The forms of what a person does to a ticket. They check shape; the steps decide what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forthwith.desk.file_field import FilesField
from forthwith.people.timers import Timer
from forthwith.procedure.case_knowledge import WANTED
from forthwith.procedure.model import Procedure
from forthwith.record.messages import File
from forthwith.steps.writing import Reply

LONGEST_TEXT = 100_000
THEN = (
    ("", _("keep it open")),
    ("wait", _("wait for the requester")),
    ("hold", _("wait for a third party")),
    ("resolve", _("resolve it")),
)
KNOWLEDGE = (("used", _("Used")), (WANTED, _("To write")), ("not needed", _("Not needed")))
"""What can be decided about the knowledge base."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the forms of one ticket offer, and what is chosen now."""

    procedure: Procedure
    category: str
    impact: str
    urgency: str
    assigned: str
    people: list[tuple[str, list[tuple[str, str]]]]
    promises: list[tuple[str, str]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)
    participants: tuple[str, ...] = ()
    language: str = ""
    suggested: list[tuple[str, str]] = field(default_factory=list)
    helpful: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tags_in_use: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    timer: Timer | None = None
    """The one whose minutes wait in the composer."""

    @property
    def counted(self) -> dict[str, Any]:
        """What it counted, and which one it was, as fields begin with it."""
        return {"minutes": self.timer.minutes, "started": self.timer.started_at.isoformat()} if self.timer else {}


def text_field(label: Any, help_text: Any = "", *, rows: int = 3, required: bool = True) -> forms.CharField:
    """A field of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=LONGEST_TEXT, required=required, widget=widget)


def line_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    """A line that may be left out."""
    return forms.CharField(label=label, help_text=help_text, max_length=500, required=required)


def many_choices(label: Any) -> forms.ChoiceField:
    """One of many: with a field to search them where scripts run."""
    return forms.ChoiceField(label=label, widget=forms.Select(attrs={"data-find": True}))


def minutes_field(*, required: bool = False) -> forms.IntegerField:
    """Minutes worked."""
    return forms.IntegerField(label=_("Minutes worked"), min_value=0, max_value=100_000, required=required)


def started_field() -> forms.DateTimeField:
    """When the timer was started whose minutes the form shows; empty where it shows none of a timer."""
    return forms.DateTimeField(required=False, widget=forms.HiddenInput)


class ActForm(forms.Form):
    """A form whose cleaned fields are the act's arguments."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, choices: Choices, **kwargs: Any) -> None:
        super().__init__(data, initial=self.begins_with(choices), **kwargs)
        self.choices = choices
        self.offer(choices)

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """What the fields say before anybody has typed."""
        return {}

    def offer(self, choices: Choices) -> None:
        """Fill the fields that choose among the ticket's own things."""

    def arguments(self) -> dict[str, Any]:
        """Arguments for the act, once the form is valid."""
        return dict(self.cleaned_data)


class WriteForm(ActForm):
    """The composer: a public reply or an internal note."""

    mode = forms.ChoiceField(choices=(("reply", _("Reply")), ("note", _("Note"))))
    text = text_field(_("Message"), rows=4)
    next_step = line_field(_("Next step"), _("What happens next, and by when. It goes out with the reply."))
    then = forms.ChoiceField(label=_("Then"), choices=THEN, required=False)
    until = forms.DateTimeField(label=_("Until"), required=False)
    minutes = minutes_field()
    started = started_field()
    attached = FilesField(label=_("Files"), required=False)
    macro = forms.CharField(max_length=60, required=False)
    also_then = forms.ChoiceField(choices=THEN, required=False)
    category = forms.CharField(max_length=200, required=False)
    impact = forms.CharField(max_length=60, required=False)
    urgency = forms.CharField(max_length=60, required=False)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    anyway = forms.BooleanField(required=False)
    asks = False
    """Whether its author is to be asked if it is sent all the same."""

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """What a timer counted."""
        return choices.counted

    def clean(self) -> dict[str, Any]:
        """Enter in the field of the date sends the form by its first button: the date says what was meant."""
        data = super().clean() or {}
        # A browser sends a line's end as two characters; what was typed is one.
        data["text"] = data.get("text", "").replace("\r\n", "\n")
        if data.get("until") and not data.get("then"):
            data["then"] = "hold"
        # What a macro proposes, unless another button than the first says otherwise.
        data["then"] = data.get("then") or data.get("also_then", "")
        return data

    @property
    def also(self) -> dict[str, str]:
        """The macro that it was begun with, and what else is to happen."""
        named = ("macro", "category", "impact", "urgency")
        return {name: self.cleaned_data[name] for name in named if self.cleaned_data[name]}

    @property
    def is_reply(self) -> bool:
        """Whether it goes out."""
        return bool(self.cleaned_data["mode"] == "reply")

    @property
    def resolves(self) -> bool:
        """Whether it is to become the solution of a resolution."""
        return self.is_reply and self.cleaned_data["then"] == "resolve"

    def reply(self, kept: Iterable[File]) -> Reply:
        """The reply, with the files that were kept for it before those that came with the form."""
        data = self.cleaned_data
        return Reply(
            text=data["text"],
            next_step=data["next_step"],
            minutes=data["minutes"] or 0,
            started=data["started"],
            then=data["then"],
            until=data["until"] if data["then"] == "hold" else None,
            files=(*kept, *data["attached"]),
            also=self.also,
            # Who has been asked and sends all the same has read what came since.
            seen=None if data["anyway"] else data["seen"],
        )

    def arguments(self) -> dict[str, Any]:
        """A note takes only its text and minutes."""
        data = self.cleaned_data
        return {"text": data["text"], "minutes": data["minutes"] or 0, "started": data["started"]}


class DecidesForm(ActForm):
    """A decision that somebody else may have made meanwhile: `seen` is how many facts the page showed."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class NothingForm(ActForm):
    """An act that needs no more than a press."""


class TakeForm(DecidesForm):
    """To take a ticket needs no more than a press, and that nobody else did."""


class WhyForm(ActForm):
    """An act with a reason."""

    why = text_field(_("Why"))


class PerhapsWhyForm(ActForm):
    """An act whose reason may be left out."""

    why = text_field(_("Why"), _("May stay empty."), required=False)


class HoldForm(ActForm):
    """Wait for a third party, perhaps until an instant."""

    why = text_field(_("What does it wait for?"))
    until = forms.DateTimeField(
        label=_("Until"),
        help_text=_("In your own time zone; may stay empty. Work resumes by itself then."),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class EscalateForm(ActForm):
    """Escalate by hand, for complexity (SOP 5.1)."""

    kind = forms.ChoiceField(
        label=_("How"),
        widget=forms.RadioSelect,
        initial="functional",
        choices=(
            ("functional", _("To specialists: it needs more skill than this team has")),
            ("hierarchical", _("To a leader: it needs a decision or more hands")),
        ),
    )
    to_team = forms.ChoiceField(label=_("To team"), required=False)
    why = text_field(_("Why"), _("The requester is told that more people work on it, not this text."))

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """Specialists first."""
        found = choices.procedure.category_paths.get(choices.category)
        return {"kind": "functional", "to_team": (found.specialists if found else "") or ""}

    def offer(self, choices: Choices) -> None:
        """Teams, or leave it where it is."""
        teams = [(key, team.name) for key, team in choices.procedure.teams.items()]
        self.fields["to_team"].choices = [("", _("Leave it in its team")), *teams]  # type: ignore[attr-defined]


class ResolveForm(DecidesForm):
    """What was wrong and what was done (SOP 6.1), and whether an article is needed (SOP 6.2)."""

    cause = text_field(_("What was wrong"), _("For the record; the requester does not see it."), rows=2)
    solution = text_field(_("What was done"), _("Goes to the requester, who is asked whether it is solved."), rows=4)
    category = many_choices(_("Category"))
    knowledge = forms.ChoiceField(
        label=_("Knowledge base"),
        widget=forms.RadioSelect,
        choices=KNOWLEDGE,
        error_messages={"required": _("Choose one of these: it is decided with each resolution.")},
    )
    article = line_field(_("Which article"), _("Where one was used or is to be written."))
    minutes = minutes_field()
    started = started_field()
    macro = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    impact = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    urgency = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """The category now, what a timer counted; and where an article has helped already, that it did."""
        used = {"knowledge": "used", "article": ", ".join(choices.helpful)} if choices.helpful else {}
        return {"category": choices.category, **choices.counted, **used}

    def offer(self, choices: Choices) -> None:
        """The tree, a group for each top category."""
        self.fields["category"].choices = category_choices(choices.procedure)  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """Minutes may be empty."""
        return {**self.cleaned_data, "minutes": self.cleaned_data["minutes"] or 0}


class SendAgainForm(ActForm):
    """Send a mail again that was not delivered, perhaps to another address."""

    mail = forms.ChoiceField(label=_("Mail"))
    address = forms.EmailField(
        label=_("Other address"),
        help_text=_("Empty: the same as before. It goes out with the requester's own link: give an address of theirs."),
        max_length=320,
        required=False,
    )

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """The latest that was lost."""
        return {"mail": choices.lost[-1][0]} if choices.lost else {}

    def offer(self, choices: Choices) -> None:
        """What was lost."""
        self.fields["mail"].choices = choices.lost  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """The mail by its number."""
        return {"mail": int(self.cleaned_data["mail"]), "address": self.cleaned_data["address"]}


class LanguageForm(ActForm):
    """The language in which the requester is written to."""

    key = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of what the desk writes by itself, and of the requester's pages; on all their tickets."),
    )

    def begins_with(self, choices: Choices) -> dict[str, Any]:
        """The language now."""
        return {"key": choices.language}

    def offer(self, choices: Choices) -> None:
        """Those that the procedure has words in."""
        offered = [(key, language.name) for key, language in choices.procedure.spoken.items()]
        self.fields["key"].choices = offered  # type: ignore[attr-defined]


class AddInCopyForm(ActForm):
    """Who is to read along."""

    address = forms.EmailField(
        label=_("Mail address"),
        help_text=_("They get the answers from now on, without the requester's link."),
        max_length=320,
    )


class TakeOffCopyForm(ActForm):
    """Who is to read along no more."""

    address = forms.ChoiceField(label=_("Who"), widget=forms.RadioSelect)

    def offer(self, choices: Choices) -> None:
        """Who reads along."""
        self.fields["address"].choices = [(one, one) for one in choices.participants]  # type: ignore[attr-defined]


class PromiseForm(ActForm):
    """A promise to the requester by an instant."""

    what = line_field(_("What"), _("For example: we call you."), required=True)
    due = forms.DateTimeField(
        label=_("By when"),
        help_text=_("In your own time zone. It becomes a clock of its own."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class PromiseKeptForm(ActForm):
    """Which promise was kept."""

    promise = forms.ChoiceField(label=_("Promise"))

    def offer(self, choices: Choices) -> None:
        """The open promises."""
        self.fields["promise"].choices = choices.promises  # type: ignore[attr-defined]


class PromiseWithdrawnForm(PromiseKeptForm):
    """Which promise is taken back, and why."""

    why = text_field(_("Why"), rows=2)


class TickForm(ActForm):
    """A step of the runbook."""

    step = forms.CharField(max_length=2_000)
    outcome = forms.CharField(max_length=500, required=False)


def category_choices(procedure: Procedure) -> list[Any]:
    """Categories for a select: each top category as a group with its sub-categories."""
    offered: list[Any] = []
    for key, category in procedure.categories.items():
        inside = [
            (path, procedure.category_paths[path].name)
            for path in procedure.category_paths
            if path.startswith(f"{key}.")
        ]
        own = (key, gettext("%(category)s, in general") % {"category": category.name} if inside else category.name)
        offered.append((category.name, [own, *inside]) if inside else own)
    return offered
