"""The lifecycle as one table: which act leads from which status to which, and who may do it.

The door, the buttons and the API read this table; there is no other place that decides on a status.
"""

from __future__ import annotations

from dataclasses import dataclass

from forthwith.procedure import facts as f
from forthwith.procedure.said import say

NEW, OPEN, WAITING, ON_HOLD, RESOLVED, CLOSED, MERGED = (
    "new",
    "open",
    "waiting_on_requester",
    "on_hold",
    "resolved",
    "closed",
    "merged",
)
STATUSES = {
    NEW: say("New"),
    OPEN: say("Open"),
    WAITING: say("Waiting on requester"),
    ON_HOLD: say("On hold"),
    RESOLVED: say("Resolved"),
    CLOSED: say("Closed"),
    MERGED: say("Merged"),
}
UNRESOLVED = (NEW, OPEN, WAITING, ON_HOLD)
UNCLOSED = (*UNRESOLVED, RESOLVED)
ANY = (*UNCLOSED, CLOSED)
"""Every status in which a ticket lives its own life."""
ANY_AT_ALL = (*ANY, MERGED)
BEFORE = "as before"
"""Where an act leads that undoes a merge: to the status that the ticket had before."""

SYSTEM, REQUESTER = "system", "requester"
AGENT, SPECIALIST, LEADER = "agent", "specialist", "team_leader"
ADMINISTRATOR, AUDITOR = "administrator", "auditor"
ROLES = {
    REQUESTER: say("Requester"),
    AGENT: say("Support agent"),
    SPECIALIST: say("Specialist"),
    LEADER: say("Team leader"),
    ADMINISTRATOR: say("Administrator"),
    AUDITOR: say("Auditor"),
}
WORKERS = (AGENT, SPECIALIST, LEADER, ADMINISTRATOR)
DESK = (*WORKERS, SYSTEM)


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the table. `to` None keeps the status; `button` is its label where a person may do it."""

    fact: type[f.Fact]
    froms: tuple[str, ...]
    to: str | None
    who: tuple[str, ...]
    button: str = ""


class NotAllowed(ValueError):
    """An act that the lifecycle, or the actor's role, does not allow now; the text says which and why."""


