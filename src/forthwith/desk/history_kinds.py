"""Under which heading of the history a fact stands, and to which step of the procedure it belongs (SOP 6.1)."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forthwith.procedure import facts as f

MESSAGES, TRIAGE, WORK, CLOCKS = "messages", "triage", "work", "clocks"
DELIVERY, CLOSING, JOINING, OTHER = "delivery", "closing", "joining", "other"

HEADINGS: dict[str, Promise | str] = {
    MESSAGES: _("Messages"),
    TRIAGE: _("Category and priority"),
    WORK: _("Assignment"),
    CLOCKS: _("Clocks and escalation"),
    DELIVERY: _("Delivery"),
    CLOSING: _("Solution"),
    JOINING: _("Other tickets"),
    OTHER: _("Other"),
}
"""In the order of the SOP."""

PLACES: dict[type[f.Fact], tuple[str, str]] = {
    f.Received: (MESSAGES, "1.2"),
    f.Checked: (TRIAGE, "2.1"),
    f.DetailsAsked: (TRIAGE, "2.1"),
    f.DetailsGiven: (TRIAGE, "2.1"),
    f.Acknowledged: (DELIVERY, "2.2"),
    f.AcknowledgementWithheld: (DELIVERY, "2.2"),
    f.DeliveryFailed: (DELIVERY, "2.2"),
    f.SentAgain: (DELIVERY, "2.2"),
    f.Categorised: (TRIAGE, "3.1"),
    f.Prioritised: (TRIAGE, "3.2"),
    f.Tagged: (TRIAGE, "3.1"),
    f.Untagged: (TRIAGE, "3.1"),
    f.FieldSet: (TRIAGE, "6.1"),
    f.Assigned: (WORK, "4.1"),
    f.TimeSpent: (WORK, "6.1"),
    f.Ticked: (WORK, "4.2"),
    f.ArticleUsed: (WORK, "4.2"),
    f.Noted: (MESSAGES, "6.1"),
    f.Replied: (MESSAGES, "4.3"),
    f.RequesterWrote: (MESSAGES, "6.1"),
    f.MachineWrote: (MESSAGES, "6.1"),
    f.ParticipantAdded: (MESSAGES, "6.1"),
    f.ParticipantRemoved: (MESSAGES, "6.1"),
    f.LanguageChosen: (MESSAGES, "6.1"),
    f.Followed: (MESSAGES, "6.1"),
    f.Unfollowed: (MESSAGES, "6.1"),
    f.WaitingOnRequester: (CLOCKS, "4.3"),
    f.PutOnHold: (CLOCKS, "4.3"),
    f.Resumed: (CLOCKS, "4.3"),
    f.Escalated: (CLOCKS, "5.1"),
    f.RequesterTold: (CLOCKS, "5.2"),
    f.Promised: (CLOCKS, "4.3"),
    f.PromiseKept: (CLOCKS, "4.3"),
    f.PromiseWithdrawn: (CLOCKS, "4.3"),
    f.MovedToRevision: (CLOCKS, "4.3"),
    f.Resolved: (CLOSING, "6.1"),
    f.KnowledgeReviewed: (CLOSING, "6.2"),
    f.ArticleWritten: (CLOSING, "6.2"),
    f.ConfirmationAsked: (CLOSING, "7.1"),
    f.Confirmed: (CLOSING, "7.1"),
    f.Reopened: (CLOSING, "7.1"),
    f.Closed: (CLOSING, "7.2"),
    f.Rated: (CLOSING, "7.1"),
    f.Linked: (JOINING, "6.1"),
    f.Unlinked: (JOINING, "6.1"),
    f.MergedInto: (JOINING, "6.1"),
    f.MergedFrom: (JOINING, "6.1"),
    f.Unmerged: (JOINING, "6.1"),
    f.MergeUndone: (JOINING, "6.1"),
    f.SplitOff: (JOINING, "6.1"),
    f.SplitFrom: (JOINING, "6.1"),
}


def heading_of(fact: f.Fact) -> str:
    """The key of the heading that a fact stands under."""
    return PLACES.get(type(fact), (OTHER, ""))[0]


def step_of(fact: f.Fact) -> str:
    """The step of the procedure that a fact belongs to, such as `2.2`."""
    return PLACES.get(type(fact), (OTHER, ""))[1]
