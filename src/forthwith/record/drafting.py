"""Drafting the procedure: begun, changed at one place, submitted, approved by somebody else or sent back (SOP H1).

Each locks the draft's row. NotAllowed is raised when the person's role may not do it, Refused for what cannot be
accepted, Overtaken when somebody has changed the draft since it was read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.utils.translation import gettext as _

from forthwith.people.models import Person
from forthwith.procedure import based_on, document, editing, yaml_text
from forthwith.procedure.lifecycle import ADMINISTRATOR, LEADER, NotAllowed
from forthwith.procedure.yaml_text import Source, YamlProblem
from forthwith.record import procedures
from forthwith.record.drafts import APPROVED, DRAFT, REFUSED, SUBMITTED, WITHDRAWN, Draft
from forthwith.record.messages import storable
from forthwith.record.models import Revision

WRITERS = (LEADER, ADMINISTRATOR)
"""Who writes drafts, and decides on those of others."""
LONGEST_TITLE, LONGEST_NOTE = 200, 2_000
LATEST = timedelta(days=3660)
"""How far ahead a revision can be planned."""
Change = Callable[[editing.Data], editing.Data]


class Refused(ValueError):
    """What cannot be accepted; the text says what to put right."""


class Overtaken(RuntimeError):
    """Somebody changed the draft since it was read."""

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this draft meanwhile. Look at it again, then do what you were about to."))


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes or decides, and when."""

    person: Person
    now: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """Which draft, and the version of it that the person had before them."""

    draft: int
    version: int


def begin(by: Hand, title: str, *, revision: int | None = None, text: str | None = None) -> Draft:
    """A new draft: from the revision in force, from another one (going back to it), or from a text of one's own.

    What it is compared with is the one in force in any case. Raises `procedures.NoRevision`.
    """
    _may_write(by)
    base = procedures.in_force(by.now)
    said = procedures.text_of(revision or base.pk) if text is None else text
    return Draft.objects.create(
        title=_title(title),
        text=_readable(said),
        base=base,
        author=by.person,
        editors=[by.person.pk],
        begun_at=by.now,
        changed_at=by.now,
    )


def change(by: Hand, seen: Seen, how: Change) -> Draft:
    """Change the document's data: `how` is given it and returns it changed. The comments of the text are lost."""
    _may_write(by)
    with _locked(seen) as draft:
        _can_change(draft)
        before = read(draft).data
        try:
            after = how(before)
        except editing.NoSuchPlace as gone:
            raise Refused(_("The draft has nothing at %(place)s any more.") % {"place": gone}) from None
        # As texts: the order of entries counts, and two mappings are equal in any.
        if json.dumps(after) != json.dumps(before):
            _write(by, draft, yaml_text.dump(after))
        return draft


def replace(by: Hand, seen: Seen, text: str) -> Draft:
    """Take another text for the whole of the draft, as it was uploaded, its comments too."""
    _may_write(by)
    with _locked(seen) as draft:
        _can_change(draft)
        _write(by, draft, _readable(text))
        return draft


def describe(by: Hand, seen: Seen, title: str, note: str) -> Draft:
    """Say what the draft is called, and what it changes and why."""
    _may_write(by)
    with _locked(seen) as draft:
        _can_change(draft)
        draft.title, draft.note = _title(title), _note(note)
        return _kept(by, draft)


def submit(by: Hand, seen: Seen) -> Draft:
    """Ask for a review. The text must be a procedure, say something new, and why."""
    _may_write(by)
    with _locked(seen) as draft:
        _can_change(draft)
        if not draft.note.strip():
            raise Refused(_("Say first what changes and why: it stands in the history of revisions."))
        _is_new(draft, procedures.in_force(by.now))
        draft.state, draft.reviewer, draft.answer, draft.decided_at = SUBMITTED, None, "", None
        return _kept(by, draft)


def take_back(by: Hand, seen: Seen) -> Draft:
    """Take a submitted draft back, to go on with it."""
    _may_write(by)
    with _locked(seen) as draft:
        _stands(draft, SUBMITTED)
        draft.state = DRAFT
        return _kept(by, draft)


def withdraw(by: Hand, seen: Seen) -> Draft:
    """Give a draft up. It stays readable."""
    _may_write(by)
    with _locked(seen) as draft:
        if not draft.is_open:
            raise Refused(_("It is decided about already."))
        draft.state, draft.decided_at = WITHDRAWN, by.now
        return _kept(by, draft)


def rebase(by: Hand, seen: Seen, onto: int) -> Draft:
    """Take the draft as it is, against another revision than it was begun from; who does it has read what it undoes."""
    _may_write(by)
    with _locked(seen) as draft:
        if not draft.is_open:
            raise Refused(_("It is decided about already."))
        if not Revision.objects.filter(pk=onto).exists():
            raise Refused(_("There is no revision %(number)s.") % {"number": onto})
        draft.base_id = onto
        return _kept(by, draft)


def refuse(by: Hand, seen: Seen, why: str) -> Draft:
    """Send a submitted draft back to who wrote it, with the reason."""
    with _locked(seen) as draft:
        _decides(by, draft)
        if not why.strip():
            raise Refused(_("Say why: whoever wrote it has to know."))
        draft.state, draft.reviewer, draft.answer, draft.decided_at = REFUSED, by.person, _note(why), by.now
        return _kept(by, draft)


