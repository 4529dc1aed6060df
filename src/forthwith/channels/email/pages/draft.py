"""A mailbox that is being connected, between the pages on which that is done.

It is kept sealed in the session of who connects it: no page ever holds the password, nobody else can go on with it, and
it ends with their sign-in or after half an hour.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from forthwith.channels.email.consent import Asking
from forthwith.channels.email.imap import Folder, Found
from forthwith.record import sealed
from forthwith.record.mailboxes import Mailbox

LASTS_S = 1800
_KEPT = "mailbox_draft"
_OF_BOX = ("host", "port", "security", "user", "method", "provider", "secret")


@dataclass(frozen=True, slots=True)
class Draft:
    """One mailbox on its way. `again`: the number of a connected one that is signed in to anew."""

    key: str
    at: float
    box: dict[str, Any]
    again: int | None = None
    asking: Asking | None = None
    folders: tuple[tuple[str, int | None], ...] = ()
    newest: str = ""
    wrong: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def mailbox(self) -> Mailbox:
        """The mailbox as it would be written; its secret is sealed as it will stay."""
        ends = self.more.get("sign_in_ends_at")
        return Mailbox(**self.box, sign_in_ends_at=datetime.fromisoformat(ends) if ends else None)

    def holding(self, box: Mailbox) -> Draft:
        """The same, for a mailbox that has got another secret."""
        ends = box.sign_in_ends_at
        return replace(self, box=_of(box), more={"sign_in_ends_at": ends.isoformat() if ends else None})

    def having(self, found: Found) -> Draft:
        """The same, with what a look has shown."""
        folders = tuple((folder.name, folder.mails) for folder in found.folders)
        return replace(self, folders=folders, newest=found.newest, wrong="")

    @property
    def found(self) -> tuple[Folder, ...]:
        """The folders that a look has shown."""
        return tuple(Folder(name, mails) for name, mails in self.folders)


def begun(box: Mailbox, now: datetime, *, again: int | None = None, redirect: str = "") -> Draft:
    """A new draft; with `redirect` one for which a provider is asked, who sends people back there."""
    asking = Asking.anew(redirect) if redirect else None
    return Draft(secrets.token_urlsafe(12), now.timestamp(), _of(box), again, asking)


def keep(request: HttpRequest, draft: Draft) -> None:
    """Put a draft in the place of whatever was begun before."""
    request.session[_KEPT] = sealed.seal(json.dumps(asdict(draft)))


def kept(request: HttpRequest, now: datetime) -> Draft | None:
    """The draft that this person has begun, unless it is too old."""
    try:
        said = json.loads(sealed.unseal(request.session[_KEPT]))
    except (KeyError, sealed.WrongKey):
        return None
    asking = Asking(**said.pop("asking")) if said["asking"] else said.pop("asking")
    folders = tuple((name, mails) for name, mails in said.pop("folders"))
    draft = Draft(**said, asking=asking, folders=folders)
    return draft if now.timestamp() - draft.at < LASTS_S else None


def forget(request: HttpRequest) -> None:
    """The draft is done, or given up."""
    request.session.pop(_KEPT, None)


def _of(box: Mailbox) -> dict[str, Any]:
    return {name: getattr(box, name) for name in _OF_BOX}
