"""What each field of the document is called, and one sentence that explains it (SOP H1).

Forms, differences, the printed procedure and its page all speak with these words. Every field has one; a test says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from forthwith.procedure import shape
from forthwith.procedure.model import Procedure
from forthwith.procedure.part import Part
from forthwith.procedure.references import Path
from forthwith.procedure.said import Said, say
from forthwith.procedure.term import Term, Terms
from forthwith.procedure.terms_requests import CALENDAR, REQUESTS
from forthwith.procedure.terms_texts import TEXTS
from forthwith.procedure.terms_work import WORK

WHOLE: Terms = {
    "format": Term(say("Format"), say("The version of this description; 1 is the only one.")),
    "title": Term(say("Title"), say("What the procedure is called.")),
    "version": Term(say("Version"), say("The desk's own version of its procedure (SOP H1).")),
    "language": Term(
        say("Language"), say("The language in which the desk writes where no other is known (SOP D3)."), of="wording"
    ),
    "purpose": Term(say("Purpose"), say("What the procedure is for.")),
    "scope": Term(say("Scope"), say("Whom and what the procedure covers.")),
    "responsibilities": Term(say("Responsibilities"), say("Who answers for what (SOP R1 to R3).")),
    "steps": Term(say("Steps"), say("What the printed procedure says of each step, from 1.1 to 7.2.")),
    "calendars": Term(
        say("Calendars"),
        say("When the desk and its teams work: hours, holidays and breaks, each calendar in its own zone."),
    ),
    "channels": Term(
        say("Channels"), say("The ways in which requests arrive, how each is watched and acknowledged (SOP 1.1, 2.2).")
    ),
    "details": Term(say("Details"), say("What a complete request says, and how it is asked for (SOP 2.1).")),
    "teams": Term(
        say("Teams"), say("The first line and the specialised teams, and when they are on duty (SOP R1 to R3).")
    ),
    "categories": Term(
        say("Categories"), say("The kinds of request, whose they are and how they are worked on (SOP 3.1).")
    ),
    "impacts": Term(say("Impacts"), say("How many people it hits, in plain words; tried in this order (SOP 3.2).")),
    "urgencies": Term(
        say("Urgencies"), say("How much it hinders them, in plain words; tried in this order (SOP 3.2).")
    ),
    "matrix": Term(
        say("Matrix"), say("The priority that each impact and urgency give together (SOP 3.2)."), of="priorities"
    ),
    "priorities": Term(
        say("Priorities"), say("The priorities, highest first, with their target times (SOP 3.2, 4.3).")
    ),
    "acknowledgement": Term(
        say("Acknowledgement"), say("Within what time a request is acknowledged, on every channel (SOP 2.2).")
    ),
    "service_levels": Term(
        say("Service levels"),
        say("Other targets for some tickets; the first that fits counts; 100 at most (SOP 3.2, 4.3)."),
    ),
    "exemptions": Term(
        say("Exemptions"), say("Tickets to which targets do not apply, and why; 100 at most (SOP 3.2, 4.3).")
    ),
    "fields": Term(say("Fields"), say("Fields of the desk's own on a ticket; 40 at most (SOP 6.1).")),
    "timekeeping": Term(say("Time worked"), say("How time worked is kept (SOP 6.1).")),
    "assignment": Term(
        say("Assignment"), say("How a ticket finds its agent, and what holds until somebody says otherwise (SOP 4.1).")
    ),
    "suggestions": Term(
        say("Suggestions"),
        say("What is suggested from the desk's own closed tickets, and when it is learnt (SOP 3.1, 4.2)."),
    ),
    "knowledge": Term(say("Articles"), say("Who reviews articles, how often, and when one is doubtful (SOP 6.2, D2).")),
    "statuses": Term(
        say("Statuses"), say("What the states of a ticket are called, at the desk and for who asked (SOP 4.3, 7.1).")
    ),
    "pauses": Term(say("Pauses"), say("Which clocks stand still while a ticket waits; all others go on (SOP 4.3).")),
    "replies": Term(say("Replies"), say("How replies leave (SOP 4.3).")),
    "notices": Term(say("Notices"), say("How the desk's own people are told of what happens on their tickets.")),
    "escalation": Term(
        say("Escalation matrix"), say("When something is done about a ticket by itself, and what (SOP 5.1, 5.2, D1).")
    ),
    "closing": Term(
        say("Closing"), say("How long silence is waited for, and how long a reply opens a ticket again (SOP 7.1, 7.2).")
    ),
    "loops": Term(
        say("Mail loops"), say("By what rates a machine is known that does not say that it is one (SOP 2.2).")
    ),
    "wording": Term(say("Wording"), say("The messages that the desk sends, in each language (SOP D3).")),
    "languages": Term(say("Languages"), say("What makes a mail whole in a language besides its wording (SOP D3).")),
    "macros": Term(
        say("Macros"), say("Ready answers, with what happens when one is sent; 300 at most (SOP 4.2, 4.3).")
    ),
    "knowledge_guide": Term(say("Knowledge base usage guide"), say("How articles are used and written (SOP D2).")),
    "communication_policy": Term(
        say("Customer communication policy"), say("How the desk speaks with people (SOP D3).")
    ),
    "revisions": Term(say("Revision history"), say("What was changed, when and by whom (SOP H1).")),
}
"""The sections of the document, in its order; their titles stand at the beginning of a sentence, as a heading does."""

TERMS: Mapping[type[Part], Terms] = {Procedure: WHOLE, **REQUESTS, **WORK, **TEXTS}
SECTIONS: Mapping[str, Said] = {key: term.title for key, term in WHOLE.items()}
"""The titles of the document's sections by their keys, in its order."""


def term_at(path: Path) -> Term | None:
    """The words for the field at a path of the document; for what stands in a list or under a key, its field's.

    None where a path leads nowhere, as where a key stands that no version of the document has.
    """
    kind, found = Procedure, None
    for i, step in enumerate(path):
        if path[0] == "calendars" and i == 2:
            return CALENDAR.get(str(step))
        if shape.is_part(kind):
            found = TERMS[kind].get(str(step))
        kind = shape.kind_below(kind, step)
    return found
