"""What somebody has begun to write, and what waits for its hold to end (SOP 4.3).

Nothing of it has happened yet, so it is no fact: it may change and go. It is lost by no reload, no crash, no expired
sign-in, nobody else's change and no merge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, F, Q, QuerySet, TextField, Value, When

from forthwith.people.prepared import Place, Prepared
from forthwith.record import files, kinds
from forthwith.record.begun import Held, Unsent
from forthwith.record.files import Stored
from forthwith.record.messages import File, storable

KEPT_FOR = timedelta(days=30)
"""How long what nobody goes on with is kept."""

MOST_ASIDE = 5
MOST_LISTED = 100
MOST_FILES = 100
MOST_READ = 300
LARGEST_READ = 20_000_000
LONGEST = 100_000
_JUST_CLEARED = timedelta(seconds=5)
_MINUTES = "minutes"
Also = Mapping[str, str]
"""What else is to happen when a reply is sent; it goes with its text, but for the minutes, which wait for the next."""
_NOTHING: Also = {}


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving: the version that the server has now, whether it took the text, whether one was set aside."""

    version: int
    taken: bool = True
    aside: bool = False


def save(person: int, ticket: int, kind: str, text: str, *, base: int, now: datetime) -> Saved:
    """Keep what was typed. `base` is the version that it was typed on: another one's text is set aside, not lost."""
    text = storable(text)[:LONGEST]
    with transaction.atomic():
        try:
            with transaction.atomic():
                kept, new = _of_a_kind(person, ticket, kind, now)
        except IntegrityError:
            # Another of their pages was quicker by a moment.
            kept, new = _of_a_kind(person, ticket, kind, now)
        if not new and kept.text == text:
            return Saved(kept.version)
        stale = not new and kept.version != base
        if stale and not kept.text and now - kept.changed_at < _JUST_CLEARED:
            return Saved(kept.version, taken=False)
        put_aside = stale and bool(kept.text.strip())
        if put_aside:
            set_aside(person, ticket, kind, kept.text, now=kept.changed_at, also=kept.also)
        version = max(kept.version, base) + 1
        also = _only_minutes(kept.also) if put_aside else kept.also
        Unsent.objects.filter(pk=kept.pk).update(text=text, also=also, version=version, changed_at=now, why="")
    return Saved(version, aside=put_aside)


def _of_a_kind(person: int, ticket: int, kind: str, now: datetime) -> tuple[Unsent, bool]:
    return Unsent.objects.select_for_update().get_or_create(
        person_id=person, ticket_id=ticket, kind=kind, aside=False, defaults={"changed_at": now, "version": 0}
    )


def set_aside(person: int, ticket: int, kind: str, text: str, *, now: datetime, also: Also = _NOTHING) -> None:
    """Keep a text beside the one that is being written, with what it is `also` to do, unless it is kept so already."""
    same = Unsent.objects.filter(person=person, ticket=ticket, kind=kind, aside=True, text=text)
    if text.strip() and not same.exists():
        Unsent.objects.create(
            person_id=person, ticket_id=ticket, kind=kind, text=text, also=_acts(also), aside=True, changed_at=now
        )


def _only_minutes(also: Also) -> dict[str, str]:
    return {name: value for name, value in also.items() if name == _MINUTES}


def _acts(also: Also) -> dict[str, str]:
    return {name: value for name, value in also.items() if name != _MINUTES}


def give_back(person: int, ticket: int, texts: Mapping[str, str], *, also: Also, why: str, now: datetime) -> None:
    """Return texts to where they were written, and what the reply is `also` to do; what stands there by now is kept
    beside them."""
    for kind, text in texts.items():
        if not text.strip():
            continue
        kept, _ = _of_a_kind(person, ticket, kind, now)
        if kept.text.strip() and kept.text != text:
            set_aside(person, ticket, kind, kept.text, now=kept.changed_at, also=kept.also)
        changes = {"text": text, "version": F("version") + 1, "why": why[:500], "changed_at": now}
        if kind == Unsent.REPLY:
            changes["also"] = {**_acts(also), **_only_minutes(kept.also)}
        Unsent.objects.filter(pk=kept.pk).update(**changes)


