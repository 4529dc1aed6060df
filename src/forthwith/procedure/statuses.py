"""What the states of a ticket are called, at the desk and for who asked (SOP 4.3, 7.1). `lifecycle` has the states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from forthwith.procedure.lifecycle import CLOSED, MERGED, NEW, ON_HOLD, OPEN, RESOLVED, STATUSES, WAITING
from forthwith.procedure.part import Part
from forthwith.procedure.said import Said, say

if TYPE_CHECKING:
    from forthwith.procedure.model import Procedure

Label = Annotated[str, Field(min_length=1, max_length=60)]
FOR_REQUESTERS = {
    NEW: say("We have your request"),
    OPEN: say("We are working on it"),
    WAITING: say("We are waiting for you"),
    ON_HOLD: say("We are waiting for somebody else"),
    RESOLVED: say("Solved — please confirm"),
    CLOSED: say("Closed"),
    MERGED: say("It goes on together with another request"),
}


class DeskLabels(Part):
    """What the desk calls the states of a ticket."""

    new: Label = str(STATUSES[NEW])
    open: Label = str(STATUSES[OPEN])
    waiting_on_requester: Label = str(STATUSES[WAITING])
    on_hold: Label = str(STATUSES[ON_HOLD])
    resolved: Label = str(STATUSES[RESOLVED])
    closed: Label = str(STATUSES[CLOSED])
    merged: Label = str(STATUSES[MERGED])


class RequesterLabels(Part):
    """What the pages of requesters say of them."""

    new: Label = str(FOR_REQUESTERS[NEW])
    open: Label = str(FOR_REQUESTERS[OPEN])
    waiting_on_requester: Label = str(FOR_REQUESTERS[WAITING])
    on_hold: Label = str(FOR_REQUESTERS[ON_HOLD])
    resolved: Label = str(FOR_REQUESTERS[RESOLVED])
    closed: Label = str(FOR_REQUESTERS[CLOSED])
    merged: Label = str(FOR_REQUESTERS[MERGED])


class Labels(Part):
    """Both. In other languages they are under `languages`."""

    desk: DeskLabels = DeskLabels()
    requesters: RequesterLabels = RequesterLabels()


def label_of(p: Procedure, status: str, language: str) -> Said | str:
    """What the desk calls a status in a language; the usual label is one that a page can say in another language."""
    own = p.languages[language].statuses.get(status) if language in p.languages else None
    return _said(own, getattr(p.statuses.desk, status), STATUSES[status])


def told_of(p: Procedure, status: str, language: str) -> Said | str:
    """The same for requesters."""
    own = p.languages[language].statuses_for_requesters.get(status) if language in p.languages else None
    return _said(own, getattr(p.statuses.requesters, status), FOR_REQUESTERS[status])


def _said(own: str | None, label: str, usual: Said) -> Said | str:
    if own:
        return own
    return usual if label == usual else label
