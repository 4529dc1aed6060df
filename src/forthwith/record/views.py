"""Saved views: a list of tickets as somebody wants to see it again, for themselves, a team or everybody (SOP 4.1).

What a view says is kept as the address of the page would say it; the desk reads it, and leaves out what it does not
know any more. No ticket depends on one.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from forthwith.people.models import Membership, Person
from forthwith.people.prepared import Place, Prepared
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER

EVERYBODY = "*"
MOST_VIEWS = 30
"""Of one person, and of what is shared: so many does the rail show and count."""


class View(models.Model):
    """A saved view. `shared` is empty for its owner's own, a team of the procedure, or EVERYBODY."""

    owner = models.ForeignKey(Person, models.CASCADE, related_name="views", db_index=False)
    name = models.CharField(max_length=60)
    shared = models.CharField(max_length=60, blank=True)
    place = models.PositiveSmallIntegerField(default=0)
    says = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "place", "id"], name="view_of_owner"),
            models.Index(fields=["shared", "place", "id"], name="view_shared"),
        ]

    def __str__(self) -> str:
        return self.name


class Refused(ValueError):
    """A view that cannot be kept so; the text says what to put right."""


def _own(person: Place) -> Q:
    return Q(owner=person, shared="")


def _shared(person: Place) -> Q:
    return Q(shared=EVERYBODY) | Q(shared__in=Membership.objects.filter(person=person).values("team"))


_SHOWN = Prepared(
    lambda: View.objects.filter(_own(Place(0)) | _shared(Place(0))).order_by("place", "pk")[: 2 * MOST_VIEWS]
)
_ALL = Prepared(lambda: View.objects.filter(_own(Place(0)) | ~Q(shared="")).order_by("place", "pk")[: 4 * MOST_VIEWS])


def may_share(person: Person) -> bool:
    """Whether the person makes views for others, and keeps those that others made for others (SOP R2)."""
    return person.role in (LEADER, ADMINISTRATOR)


def shown_to(person: Person) -> list[View]:
    """The person's own views, then those shared with them, each in their order."""
    found = _SHOWN(person.pk)
    own = [view for view in found if not view.shared][:MOST_VIEWS]
    return own + [view for view in found if view.shared][:MOST_VIEWS]


def kept_by(person: Person) -> list[View]:
    """The views that the person may change."""
    return _ALL(person.pk) if may_share(person) else [view for view in shown_to(person) if not view.shared]


def view_for(person: Person, number: int) -> View | None:
    """One view by its number, if it is the person's own or shared; a shared one's address works for all of the desk."""
    return View.objects.filter(Q(owner=person, shared="") | ~Q(shared=""), pk=number).first()


def may_change(person: Person, view: View) -> bool:
    """Whether it is the person's to change: their own, or a shared one for who may share."""
    return may_share(person) if view.shared else view.owner_id == person.pk


def keep(person: Person, name: str, shared: str, says: dict[str, str]) -> View:
    """A new view, behind the others. Refused without a name, for too many, or for sharing that is not theirs."""
    name = _name(name)
    _may(person, shared)
    alike = View.objects.filter(shared=shared) if shared else View.objects.filter(owner=person, shared="")
    if alike.count() >= MOST_VIEWS:
        raise Refused(
            _("There are %(most)d views already. Delete one that nobody needs, then save this one.")
            % {"most": MOST_VIEWS}
        )
    last = alike.aggregate(last=models.Max("place"))["last"]
    return View.objects.create(owner=person, name=name, shared=shared, says=says, place=0 if last is None else last + 1)


def rename(person: Person, view: View, name: str, shared: str) -> None:
    """Another name, or other people who see it. Refused as for `keep`."""
    view.name = _name(name)
    if shared != view.shared:
        _may(person, shared)
        # What one stops sharing becomes one's own.
        view.shared, view.owner = shared, view.owner if shared else person
    view.save(update_fields=["name", "shared", "owner"])


def says(view: View, said: dict[str, str]) -> None:
    """What the view shows from now on."""
    view.says = said
    view.save(update_fields=["says"])


def move_up(person: Person, view: View) -> None:
    """Before the one above it, among the person's own or among the shared."""
    group = [one for one in kept_by(person) if bool(one.shared) == bool(view.shared)]
    at = next((place for place, one in enumerate(group) if one.pk == view.pk), 0)
    if at:
        group[at - 1], group[at] = group[at], group[at - 1]
    for place, one in enumerate(group):
        if one.place != place:
            View.objects.filter(pk=one.pk).update(place=place)


def _name(name: str) -> str:
    if not name.strip():
        raise Refused(_("Give the view a name."))
    return name.strip()[:60]


def _may(person: Person, shared: str) -> None:
    if shared and not may_share(person):
        raise Refused(_("Only team leaders and administrators make views for others. Keep it for yourself."))