def clear(person: int, ticket: int, kinds: Iterable[str], now: datetime) -> None:
    """They were sent: in the transaction of their sending. What was never kept is so from now on, empty."""
    if Unsent.REPLY in kinds:
        _of_a_kind(person, ticket, Unsent.REPLY, now)
    begun = Unsent.objects.filter(person=person, ticket=ticket, kind__in=list(kinds), aside=False)
    begun.update(text="", why="", files=[], also={}, version=F("version") + 1, changed_at=now)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a person has begun on a ticket: `now` by its kind, what else there is of it, and how many texts in all.

    `held` says that a reply of theirs there waits for its hold.
    """

    now: dict[str, Unsent]
    others: list[Unsent]
    count: int
    held: bool

    @property
    def files(self) -> list[dict[str, Any]]:
        """The files that wait with the reply."""
        reply = self.now.get(Unsent.REPLY)
        return list(reply.files) if reply else []

    @property
    def also(self) -> dict[str, str]:
        """The macro that the reply was begun with, and what else is to happen when it is sent."""
        reply = self.now.get(Unsent.REPLY)
        return dict(reply.also) if reply else {}

    @property
    def minutes(self) -> int:
        """Those of a reply that came back."""
        return int(self.also.get(_MINUTES, 0))


def _begun(person: int | Place, ticket: int | Place, tickets: Sequence[int | Place]) -> QuerySet[Unsent]:
    """A person's texts, with the words of those on these tickets."""
    here = Q(ticket__in=tickets) if len(tickets) > 1 else Q(ticket=tickets[0])
    text = Case(When(here, then=F("text")), default=Value(""), output_field=TextField())
    held = Exists(Held.objects.filter(person=person, ticket=ticket))
    rows = Unsent.objects.filter(Q(person=person) & (here | ~Q(text=""))).defer("text")
    read = rows.annotate(
        here=Case(When(here, then=Value(1)), default=Value(0)), said=text, filled=~Q(text=""), held=held
    )
    return read.order_by("-here", "aside", "-changed_at", "-pk")[:MOST_READ]


_BEGUN = Prepared(lambda: _begun(Place(0), Place(1), [Place(1)]))


def on(person: int, ticket: int, merged: Sequence[int] = ()) -> Begun:
    """What a person has begun on a ticket and on those merged into it, and how many texts of theirs wait: one query."""
    found: list[Any] = list(_begun(person, ticket, [ticket, *merged])) if merged else _BEGUN(person, ticket)
    near = [one for one in found if one.here]
    for one in near:
        one.text = one.said
    current: dict[str, Unsent] = {one.kind: one for one in near if one.ticket_id == ticket and not one.aside}
    others: list[Unsent] = [one for one in near if one.text and one is not current.get(one.kind)]
    count = sum(bool(one.filled) and one.kind != Unsent.NEXT for one in found)
    return Begun(current, others[:MOST_ASIDE], count, any(one.held for one in near))


def move(person: int, pk: int, ticket: int, now: datetime) -> bool:
    """Take a text that was set aside, or begun on a ticket that was merged, to where the person writes now."""
    with transaction.atomic():
        other = Unsent.objects.select_for_update().filter(pk=pk, person=person).first()
        if other is None or (other.ticket_id == ticket and not other.aside):
            return False
        other.delete()
        give_back(person, ticket, {other.kind: other.text}, also=other.also, why="", now=now)
        add_minutes(person, ticket, int(other.also.get(_MINUTES, 0)), now)
    return True


def discard(person: int, pk: int) -> None:
    """Throw a text away, because its author says so."""
    Unsent.objects.filter(pk=pk, person=person).delete()


def begun_by(person: int) -> list[Unsent]:
    """The texts that a person has not sent, the latest first, with their tickets; bounded."""
    begun = Unsent.objects.filter(person=person).exclude(text="").exclude(kind=Unsent.NEXT)
    return list(begun.select_related("ticket").order_by("-changed_at", "-pk")[:MOST_LISTED])


