"""Words for what the procedure says in texts: responsibilities, wordings, languages, macros, revisions."""

from __future__ import annotations

from collections.abc import Mapping

from forthwith.procedure.language import Asked, Language, Phrases
from forthwith.procedure.lifecycle import CLOSED, MERGED, NEW, ON_HOLD, OPEN, RESOLVED, WAITING
from forthwith.procedure.macros import Macro
from forthwith.procedure.model import Responsibility, Revision, Wording
from forthwith.procedure.part import Part
from forthwith.procedure.said import Said, say
from forthwith.procedure.statuses import DeskLabels, Labels, RequesterLabels
from forthwith.procedure.term import ALL, Term, Terms

MESSAGES: Mapping[str, Said] = {
    "acknowledgement": say("acknowledgement"),
    "acknowledgement_also": say("acknowledgement of one more request"),
    "split_notice": say("notice of a split"),
    "missing_details": say("question for missing details"),
    "reply": say("reply"),
    "reply_to_others": say("reply to others in copy"),
    "escalation_notice": say("notice of an escalation to the requester"),
    "confirmation": say("question whether it is solved"),
    "closed": say("notice that it is closed"),
    "staff_assigned": say("notice that a ticket was assigned"),
    "staff_escalation": say("notice of an escalation to the desk"),
    "staff_unassigned": say("notice that nobody has a ticket"),
    "staff_undelivered": say("notice that a mail did not arrive"),
    "staff_answered": say("notice that the requester answered"),
    "staff_not_sent": say("notice that an answer by mail was not sent"),
    "staff_returned": say("notice that a held reply came back"),
    "staff_news": say("news of a ticket"),
    "staff_news_inside": say("news of a ticket with a note"),
    "staff_news_several": say("news of several tickets"),
    "staff_coverage": say("alarm of a silent channel"),
    "staff_sign_in": say("warning that a sign-in ends"),
    "staff_loop": say("alarm of a machine that answers"),
    "password_reset": say("mail for a new password"),
}
"""The messages of `wording.TEMPLATES`, as people call them."""

WITHIN: Mapping[str, Said] = {
    NEW: say("new"),
    OPEN: say("open"),
    WAITING: say("waiting on requester"),
    ON_HOLD: say("on hold"),
    RESOLVED: say("resolved"),
    CLOSED: say("closed"),
    MERGED: say("merged"),
}
"""The statuses as they are called within a sentence."""
_LEVEL = say("Impact and urgency together set the priority when the macro is sent (SOP 3.2).")

_LABEL = say("60 characters at most; exports and searches keep its key.")
_LABELS: Terms = {key: Term(within, _LABEL) for key, within in WITHIN.items()}

TEXTS: Mapping[type[Part], Terms] = {
    Labels: {
        "desk": Term(say("at the desk"), say("What the desk calls the states of a ticket.")),
        "requesters": Term(say("for requesters"), say("What the pages of requesters say of them.")),
    },
    DeskLabels: _LABELS,
    RequesterLabels: _LABELS,
    Responsibility: {
        "role": Term(say("role"), say("Who answers for it (SOP R1 to R3).")),
        "text": Term(say("text"), say("What they answer for (SOP R1 to R3).")),
    },
    Wording: {
        "subject": Term(say("subject"), say("The mail's subject, with {variables} that are filled in (SOP D3).")),
        "text": Term(
            say("text"), say("The mail's text, with {variables}; a paragraph is one line, however long (SOP D3).")
        ),
    },
    Language: {
        "name": Term(say("name"), say("What the language is called in itself.")),
        "words": Term(
            say("known by"), say("Small words by which a text in it is known, and that no other language has.")
        ),
        "weekdays": Term(say("days of the week"), say("The seven days, Monday first, as mails write them.")),
        "months": Term(say("months"), say("The twelve months as mails write them.")),
        "phrases": Term(say("phrases"), say("What stands in a mail where there is no name or time to say.")),
        "priorities": Term(
            say("names of priorities"), say("What the priorities are called in this language."), by="priorities"
        ),
        "categories": Term(
            say("names of categories"), say("What the categories are called in this language."), by="categories"
        ),
        "teams": Term(say("names of teams"), say("What the teams are called in this language."), by="teams"),
        "details": Term(
            say("questions for details"),
            say("How details are called and asked for in this language (SOP 2.1)."),
            by="details",
        ),
        "fields": Term(
            say("names of fields"), say("What the desk's own fields are called in this language."), by="fields"
        ),
        "statuses": Term(
            say("names of statuses"), say("What the desk calls the states of a ticket in this language."), by="statuses"
        ),
        "statuses_for_requesters": Term(
            say("statuses for requesters"),
            say("What the pages of requesters say of a ticket in this language."),
            by="statuses",
        ),
    },
    Phrases: {
        "unnamed": Term(say("for a nameless requester"), say("Stands behind the greeting where there is no name.")),
        "soon": Term(say("where no time is known"), say("Stands for a moment that nobody knows.")),
        "moment": Term(say("a moment"), say("How a moment is written, with {weekday}, {day}, {month} and {time}.")),
        "today": Term(say("today"), say("Stands before a moment of the same day.")),
        "tomorrow": Term(say("tomorrow"), say("Stands before a moment of the next day.")),
        "next_step": Term(
            say("heading of the next step"), say("Stands above an agent's next step, below the answer (SOP 4.3).")
        ),
        "confirmed": Term(
            say("closed as confirmed"), say("The reason where the requester said that it is solved (SOP 7.1).")
        ),
        "silence": Term(
            say("closed after silence"), say("The reason where nothing was heard from the requester (SOP 7.1).")
        ),
        "request": Term(say("word for a request"), say("Stands before the number of the request, below every mail.")),
        "open_request": Term(say("words of the link"), say("What the link to the request says, below every mail.")),
    },
    Asked: {
        "name": Term(say("name"), say("What the detail is called in this language (SOP 2.1).")),
        "ask": Term(say("question"), say("How it is asked for in this language (SOP 2.1).")),
    },
    Macro: {
        "name": Term(say("name"), say("What agents see when they choose it; 80 characters at most.")),
        "teams": Term(say("teams"), say("Teams on whose tickets it is offered."), of="teams", nothing=ALL),
        "categories": Term(
            say("categories"),
            say("Categories on whose tickets it is offered, those below them too."),
            of="categories",
            nothing=ALL,
        ),
        "text": Term(
            say("text"), say("The reply in each language, with {variables} that are filled in (SOP 4.3)."), by="wording"
        ),
        "next_step": Term(
            say("next step"), say("The next step that it fills in, in each language (SOP 4.3)."), by="wording"
        ),
        "then": Term(
            say("afterwards"),
            say("What becomes of the ticket when the reply is sent (SOP 4.3, 6.1)."),
            {
                "wait": say("waits for the requester"),
                "hold": say("on hold for a third party"),
                "resolve": say("leads to its resolution"),
            },
            nothing=say("goes on as it is"),
        ),
        "category": Term(
            say("sets the category"),
            say("The category that the ticket gets when the reply is sent (SOP 3.1)."),
            of="categories",
        ),
        "impact": Term(say("sets the impact"), _LEVEL, of="impacts"),
        "urgency": Term(say("sets the urgency"), _LEVEL, of="urgencies"),
    },
    Revision: {
        "version": Term(say("version"), say("The version that this change made (SOP H1).")),
        "date": Term(say("date"), say("The day of the change (SOP H1).")),
        "description": Term(say("description"), say("What was changed, and why (SOP H1).")),
        "author": Term(say("author"), say("Who changed it (SOP H1).")),
    },
}
