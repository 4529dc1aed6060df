"""The messages a desk sends: which there are, and which `{variables}` each may use (D3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

TO_STAFF = "staff_"
"""How the names of those messages begin that go to people at the desk."""
_TICKET = ("number", "subject", "requester", "link", "desk", "priority", "category", "team")
_STAFF = (*_TICKET, "assignee", "clock", "due", "why")

TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "acknowledgement": (*_TICKET, "first_response_due", "missing"),
    "acknowledgement_also": (*_TICKET, "first_response_due", "missing"),
    "split_notice": (*_TICKET, "first_response_due", "missing", "split_from"),
    "missing_details": ("missing", "link"),
    "reply": (*_TICKET, "agent", "message"),
    "reply_to_others": (*_TICKET, "agent", "message", "stop_link"),
    "escalation_notice": (*_TICKET, "next_update", "resolution_estimate"),
    "confirmation": (*_TICKET, "agent", "solution", "solved_link", "not_yet_link", "closes_at"),
    "closed": (*_TICKET, "why", "rating_link", "reopen_until"),
    "staff_assigned": (*_STAFF, "settings_link"),
    "staff_escalation": (*_STAFF, "rung"),
    "staff_unassigned": _STAFF,
    "staff_undelivered": (*_STAFF, "address"),
    "staff_answered": (*_STAFF, "settings_link"),
    "staff_not_sent": (*_STAFF, "settings_link"),
    "staff_returned": (*_STAFF, "settings_link"),
    "staff_news": (*_TICKET, "news", "settings_link"),
    "staff_news_inside": (*_TICKET, "news", "settings_link"),
    "staff_news_several": ("tickets", "news", "settings_link", "link", "desk"),
    "staff_coverage": ("channel", "since", "allowed", "desk", "why"),
    "staff_sign_in": ("mailbox", "ends", "desk", "link", "why"),
    "staff_loop": ("address", "desk", "why"),
    "password_reset": ("name", "link", "desk"),
}

IN_REPLIES: Mapping[str, str] = {
    "requester": "the requester's name",
    "number": "the ticket's number, as #12",
    "subject": "its subject",
    "agent": "who writes",
    "desk": "what the desk calls itself",
    "team": "the ticket's team",
    "category": "its category",
    "priority": "its priority",
    "due": "when the clock that ends next falls due",
    "next_update": "by when they hear from us again, counted from now",
    "resolution_due": "by when it is to be solved",
}
"""What macros and saved replies may say, and what each stands for. The requester's own link is not among them: a reply
also goes to who reads along, and whoever holds that link acts as the requester."""

_VARIABLE = re.compile(r"\{(\w+)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in place of `{variables}`; one that has no value is left out."""
    return _VARIABLE.sub(lambda found: values.get(found[1], ""), text)


def variables(text: str) -> tuple[str, ...]:
    """The `{variables}` that a text uses, in order, each once."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))
