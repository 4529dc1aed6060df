"""Saved replies: texts that people keep for themselves, a team or everybody, and what they choose (SOP 4.3).

No ticket depends on one: what is sent is a text like any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from forthwith.people.models import Membership, Person
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER
from forthwith.procedure.wording import IN_REPLIES, variables

EVERYBODY = "*"
PAGE = 50
MOST = 200
"""Of one person, of each team, and of everybody."""
LONGEST = 20_000
MOST_OFFERED = 600


class SavedReply(models.Model):
    """A text with `{variables}`. `shared` is empty for its owner's own, a team of the procedure, or EVERYBODY."""

    owner = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=80)
    text = models.TextField()
    shared = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "name", "id"], name="reply_of_owner"),
            models.Index(fields=["shared", "name", "id"], name="reply_shared"),
        ]

    def __str__(self) -> str:
        return self.name


class Chosen(models.Model):
    """How often a person has chosen a macro (`macro:key`) or a saved reply (`saved:12`): what is used stands first."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    what = models.CharField(max_length=80)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "what"], name="chosen_counted_once")]

    def __str__(self) -> str:
        return f"{self.what} by {self.person_id}: {self.times}"


class Refused(ValueError):
    """A reply that cannot be kept so; the text says what to put right."""


def teams_of(person: Person) -> dict[str, bool]:
    """The teams that the person is in, each with whether they lead it."""
    return dict(Membership.objects.filter(person=person).order_by("team").values_list("team", "leads"))


def scopes(person: Person, teams: Iterable[str]) -> list[str]:
    """For whom the person may keep replies: themselves, the teams that they lead, and everybody (SOP R2)."""
    if person.role == ADMINISTRATOR:
        return ["", EVERYBODY, *teams]
    led = [team for team, leads in teams_of(person).items() if leads]
    return ["", *([EVERYBODY] if person.role == LEADER else []), *led]


def changeable(person: Person, found: Iterable[SavedReply]) -> list[SavedReply]:
    """Those that the person may change: their own, and shared ones of a team that they lead, or of everybody.

    Whether the procedure still has the team is no matter; an administrator changes all that are shared.
    """
    rules, every = scopes(person, ()), person.role == ADMINISTRATOR
    return [one for one in found if (every or one.shared in rules if one.shared else one.owner_id == person.pk)]


def _seen_by(person: Person) -> QuerySet[SavedReply]:
    own = Q(owner=person, shared="")
    if person.role == ADMINISTRATOR:
        return SavedReply.objects.filter(own | ~Q(shared=""))
    teams = Membership.objects.filter(person=person).values("team")
    return SavedReply.objects.filter(own | Q(shared=EVERYBODY) | Q(shared__in=teams))


def reply_for(person: Person, number: int) -> SavedReply | None:
    """One reply by its number, if the person may use it."""
    return _seen_by(person).filter(pk=number).first()


def page(person: Person, words: str, after: tuple[str, int] | None) -> tuple[list[SavedReply], tuple[str, int] | None]:
    """A page of the replies that the person may use, by name; with the key at which the next one starts."""
    found = _seen_by(person)
    for word in words.split()[:8]:
        found = found.filter(Q(name__icontains=word) | Q(text__icontains=word))
    if after:
        name, number = after
        found = found.filter(Q(name__gt=name) | Q(name=name, pk__gt=number))
    rows = list(found.order_by("name", "pk")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.name, last.pk) if last else None


def offered(person: Person) -> list[SavedReply]:
    """The replies that a person is offered where they write: their own, their teams' and everybody's."""
    teams = Membership.objects.filter(person=person).values("team")
    mine = Q(owner=person, shared="") | Q(shared=EVERYBODY) | Q(shared__in=teams)
    return list(SavedReply.objects.filter(mine).order_by("name", "pk")[:MOST_OFFERED])


def keep(person: Person, *, name: str, text: str, shared: str, teams: Iterable[str]) -> SavedReply:
    """A new reply. Refused without a name or a text, for an unknown variable, and for whom it is not theirs to keep."""
    reply = SavedReply(owner=person)
    change(person, reply, name=name, text=text, shared=shared, teams=teams)
    return reply


def change(person: Person, reply: SavedReply, *, name: str, text: str, shared: str, teams: Iterable[str]) -> None:
    """Write a reply anew that the person may change. Refused as for `keep`; whom it is for may stay as it is."""
    if not name.strip():
        raise Refused(_("Give the reply a name by which it is found."))
    checked(text)
    is_new = reply._state.adding
    moves = is_new or shared != reply.shared
    if moves and shared not in scopes(person, teams):
        raise Refused(_("For a team only its leaders keep replies, for everybody any leader. Keep it for yourself."))
    if moves:
        alike = (
            SavedReply.objects.filter(shared=shared) if shared else SavedReply.objects.filter(owner=person, shared="")
        )
        if alike.count() >= MOST:
            said = _("There are %(most)s already. Remove one that nobody needs, then save this one.")
            raise Refused(said % {"most": MOST})
    reply.name, reply.text = name.strip()[:80], text.replace("\r\n", "\n").strip()
    # What one stops sharing becomes one's own.
    reply.shared, reply.owner = shared, reply.owner if shared else person
    reply.save(update_fields=None if is_new else ["name", "text", "shared", "owner"])


def checked(text: str) -> None:
    """Refused for a text that is empty, too long, or has a variable that stands for nothing."""
    if not text.strip():
        raise Refused(_("The text is empty. Write what the reply says."))
    if len(text) > LONGEST:
        raise Refused(_("The text is longer than %(most)s characters. Shorten it.") % {"most": LONGEST})
    unknown = [name for name in variables(text) if name not in IN_REPLIES]
    if unknown:
        allowed = ", ".join(f"{{{name}}}" for name in IN_REPLIES)
        said = _("{%(unknown)s} stands for nothing. Allowed are %(allowed)s.")
        raise Refused(said % {"unknown": unknown[0], "allowed": allowed})


def remove(reply: SavedReply) -> None:
    """Remove a reply, and what was counted of it."""
    Chosen.objects.filter(what=f"saved:{reply.pk}").delete()
    reply.delete()


def count(person: Person, what: str) -> None:
    """Somebody has chosen a reply or a macro."""
    Chosen.objects.get_or_create(person=person, what=what)
    Chosen.objects.filter(person=person, what=what).update(times=F("times") + 1)


def times(person: Person) -> dict[str, int]:
    """How often a person has chosen what; the most used."""
    found = Chosen.objects.filter(person=person).order_by("-times", "pk")
    return dict(found.values_list("what", "times")[:MOST_OFFERED])
