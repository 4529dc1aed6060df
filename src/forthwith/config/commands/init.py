"""`forthwith init`: home, database, procedure and administrator; running it again changes nothing."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from forthwith.config.cli import Complaint
from forthwith.config.commands.procedure import read_text
from forthwith.config.ready import usable_database

if TYPE_CHECKING:
    from forthwith.people.models import Person

LOGINS = "Logins:"


def run(asked: argparse.Namespace) -> int:
    """Make or complete the desk, and say what was done."""
    if bool(asked.admin) != bool(asked.password_file):
        raise Complaint("--admin and --password-file go together: the file's first line is the password.", 2)
    procedure = read_text(asked.procedure) if asked.procedure else ""
    password = read_text(asked.password_file).partition("\n")[0].strip("\r") if asked.admin else ""
    if asked.admin and not password:
        raise Complaint(f"{asked.password_file} is empty: its first line is the administrator's password.")
    with usable_database():
        from django.utils import timezone

        now = timezone.now()
        _make_home()
        _install(procedure, asked.procedure, now)
        if asked.admin:
            _administrator(asked.admin, password)
        if asked.demo:
            _demo(now)
        _hint()
    return 0


def _make_home() -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    try:
        settings.FILES.mkdir(exist_ok=True)
    except OSError as error:
        raise Complaint(f"The home folder cannot be used: {error}. Set FORTHWITH_HOME to one that can.") from None
    if connection.vendor == "sqlite":
        _keep_private(str(connection.settings_dict["NAME"]))
    call_command("migrate", verbosity=0, interactive=False)
    print(f"Home: {settings.HOME}")
    print(f"Database: {connection.vendor}, up to date")


def _keep_private(database: str) -> None:
    """Let only the owner read the database's file, before anything is in it; SQLite gives its log the same mode."""
    # A file that cannot be made is a matter for `migrate`, which says so; one of another owner is left as it is.
    with suppress(OSError):
        os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
        for name in (database, f"{database}-wal", f"{database}-shm"):
            if os.path.exists(name):
                os.chmod(name, 0o600)


def _install(text: str, name: str | None, now: datetime) -> None:
    from forthwith.people.permits import THE_SYSTEM
    from forthwith.procedure import document
    from forthwith.record import procedures

    try:
        before = procedures.in_force().pk
    except procedures.NoProcedure:
        before = None
    if before and not text:
        print(f"Procedure: revision {before} stays in force")
        return
    try:
        revision = procedures.install(text or document.standard_text(), by=THE_SYSTEM, now=now)
    except document.ProcedureError as wrong:
        raise Complaint(f"{name} is no procedure:\n{wrong}") from None
    done = "was in force already" if revision.pk == before else f"installed from {name or 'the standard'}"
    print(f"Procedure: revision {revision.pk} {done}")


def _administrator(email: str, password: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.db import transaction

    from forthwith.people.models import Person
    from forthwith.procedure.lifecycle import ADMINISTRATOR

    try:
        validate_email(email)
    except ValidationError:
        raise Complaint(f"{email!r} is no mail address for --admin.") from None
    person = _person(email)
    try:
        validate_password(password, person or Person(email=email, name=email.partition("@")[0]))
    except ValidationError as weak:
        raise Complaint(f"The administrator's password is too weak. {' '.join(weak.messages)}") from None
    with transaction.atomic():
        done = "is in order"
        if person is None:
            done = "created"
            person = Person.objects.create_user(email, password, name=email.partition("@")[0])
        elif not person.check_password(password):
            done = "password changed"
            person.set_password(password)
        person.role, person.is_active = ADMINISTRATOR, True
        person.save(update_fields=["role", "is_active", "password"])
    print(f"Administrator: {person.email} {done}")


def _hint() -> None:
    """Say how somebody can sign in, as long as nobody can."""
    from forthwith.people import directory

    if not directory.administrators():
        print("Nobody can sign in yet: forthwith init --admin you@example.org --password-file FILE")


def _person(email: str) -> Person | None:
    """The person who signs in with, or has, this address."""
    from forthwith.people import directory
    from forthwith.people.models import Person

    return Person.objects.filter(email=email.strip().lower()).first() or directory.person_at(email)


def _demo(now: datetime) -> None:
    """Load the demo desk into an empty desk, and tell who can sign in."""
    from forthwith.config import demo

    print(f"Demo desk: {'loaded' if demo.load(now) else 'there already'}")
    rows = demo.logins()
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    print(LOGINS)
    for title, address, password in rows:
        print(f"  {title:<{widths[0]}}  {address:<{widths[1]}}  {password}")