ACTS: tuple[Act, ...] = (
    Act(f.Received, (), NEW, (*DESK, REQUESTER)),
    Act(f.Checked, UNRESOLVED, None, DESK),
    Act(f.DetailsAsked, UNRESOLVED, None, DESK),
    Act(f.DetailsGiven, UNRESOLVED, None, (*DESK, REQUESTER)),
    Act(f.Acknowledged, ANY, None, DESK, say("Record acknowledgement")),
    Act(f.AcknowledgementWithheld, UNRESOLVED, None, DESK),
    # What was on its way when the ticket was merged arrives, or does not.
    Act(f.Acknowledged, (MERGED,), None, (SYSTEM,)),
    Act(f.DeliveryFailed, ANY_AT_ALL, None, (SYSTEM,)),
    Act(f.SentAgain, ANY_AT_ALL, None, WORKERS, say("Send again")),
    Act(f.Categorised, UNRESOLVED, None, DESK, say("Change category")),
    Act(f.Prioritised, UNRESOLVED, None, DESK, say("Change priority")),
    Act(f.Assigned, UNRESOLVED, None, DESK, say("Assign")),
    Act(f.Ticked, UNRESOLVED, None, WORKERS, say("Tick runbook step")),
    Act(f.Noted, ANY, None, WORKERS, say("Add note")),
    Act(f.Replied, (NEW, OPEN, WAITING, ON_HOLD), OPEN, WORKERS, say("Send reply")),
    Act(f.Replied, (RESOLVED,), RESOLVED, WORKERS, say("Send reply")),
    Act(f.RequesterWrote, (NEW,), NEW, (REQUESTER, SYSTEM)),
    Act(f.RequesterWrote, (OPEN, WAITING), OPEN, (REQUESTER, SYSTEM)),
    Act(f.RequesterWrote, (ON_HOLD,), ON_HOLD, (REQUESTER, SYSTEM)),
    Act(f.MachineWrote, ANY, None, (SYSTEM,)),
    Act(f.ParticipantAdded, ANY, None, (*DESK, REQUESTER), say("Add somebody in copy")),
    Act(f.ParticipantRemoved, ANY, None, DESK, say("Take somebody off")),
    Act(f.Followed, ANY, None, DESK, say("Follow")),
    Act(f.Unfollowed, ANY, None, DESK, say("Stop following")),
    Act(f.LanguageChosen, ANY, None, (*DESK, REQUESTER), say("Choose language")),
    Act(f.WaitingOnRequester, (NEW, OPEN, ON_HOLD), WAITING, WORKERS, say("Wait for requester")),
    Act(f.PutOnHold, (NEW, OPEN, WAITING), ON_HOLD, WORKERS, say("Put on hold")),
    Act(f.Resumed, (WAITING, ON_HOLD), OPEN, DESK, say("Resume")),
    Act(f.Escalated, ANY, None, (SYSTEM,)),
    Act(f.Escalated, UNRESOLVED, None, WORKERS, say("Escalate")),
    Act(f.RequesterTold, UNRESOLVED, None, DESK),
    Act(f.Promised, UNRESOLVED, None, WORKERS, say("Promise")),
    Act(f.PromiseKept, UNCLOSED, None, WORKERS, say("Promise kept")),
    Act(f.PromiseWithdrawn, UNCLOSED, None, WORKERS, say("Withdraw promise")),
    Act(f.Resolved, UNRESOLVED, RESOLVED, WORKERS, say("Resolve")),
    # Nobody answered for as long as the procedure waits.
    Act(f.Resolved, (WAITING,), RESOLVED, (SYSTEM,)),
    Act(f.KnowledgeReviewed, ANY, None, WORKERS, say("Review knowledge")),
    Act(f.ArticleUsed, ANY, None, WORKERS, say("Record an article used")),
    Act(f.ArticleWritten, ANY, None, WORKERS, say("Write an article")),
    Act(f.ConfirmationAsked, (RESOLVED,), None, DESK),
    Act(f.Confirmed, (RESOLVED,), None, (REQUESTER, *WORKERS), say("Record confirmation")),
    Act(f.Reopened, (RESOLVED, CLOSED), OPEN, (REQUESTER, *DESK), say("Reopen")),
    Act(f.Closed, (RESOLVED,), CLOSED, (REQUESTER, *DESK), say("Close")),
    Act(f.Rated, (RESOLVED, CLOSED), None, (REQUESTER,)),
    Act(f.Linked, ANY_AT_ALL, None, WORKERS, say("Link")),
    Act(f.Unlinked, ANY_AT_ALL, None, WORKERS, say("Remove link")),
    Act(f.MergedInto, ANY, MERGED, WORKERS, say("Merge")),
    Act(f.MergedFrom, UNRESOLVED, None, WORKERS),
    Act(f.Unmerged, (MERGED,), BEFORE, WORKERS, say("Undo merge")),
    Act(f.MergeUndone, ANY, None, WORKERS),
    Act(f.SplitOff, ANY, None, WORKERS, say("Split")),
    Act(f.SplitFrom, UNRESOLVED, None, WORKERS),
    Act(f.Tagged, ANY, None, WORKERS, say("Tag")),
    Act(f.Untagged, ANY, None, WORKERS, say("Remove tag")),
    Act(f.FieldSet, ANY, None, WORKERS, say("Fill in fields")),
    Act(f.TimeSpent, ANY_AT_ALL, None, WORKERS, say("Record time")),
    Act(f.MovedToRevision, UNRESOLVED, None, (LEADER, ADMINISTRATOR, SYSTEM)),
)
_BY_FACT: dict[type[f.Fact], tuple[Act, ...]] = {
    kind: tuple(act for act in ACTS if act.fact is kind) for kind in f.KINDS.values()
}


def permit(kind: type[f.Fact], status: str | None, role: str) -> Act:
    """The table's line for an act in a status by a role; status None is a ticket that does not exist yet.

    Raises NotAllowed with a sentence that says what stands in the way.
    """
    lines = [act for act in _BY_FACT[kind] if status in act.froms or (status is None and not act.froms)]
    for act in lines:
        if role in act.who:
            return act
    name = _BY_FACT[kind][0].button or kind.__name__
    if not lines:
        if not status:
            raise NotAllowed(say("'%(act)s' is not possible: the ticket is not there yet.", act=name))
        now = STATUSES[status]
        raise NotAllowed(say("'%(act)s' is not possible while the ticket is '%(status)s'.", act=name, status=now))
    may = tuple(ROLES.get(who, who) for who in dict.fromkeys(who for act in lines for who in act.who))
    raise NotAllowed(
        say("'%(act)s' is for: %(may)s. You are: %(role)s.", act=name, may=may, role=ROLES.get(role, role))
    )


def allowed(status: str, role: str) -> tuple[Act, ...]:
    """Every act with a button that this role may do in this status, in the table's order."""
    return tuple(act for act in ACTS if act.button and status in act.froms and role in act.who)
