"""Procedure revisions: install one, find the one in force, load one by its number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.db import connection

from forthwith.people.permits import Actor
from forthwith.people.prepared import Place, Prepared
from forthwith.procedure import document
from forthwith.procedure.case_state import Case
from forthwith.procedure.model import Earlier, Procedure
from forthwith.record.models import Revision

_SETTLED_AFTER = timedelta(hours=1)
"""So long after its instant nobody is still at calling a revision off."""


class NoProcedure(RuntimeError):
    """No procedure is installed yet."""


class NoRevision(LookupError):
    """There is no revision of that number."""


def install(text: str, *, by: Actor, now: datetime, note: str = "") -> Revision:
    """Install a procedure as the one in force from now on, reviewed by nobody; the same one again changes nothing.

    Raises `document.ProcedureError` when the text is not a valid procedure.
    """
    text = document.whole_text(text)
    digest = document.digest(document.read(text))
    for latest in _LATEST(now):
        if latest.digest == digest:
            return latest
    return Revision.objects.create(
        text=text, digest=digest, installed_at=now, installed_by_id=by.person, effective_at=now, note=note
    )


_TOLD = ("pk", "digest", "installed_at", "effective_at")
_LATEST = Prepared(
    lambda: (
        Revision.objects.filter(effective_at__lte=Place(0), called_off_at__isnull=True)
        .only(*_TOLD)
        .order_by("-effective_at", "-pk")[:1]
    )
)
_FIRST = Prepared(
    lambda: Revision.objects.filter(called_off_at__isnull=True).only(*_TOLD).order_by("effective_at", "pk")[:1]
)


def in_force(now: datetime | None = None) -> Revision:
    """The revision under which tickets are received at that instant, else at this one. Raises NoProcedure without any.

    Before the first was in force it is the first: what is older than the desk was received under none.
    """
    for found in _LATEST(now or datetime.now(UTC)) or _FIRST():
        return found
    raise NoProcedure("No procedure is installed. Run 'forthwith init' first.")


def held(revision: Revision, now: datetime) -> Revision:
    """The revision for a new ticket, held until its transaction ends: it cannot be called off in the meantime.

    It is the one in force by then, where that one was called off since it was read.
    """
    while revision.was_planned and now - revision.effective_at < _SETTLED_AFTER and called_off(revision.pk):
        revision = in_force(now)
    return revision


def called_off(revision: int) -> bool:
    """Whether a revision was called off; where it was not, it cannot be until the transaction ends."""
    # As many as like hold its row at once; only who calls it off waits.
    share = " FOR SHARE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT called_off_at IS NOT NULL FROM record_revision WHERE id = %s{share}", [revision])  # noqa: S608
        found = cursor.fetchone()
    return bool(found and found[0])


def current(now: datetime | None = None) -> Procedure:
    """The procedure in force. Raises NoProcedure when there is none."""
    return load(in_force(now).pk)


def planned(now: datetime) -> list[Revision]:
    """The revisions that are approved, and in force only later; the next one first, 20 at most."""
    found = Revision.objects.filter(effective_at__gt=now, called_off_at__isnull=True)
    return list(found.defer("text").order_by("effective_at", "pk")[:20])


def current_or_none() -> Procedure | None:
    """The procedure in force, or None before one is installed."""
    try:
        return current()
    except NoProcedure:
        return None


def macro_called(key: str, own: Procedure, in_force: Procedure | None = None) -> str:
    """What a macro is called in the procedure in force, looked up if it is not given, else in a ticket's own; nothing
    for one that neither has."""
    if not key:
        return ""
    found = (in_force or current()).macros.get(key) or own.macros.get(key)
    return found.name if found else ""


@lru_cache(maxsize=64)
def load(revision: int) -> Procedure:
    """The procedure of a revision; revisions never change, so it is read once a process, as of its own day."""
    text, installed_at = Revision.objects.values_list("text", "installed_at").get(pk=revision)
    return document.read(text, today=installed_at.date())


def under(revision: int, case: Case) -> Procedure:
    """The procedure of a ticket: that of its revision, which knows under which it was before, if it was moved."""
    procedure = load(revision)
    return procedure.after(*(Earlier(move.at, load(move.was)) for move in case.moves)) if case.moves else procedure


def text_of(revision: int) -> str:
    """The text of a revision as it was installed, comments and all. Raises NoRevision."""
    for text in Revision.objects.filter(pk=revision).values_list("text", flat=True):
        return text
    raise NoRevision(revision)


def installed(revisions: Iterable[int]) -> dict[int, datetime]:
    """When each of these revisions was installed, by its number."""
    return dict(Revision.objects.filter(pk__in=set(revisions)).values_list("pk", "installed_at"))
