"""Whom requesters belong to: organisations, their contracts, mail domains and people, and who says so (SOP 3.2).

A request keeps what was known when it came: what is changed here counts for those that come after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_domain_name
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forthwith.people import directory
from forthwith.people.addresses import domain_of
from forthwith.people.models import Domain, Organisation, Person
from forthwith.people.public_mail import is_public
from forthwith.people.words import words
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER

PAGE = 50
MOST_DOMAINS = 50
MOST_FOUND = 10
LONGEST_NAME = 200
Key = tuple[str, int]
"""Name and number, by which lists are ordered."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory says of an organisation; `domains` as somebody typed them."""

    name: str
    contract: str = ""
    domains: tuple[str, ...] = ()


def may_place(person: Person) -> bool:
    """Whether they may say to which organisation people belong, and what contract it has."""
    return person.role in (LEADER, ADMINISTRATOR)


def page(typed: str = "", after: Key | None = None) -> tuple[list[Organisation], Key | None]:
    """A page of those that have this in their name, by name; and the key at which the next one starts."""
    found = Organisation.objects.filter(name__icontains=typed) if typed else Organisation.objects.all()
    rows = list(_beyond(found, after).order_by("name", "pk")[: PAGE + 1])
    return rows[:PAGE], _following(rows)


def members(organisation: Organisation, after: Key | None = None) -> tuple[list[Person], Key | None]:
    """A page of its people, by name; and the key at which the next one starts."""
    rows = list(people_of(organisation, after))
    return rows[:PAGE], _following(rows)


def people_of(organisation: Organisation, after: Key | None) -> QuerySet[Person]:
    """Its people behind a key, by an index of their own; one more than a page has."""
    found: QuerySet[Person] = _beyond(organisation.persons.all(), after).order_by("name", "pk")[: PAGE + 1]
    return found


def _beyond(found: Any, after: Key | None) -> Any:
    if after is None:
        return found
    name, number = after
    return found.filter(Q(name__gt=name) | Q(name=name, pk__gt=number), name__gte=name)


def _following(rows: list[Any]) -> Key | None:
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return (last.name, last.pk) if last else None


def sizes(organisations: Collection[Organisation]) -> dict[int, int]:
    """How many people each of them has, by its number; none where there are none."""
    counted = Person.objects.filter(organisation__in=organisations).order_by().values("organisation")
    return dict(counted.annotate(people=Count("pk")).values_list("organisation", "people"))


def one(number: int) -> Organisation | None:
    """The organisation of a number."""
    return Organisation.objects.filter(pk=number).first()


def called(name: str) -> Organisation | None:
    """The organisation of that name, in any case of letters."""
    name = name.strip()
    found = Organisation.objects.filter(Q(name=name) | Q(name__iexact=name)).order_by("pk")
    return found.first() if name else None


def domains(organisation: Organisation) -> list[str]:
    """Its mail domains."""
    return list(organisation.domains.order_by("name").values_list("name", flat=True))


def add(entry: Entry, *, by: Person) -> Organisation:
    """A new organisation. Raises ValueError with what is wrong."""
    return _kept(Organisation(), entry, by)


def change(number: int, entry: Entry, *, by: Person) -> Organisation:
    """Write anew what is said of an organisation. Raises ValueError with what is wrong."""
    with transaction.atomic():
        found = Organisation.objects.select_for_update().filter(pk=number).first()
        if found is None:
            raise ValueError(_("There is no such organisation any more."))
        return _kept(found, entry, by)


def remove(number: int, *, by: Person) -> str:
    """Take an organisation away that nobody belongs to, with its domains and notes; its name. Else ValueError."""
    _as_administrator(by)
    with transaction.atomic():
        found = Organisation.objects.select_for_update().filter(pk=number).first()
        if found is None:
            raise ValueError(_("There is no such organisation any more."))
        people = sizes([found]).get(found.pk, 0)
        if people:
            said = ngettext(
                "%(count)d person belongs to %(name)s: take them out first, then it can be deleted.",
                "%(count)d people belong to %(name)s: take them out first, then it can be deleted.",
                people,
            )
            raise ValueError(said % {"count": people, "name": found})
        found.delete()
        return found.name


def put(number: int, organisation: Organisation | None, *, by: Person) -> Person:
    """A person belongs to this organisation from now on, or to none. Raises ValueError with what is wrong."""
    if not may_place(by):
        raise ValueError(_("Only team leaders and administrators say to which organisation somebody belongs."))
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(pk=number).first()
        if person is None:
            raise ValueError(_("There is no such person."))
        person.organisation = organisation
        person.save(update_fields=["organisation"])
        directory.learn_anew(person)
    return person


def people_for(typed: str) -> list[Person]:
    """Who may be meant by an address, or by a name or its beginning; at most MOST_FOUND."""
    if "@" in typed:
        found = directory.person_at(typed)
        return [found] if found else []
    return directory.named(words(typed), begins=True, most=MOST_FOUND)


def _as_administrator(by: Person) -> None:
    if by.role != ADMINISTRATOR:
        raise ValueError(_("Only an administrator adds organisations, changes or deletes them."))


def _kept(organisation: Organisation, entry: Entry, by: Person) -> Organisation:
    _as_administrator(by)
    before, name = organisation.name, " ".join(entry.name.split())
    if not name:
        raise ValueError(_("An organisation needs a name."))
    if len(name) > LONGEST_NAME:
        raise ValueError(_("The name has more than %(most)d characters. Shorten it.") % {"most": LONGEST_NAME})
    holder = called(name)
    if holder is not None and holder.pk != organisation.pk:
        raise ValueError(_("There is an organisation called %(name)s already.") % {"name": holder})
    owned = _checked(entry.domains, organisation.pk)
    organisation.name, organisation.contract = name, entry.contract
    try:
        with transaction.atomic():
            organisation.save()
            organisation.domains.exclude(name__in=owned).delete()
            have = set(domains(organisation))
            Domain.objects.bulk_create(Domain(name=one, organisation=organisation) for one in owned if one not in have)
            if before and before != name:
                directory.learn_all_anew(organisation)
    except IntegrityError:
        raise ValueError(_("Somebody took this name or domain a moment ago: look at the list, try again.")) from None
    return organisation


def _checked(typed: Iterable[str], owner: int | None) -> list[str]:
    """Domains as they are kept, once they may be this organisation's."""
    found = list(dict.fromkeys(_domain(one) for one in typed if one.strip()))
    if len(found) > MOST_DOMAINS:
        raise ValueError(_("An organisation has at most %(most)d mail domains.") % {"most": MOST_DOMAINS})
    taken = Domain.objects.filter(name__in=found).exclude(organisation=owner).select_related("organisation").first()
    if taken is not None:
        said = _(
            "%(domain)s belongs to %(organisation)s already: one domain belongs to one organisation. "
            "Take it away there first."
        )
        raise ValueError(said % {"domain": taken, "organisation": taken.organisation})
    return found


def _domain(typed: str) -> str:
    bare = typed.strip().removeprefix("@")
    kept = domain_of(f"x@{bare}")
    try:
        if "@" in bare:
            raise ValidationError("an address")
        validate_domain_name(kept[:254])
    except ValidationError:
        said = _("%(domain)s is no mail domain: write what stands behind the @, such as acme.example.")
        raise ValueError(said % {"domain": bare}) from None
    if is_public(kept):
        said = _(
            "At %(domain)s anybody can have an address, so it does not say whom somebody belongs to. "
            "Add such people one by one."
        )
        raise ValueError(said % {"domain": kept})
    return kept
