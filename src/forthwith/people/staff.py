"""Who works here: adding people and changing them, and the rules that keep a desk from locking itself out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from forthwith.people import directory
from forthwith.people.models import Address, Membership, Organisation, Person
from forthwith.people.permits import Actor
from forthwith.procedure.lifecycle import ADMINISTRATOR, AUDITOR, REQUESTER, ROLES, WORKERS

STAFF = (*WORKERS, AUDITOR)
STAFF_ROLES = {role: ROLES[role] for role in STAFF}
PAGE = 50


@dataclass(frozen=True, slots=True)
class Post:
    """What the directory says of a person who works here.

    `teams` are keys of the procedure's teams, each with whether the person leads it; `shift` is a key of its
    calendars, empty for the team's hours; `capacity` None is the procedure's. `organisation` is whom they belong to,
    for the requests that they make themselves.
    """

    name: str
    email: str
    role: str
    teams: Mapping[str, bool] = field(default_factory=dict)
    shift: str = ""
    capacity: int | None = None
    skills: tuple[str, ...] = ()
    active: bool = True
    organisation: Organisation | None = None


def page(after: tuple[str, int] | None = None) -> tuple[list[Person], tuple[str, int] | None]:
    """A page of the people who work here, by name, with memberships; and the key at which the next one starts."""
    found = Person.objects.filter(role__in=STAFF)
    if after:
        name, number = after
        found = found.filter(Q(name__gt=name) | Q(name=name, pk__gt=number))
    memberships = Prefetch("memberships", Membership.objects.order_by("team"))
    rows = list(found.prefetch_related(memberships).order_by("name", "pk")[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.name, last.pk) if last else None


def one(number: int) -> Person | None:
    """A person who works here, with memberships; None when there is none of that number."""
    return (
        Person.objects.filter(pk=number, role__in=STAFF)
        .select_related("organisation")
        .prefetch_related("memberships")
        .first()
    )


def add(post: Post, *, by: Actor, password: str = "") -> Person:
    """A new person who works here; a requester who has the address already becomes one.

    Without a password they have none until they choose one. Raises ValueError with what is wrong.
    """
    email = _checked(post)
    with _as_administrator(by):
        person = _holder(email)
        if person is None:
            person = Person.objects.create_user(email, name=post.name.strip())
        elif person.role == REQUESTER:
            post = replace(post, organisation=post.organisation or person.organisation)
        else:
            raise ValueError(
                _("%(person)s (%(email)s) works here already: change them on their own page.")
                % {"person": person, "email": email}
            )
        _write(person, post, email)
        if password:
            _set_password(person, password)
    return person


def change(number: int, post: Post, *, by: Actor) -> Person:
    """Write anew what is said of a person who works here. Raises ValueError with what is wrong."""
    email = _checked(post)
    with _as_administrator(by) as administrators:
        person = Person.objects.select_for_update().filter(pk=number, role__in=STAFF).first()
        if person is None:
            raise ValueError(_("Nobody with number %(number)s works here.") % {"number": number})
        stays = post.role == ADMINISTRATOR and post.active
        if administrators == [person.pk] and not stays:
            raise ValueError(
                _("%(person)s is the last active administrator: make somebody else one first.") % {"person": person}
            )
        if person.pk == by.person and post.role != person.role:
            raise ValueError(_("Nobody changes their own role: another administrator can."))
        holder = _holder(email)
        if holder is not None and holder.pk != person.pk:
            raise ValueError(
                _("%(email)s is the address of %(holder)s already: one address is one person.")
                % {"email": email, "holder": holder}
            )
        _write(person, post, email)
    return person


@contextmanager
def _as_administrator(by: Actor) -> Iterator[list[int]]:
    """A transaction with the active administrators locked, so that no two of them can remove each other."""
    try:
        with transaction.atomic():
            active = Person.objects.select_for_update().filter(role=ADMINISTRATOR, is_active=True).order_by("pk")
            administrators = [person.pk for person in active]
            if by.person not in administrators:
                raise ValueError(_("Only an administrator adds people or changes them."))
            yield administrators
    except IntegrityError:
        raise ValueError(_("Somebody got this address a moment ago: look at the list, and try again.")) from None


def _checked(post: Post) -> str:
    """The address as it is kept, once all that can be seen from the post alone is in order."""
    email = post.email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise ValueError(_("%(email)s is no mail address.") % {"email": repr(post.email)}) from None
    if not post.name.strip():
        raise ValueError(_("A person needs a name: requesters see it below the replies."))
    if post.role not in STAFF:
        raise ValueError(
            _("%(role)s is no role of somebody who works here: it is one of %(names)s.")
            % {"role": repr(post.role), "names": ", ".join(STAFF)}
        )
    if post.role == AUDITOR and post.teams:
        raise ValueError(_("An auditor reads, and is in no team: take the teams away, or choose another role."))
    return email


def _holder(email: str) -> Person | None:
    """Who has this address, or signs in with it."""
    known = Person.objects.filter(Q(addresses__address=email) | Q(email=email))
    return known.order_by("pk").first()


def _write(person: Person, post: Post, email: str) -> None:
    named = ["name", "role", "shift", "capacity", "skills", "is_active", "organisation"]
    person.organisation = post.organisation
    person.name, person.role, person.is_active = post.name.strip(), post.role, post.active
    person.shift, person.capacity, person.skills = post.shift, post.capacity, _each_once(post.skills)
    if person.email != email:
        person.email = email
        named.append("email")
        # What the sign-in remembers of earlier addresses would still let them in.
        EmailAddress.objects.filter(user_id=person.pk).delete()
    if not (person.is_active and person.works_here):
        person.available = False
        named.append("available")
    person.save(update_fields=named)
    # Earlier addresses stay theirs: what was written from them is still known as theirs.
    Address.objects.get_or_create(address=email, defaults={"person": person})
    directory.learn_anew(person)
    Membership.objects.filter(person=person).delete()
    Membership.objects.bulk_create(
        Membership(person=person, team=team, leads=leads) for team, leads in post.teams.items()
    )


def _each_once(skills: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, (skill.strip().lower() for skill in skills))))


def _set_password(person: Person, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as weak:
        raise ValueError(" ".join(weak.messages)) from None
    person.set_password(password)
    person.save(update_fields=["password"])