def count(person: int) -> int:
    """How many texts those are, at most MOST_LISTED."""
    begun = Unsent.objects.filter(person=person).exclude(text="").exclude(kind=Unsent.NEXT)
    return begun.order_by()[:MOST_LISTED].count()


def sweep(now: datetime) -> int:
    """Remove what nobody has gone on with for a month; how many texts that were."""
    removed, _ = Unsent.objects.filter(changed_at__lt=now - KEPT_FOR).delete()
    return removed


def add_files(person: int, ticket: int, chosen: Iterable[File], now: datetime) -> None:
    """Keep files with a reply that is still being written; the same file twice is kept once."""
    rows = [described(file) for file in chosen]
    with transaction.atomic():
        kept, _ = _of_a_kind(person, ticket, Unsent.REPLY, now)
        there = {(one["digest"], one["name"]) for one in kept.files}
        fresh = [one for one in rows if (one["digest"], one["name"]) not in there]
        _set_files(kept, [*kept.files, *fresh][:MOST_FILES], now)


def set_also(person: int, ticket: int, also: dict[str, str], now: datetime) -> None:
    """Keep with a reply that is still being written what else is to happen when it is sent; its minutes stay."""
    with transaction.atomic():
        kept, _ = _of_a_kind(person, ticket, Unsent.REPLY, now)
        Unsent.objects.filter(pk=kept.pk).update(also={**also, **_only_minutes(kept.also)}, changed_at=now)


def add_minutes(person: int, ticket: int, minutes: int, now: datetime) -> None:
    """Keep the minutes of a reply that came back, beside those of another that came back before."""
    if not minutes:
        return
    with transaction.atomic():
        kept, _ = _of_a_kind(person, ticket, Unsent.REPLY, now)
        also = {**kept.also, _MINUTES: str(int(kept.also.get(_MINUTES, 0)) + minutes)}
        Unsent.objects.filter(pk=kept.pk).update(also=also, changed_at=now)


def also_of(person: int, ticket: int) -> dict[str, str]:
    """What else is to happen when a reply is sent."""
    kept = Unsent.objects.filter(person=person, ticket=ticket, kind=Unsent.REPLY, aside=False)
    return dict(kept.values_list("also", flat=True).first() or {})


def remove_file(person: int, ticket: int, digest: str, now: datetime) -> None:
    """Take a file away again."""
    with transaction.atomic():
        kept, _ = _of_a_kind(person, ticket, Unsent.REPLY, now)
        _set_files(kept, [one for one in kept.files if one["digest"] != digest], now)


def _set_files(kept: Unsent, wanted: list[dict[str, Any]], now: datetime) -> None:
    Unsent.objects.filter(pk=kept.pk).update(files=wanted, changed_at=now)


def files_of(person: int, ticket: int) -> list[dict[str, Any]]:
    """The files that wait with a reply."""
    kept = Unsent.objects.filter(person=person, ticket=ticket, kind=Unsent.REPLY, aside=False)
    return list(kept.values_list("files", flat=True).first() or ())


def ready(kept: dict[str, Any]) -> File:
    """A kept file to be sent: a small one by its bytes, so that a picture is known for one, a large one where it lies.

    OSError when it is not there.
    """
    small = kept["size"] <= LARGEST_READ
    return replace(stored(kept), content=files.path_of(kept["digest"]).read_bytes()) if small else stored(kept)


def stored(kept: dict[str, Any]) -> File:
    """A kept file where it lies."""
    return File(name=kept["name"], type=kept["type"], content=Stored(kept["digest"]))


def described(file: File) -> dict[str, Any]:
    """A file by its name, type, size and content's hash, after its content was kept."""
    digest = files.keep(file.content)
    name, kind = kinds.safe_name(storable(file.name)), storable(file.type)[:127]
    return {"name": name, "type": kind, "size": len(file.content), "digest": digest}