def approve(
    by: Hand, seen: Seen, *, effective_at: datetime | None = None, moves_open: bool = False, answer: str = ""
) -> Revision:
    """Make a revision of a submitted draft, in force from an instant on; None is now. It never changes again.

    With `moves_open` the tickets that are open then go on under it; else they keep the revision they came under.
    """
    with _locked(seen) as draft:
        _decides(by, draft)
        begins = by.now if effective_at is None else effective_at
        if not by.now <= begins <= by.now + LATEST:
            raise Refused(_("Choose an instant from now on, and within ten years: the past stays as it was."))
        # Two that were begun from one revision are approved one after the other: the second sees the first.
        list(Revision.objects.select_for_update().filter(pk=draft.base_id).values_list("pk"))
        replaced = procedures.in_force(begins)
        if replaced.pk != draft.base_id:
            said = _(
                "It was begun from revision %(base)s, but revision %(other)s is in force then. "
                "Look at what it changes in that one, and take it as it is, or send it back."
            )
            raise Refused(said % {"base": draft.base_id, "other": replaced.pk})
        made = Revision.objects.create(
            text=draft.text,
            digest=_is_new(draft, replaced),
            installed_at=by.now,
            installed_by=draft.author,
            effective_at=begins,
            note=draft.note,
            reviewed_by=by.person,
            moves_open=moves_open,
        )
        draft.state, draft.reviewer, draft.answer, draft.decided_at = APPROVED, by.person, _note(answer), by.now
        draft.effective_at, draft.became = begins, made
        _kept(by, draft)
        return made


def read(draft: Draft) -> Source:
    """The data of a draft's text, and the line of each place; what was kept can be read as YAML."""
    return _loaded(draft.text)


@lru_cache(maxsize=8)
def _loaded(text: str) -> Source:
    """A text is read once for all the pages that show it; nobody changes what is read, see `editing`."""
    return yaml_text.load(text)


def may_decide(person: Person, draft: Draft) -> bool:
    """Whether this person may approve it or send it back."""
    return person.role in WRITERS and person.pk not in draft.editors


@contextmanager
def _locked(seen: Seen) -> Iterator[Draft]:
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(pk=seen.draft).first()
        if draft is None:
            raise Refused(_("There is no draft %(number)s.") % {"number": seen.draft})
        if draft.version != seen.version:
            raise Overtaken
        yield draft


def _write(by: Hand, draft: Draft, text: str) -> None:
    if len(text) > yaml_text.MAX_CHARACTERS:
        raise Refused(
            _("That makes the procedure longer than %(most)s characters.") % {"most": yaml_text.MAX_CHARACTERS}
        )
    draft.text, draft.state = text, DRAFT
    if by.person.pk not in draft.editors:
        draft.editors = [*draft.editors, by.person.pk]
    _kept(by, draft)


def _kept(by: Hand, draft: Draft) -> Draft:
    draft.version, draft.changed_at = draft.version + 1, by.now
    draft.save()
    return draft


def _is_new(draft: Draft, than: Revision) -> str:
    """The digest of the draft's text. Refused where it is no procedure, or says what a revision says already."""
    try:
        digest = document.digest(document.read(draft.text))
    except document.ProcedureError as wrong:
        said = _("It is no procedure yet: %(first)s. Correct what is listed as an error.")
        raise Refused(said % {"first": wrong.problems[0]}) from None
    if digest == than.digest:
        raise Refused(_("It says what revision %(number)s says: there is nothing to approve.") % {"number": than.pk})
    return digest


def _decides(by: Hand, draft: Draft) -> None:
    _may_write(by)
    _stands(draft, SUBMITTED)
    if not may_decide(by.person, draft):
        raise NotAllowed(_("You wrote part of this draft: somebody else decides about it."))


def _stands(draft: Draft, state: str) -> None:
    if draft.state != state:
        raise Refused(_("It is in another state by now: %(state)s.") % {"state": draft.get_state_display()})


def _can_change(draft: Draft) -> None:
    if not draft.can_change:
        raise Refused(_("It cannot be changed as it stands: %(state)s.") % {"state": draft.get_state_display()})


def _may_write(by: Hand) -> None:
    if by.person.role not in WRITERS:
        raise NotAllowed(_("The procedure is changed by team leaders and administrators."))


def _readable(text: str) -> str:
    """The text, if it can be read as YAML at all: a draft may be no procedure yet, but its places must be found.

    One that is based on the standard says all itself from now on, so that each place of it can be changed.
    """
    try:
        source = yaml_text.load(text)
        if based_on.KEY in source.data:
            text = yaml_text.dump(based_on.whole(source, yaml_text.load(document.standard_text()).data).data)
    except YamlProblem as problem:
        raise Refused(_("The file cannot be read: %(problem)s.") % {"problem": problem}) from None
    return storable(text)


def _title(title: str) -> str:
    said = storable(title).strip()
    if not said or len(said) > LONGEST_TITLE:
        raise Refused(_("Give it a title of at most %(most)s characters.") % {"most": LONGEST_TITLE})
    return said


def _note(note: str) -> str:
    said = storable(note).replace("\r\n", "\n").strip()
    if len(said) > LONGEST_NOTE:
        raise Refused(_("That is longer than %(most)s characters. Shorten it.") % {"most": LONGEST_NOTE})
    return said
