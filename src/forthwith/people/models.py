"""Persons, their addresses, organisations and memberships of teams.

A requester is a person who may never sign in. Teams themselves are part of the procedure; only who is
in them is kept here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from forthwith.people.prepared import insert
from forthwith.people.spellings import keys_of
from forthwith.procedure.lifecycle import AUDITOR, REQUESTER, ROLES, WORKERS


class Organisation(models.Model):
    """Whom a requester belongs to."""

    name = models.CharField(max_length=200, unique=True)
    notes = models.TextField(blank=True)
    # A key that service levels of the procedure ask for; empty: none.
    contract = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return self.name


class Domain(models.Model):
    """A mail domain of an organisation, in ASCII and small letters: who first writes from there is put into it."""

    name = models.CharField(max_length=253, unique=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="domains")

    def __str__(self) -> str:
        return self.name


class Persons(BaseUserManager["Person"]):
    """Makes persons, with or without a way to sign in."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """A person with a primary address, and no usable password when none is given."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        Address.objects.using(self._db).create(person=person, address=person.email)
        Spelling.learn(person, [person.email])
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        """A person by the address that signs in, in any case of letters."""
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Anyone who asks, answers, leads or audits."""

    name = models.CharField(max_length=200)
    email = models.EmailField(unique=True)
    role = models.CharField(max_length=20, choices=list(ROLES.items()), default=REQUESTER)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="persons")
    is_active = models.BooleanField(default=True)
    available = models.BooleanField(default=False, help_text="Signed in as available for new tickets.")
    shift = models.CharField(
        max_length=60, blank=True, help_text="A calendar of the procedure; empty: the team's hours."
    )
    capacity = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: the procedure's.")
    skills = models.JSONField(default=list, blank=True)
    zone = models.CharField(max_length=60, default="UTC")
    # Of the procedure's; empty: the desk's own, until it is heard or chosen.
    language = models.CharField(max_length=60, blank=True)
    vip = models.BooleanField(default=False, help_text="Somebody whose requests the desk takes special care of.")
    # What they count time for: a ticket's number, since when, and the minutes once it is stopped (`timers.py`).
    timer_ticket = models.BigIntegerField(null=True)
    timer_started_at = models.DateTimeField(null=True)
    timer_minutes = models.PositiveIntegerField(null=True)
    language_chosen = models.BooleanField(default=False, help_text="By a person; else it was heard in a mail.")
    hints_seen = models.PositiveSmallIntegerField(
        default=0, help_text="How far they have come in the tour of the desk."
    )
    joined_at = models.DateTimeField(default=timezone.now)
    # Of what they want to be told, where it is not what the procedure says: {event: [in the app, by mail]}.
    wishes = models.JSONField(default=dict, blank=True)

    objects: ClassVar[Persons] = Persons()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "name", "id"],
                condition=Q(organisation__isnull=False),
                name="person_of_organisation",
            )
        ]

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def works_here(self) -> bool:
        """Whether the person works on tickets."""
        return self.role in WORKERS

    @property
    def reads_all(self) -> bool:
        """Whether the person may read every ticket of the desk."""
        return self.role in (*WORKERS, AUDITOR)


class Address(models.Model):
    """One of a person's mail addresses, in lower case; several addresses may be one person."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="addresses")
    address = models.CharField(max_length=320, unique=True)
    undeliverable_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.address


class Membership(models.Model):
    """A person in a team of the procedure, perhaps leading it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    team = models.CharField(max_length=60)
    leads = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "person"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"


class Spelling(models.Model):
    """A key under which a person is found (see `spellings.py`). Bytes, so that every database orders them alike."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="spellings")
    key = models.BinaryField(max_length=170)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "person"], name="spelling_once")]

    def __str__(self) -> str:
        return f"{bytes(self.key)!r} of person {self.person_id}"

    @classmethod
    def learn(cls, person: Person, addresses: list[str]) -> None:
        """Keep the keys of a new person."""
        names = [person.name, str(person.organisation)] if person.organisation_id is not None else [person.name]
        insert([cls(person=person, key=key) for key in keys_of(names, addresses)])


class Note(models.Model):
    """A note on a person, or on an organisation, that only the desk reads (`notes.py`)."""

    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="+", db_index=False)
    text = models.TextField()
    author = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="note_of_person"),
            models.Index(fields=["organisation", "-id"], name="note_of_organisation"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation__isnull=True)
                | Q(person__isnull=True, organisation__isnull=False),
                name="note_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"

    @property
    def about(self) -> str:
        """Whom it is on: `person` or `organisation`."""
        return "person" if self.person_id is not None else "organisation"


class Filling(models.Model):
    """How far an index that came later has been filled, from the newest row down; gone when it is full."""

    PEOPLE: ClassVar[str] = "people"

    what = models.CharField(max_length=20, primary_key=True)
    below = models.BigIntegerField(help_text="Rows of this number and above are in the index.")

    def __str__(self) -> str:
        return f"{self.what} below {self.below}"
