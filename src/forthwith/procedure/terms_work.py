"""Words for how the desk works by its procedure: assignment, suggestions, articles, fields, notices, escalation."""

from __future__ import annotations

from collections.abc import Mapping

from forthwith.procedure.clocks import NAMES as CLOCKS
from forthwith.procedure.closing import Closing, Pauses, Unanswered
from forthwith.procedure.fields import OwnField, Timekeeping
from forthwith.procedure.library import Knowledge
from forthwith.procedure.loops import Loops, Rate
from forthwith.procedure.model import Assignment, Replies, Rung
from forthwith.procedure.noticing import Notices
from forthwith.procedure.part import Part
from forthwith.procedure.said import say
from forthwith.procedure.suggesting import Suggestions
from forthwith.procedure.targets import CLOCKS as OF_A_TICKET
from forthwith.procedure.term import ALL, Term, Terms

_OF_A_TICKET = {clock: CLOCKS[clock] for clock in OF_A_TICKET}
_EVENTS = {
    "assigned": say("a ticket is assigned to them"),
    "answered": say("the requester writes on a ticket of theirs"),
    "mentioned": say("somebody mentions them in a note"),
    "followed": say("something is written on a ticket that they follow"),
    "at_risk": say("the time of a ticket of theirs is running out"),
    "late": say("a ticket of theirs is late"),
    "escalated": say("a ticket is escalated to them or their team"),
    "failed": say("a mail of theirs is not delivered"),
    "reopened": say("a ticket of theirs is opened again"),
    "rated": say("the requester rates a ticket of theirs"),
}

WORK: Mapping[type[Part], Terms] = {
    OwnField: {
        "name": Term(say("name"), say("What the field is called; 60 characters at most (SOP 6.1).")),
        "kind": Term(
            say("kind"),
            say("What may be filled in (SOP 6.1)."),
            {
                "text": say("text"),
                "number": say("number"),
                "date": say("date"),
                "choice": say("choice"),
                "yes_no": say("yes or no"),
            },
        ),
        "choices": Term(say("choices"), say("What can be chosen, each kept by its key so that its name may change.")),
        "categories": Term(
            say("categories"),
            say("Categories whose tickets have the field, those below them too."),
            of="categories",
            nothing=ALL,
        ),
        "needed_for": Term(
            say("needed for"),
            say("What may be done only once it is filled in (SOP 6.1)."),
            {"resolve": say("resolving the ticket")},
            nothing=say("nothing"),
        ),
        "shown_to_requester": Term(
            say("shown to the requester"), say("Whether the requester's page shows it; else only the desk sees it.")
        ),
        "help": Term(say("help"), say("What is meant by it, shown beside the field.")),
    },
    Timekeeping: {
        "ask_after": Term(
            say("asks after"),
            say("How long a timer runs before it asks what of that was work; one minute to 24 hours (SOP 6.1)."),
        )
    },
    Assignment: {
        "method": Term(
            say("method"),
            say("How a ticket finds its agent among those on shift, with room and skill (SOP 4.1)."),
            {
                "least_loaded": say("to whoever has the fewest open tickets"),
                "round_robin": say("in turn"),
                "by_hand": say("by hand"),
            },
        ),
        "team": Term(say("team"), say("The team of a ticket whose category names none (SOP 4.1)."), of="teams"),
        "category": Term(
            say("category"), say("The category of a ticket until somebody says otherwise (SOP 3.1)."), of="categories"
        ),
        "impact": Term(
            say("impact"), say("The impact of a request in which no word suggests another (SOP 3.2)."), of="impacts"
        ),
        "urgency": Term(
            say("urgency"), say("The urgency of a request in which no word suggests another (SOP 3.2)."), of="urgencies"
        ),
        "capacity": Term(say("capacity"), say("How many open tickets an agent holds at most (SOP 4.1).")),
    },
    Suggestions: {
        "suggest_from": Term(
            say("suggested from"), say("How sure a suggestion must be to be shown, in percent (SOP 3.1, 3.2).")
        ),
        "decide_from": Term(
            say("decides from"),
            say("How sure it must be to decide where the procedure's words speak weakly, in percent (SOP 3.1, 3.2)."),
        ),
        "weak": Term(
            say("weak words"),
            say(
                "Words that weigh at most this speak weakly: one of the subject weighs 3, one of the text 1 (SOP 3.1)."
            ),
        ),
        "minimum_tickets": Term(
            say("tickets needed"), say("How many tickets must be closed before anything is learnt from them.")
        ),
        "minimum_each": Term(
            say("tickets needed for each choice"),
            say("A category, priority or team with fewer closed tickets is not learnt."),
        ),
        "most_tickets": Term(say("tickets learnt from"), say("From how many of the newest closed tickets is learnt.")),
        "learn_after": Term(say("learnt anew after tickets"), say("It is learnt anew when so many more are closed.")),
        "learn_every": Term(
            say("learnt anew every"),
            say("It is learnt anew after so long, if any ticket was closed; one hour at least."),
        ),
        "learn_outside": Term(
            say("learnt outside of"),
            say("The calendar in whose hours learning waits."),
            of="calendars",
            nothing=say("no hours"),
        ),
        "similar": Term(
            say("similar tickets"), say("How many similar solved tickets a ticket shows at most (SOP 4.2).")
        ),
        "similar_from": Term(
            say("similar from"), say("How alike a solved ticket must be to be shown, in percent (SOP 4.2).")
        ),
    },
    Knowledge: {
        "reviewed_by": Term(
            say("reviewed by"),
            say("Who publishes, sends back and retires articles that somebody else has written (SOP 6.2)."),
            {
                "agent": say("agents"),
                "specialist": say("specialists"),
                "team_leader": say("team leaders"),
                "administrator": say("administrators"),
            },
        ),
        "review_every": Term(
            say("reviewed every"),
            say("How long after its last review an article is looked at again; one day at least (SOP 6.2)."),
        ),
        "doubtful_after": Term(
            say("doubtful after uses"),
            say("How often an article must have been worked by since its last review to be doubtful (SOP 6.2)."),
        ),
        "doubtful_from": Term(
            say("doubtful from"), say("In what share of these tickets it did not help, in percent (SOP 6.2).")
        ),
        "suggest": Term(say("articles suggested"), say("How many articles a ticket shows at most (SOP 4.2).")),
    },
    Pauses: {
        "waiting_on_requester": Term(
            say("clocks that stand still while waiting for the requester"),
            say("Which clocks stand still while a ticket waits for its requester; all others go on (SOP 4.3)."),
            _OF_A_TICKET,
        ),
        "on_hold": Term(
            say("clocks that stand still on hold"),
            say("Which clocks stand still while a ticket waits for a third party; all others go on (SOP 4.3)."),
            _OF_A_TICKET,
        ),
    },
    Replies: {
        "undo": Term(
            say("can be taken back for"),
            say("How long a reply waits so that its author can take it back; five minutes at most (SOP 4.3)."),
        )
    },
    Notices: {
        "bundle": Term(
            say("put together for"),
            say("News of so long make one mail to a person of the desk; 24 hours at most, 0 s: each at once."),
        ),
        "keep": Term(say("kept for"), say("After so long a notice is deleted; one day at least.")),
        "mail": Term(
            say("events that are mailed"),
            say("What is mailed to whoever has chosen nothing else; the desk shows all."),
            _EVENTS,
        ),
    },
    Rung: {
        "key": Term(say("key"), say("The rung's own name, which a ticket's record keeps (SOP 5.1).")),
        "clock": Term(say("clock"), say("The clock on which the rung falls due (SOP 5.1)."), CLOCKS),
        "at": Term(
            say("falls due at"),
            say(
                "When on the clock, in its open time: a share of its target, or a time from its start or end (SOP 5.1)."
            ),
        ),
        "calendar": Term(
            say("calendar"),
            say("The calendar of the time since receipt; every other clock counts in that of its target (SOP 5.1)."),
            of="calendars",
        ),
        "every": Term(
            say("again every"),
            say("How long after it fell due it falls due again, until its clock has ended; one minute at least."),
            nothing=say("once"),
        ),
        "kind": Term(
            say("kind"),
            say("Whether it calls those who know more, or those who answer for it (SOP 5.1)."),
            {"functional": say("functional: to a specialised team"), "hierarchical": say("hierarchical: to a leader")},
        ),
        "priorities": Term(
            say("priorities"), say("Only tickets of these priorities (SOP 5.1)."), of="priorities", nothing=ALL
        ),
        "categories": Term(
            say("categories"),
            say("Only tickets of these categories, those below them too (SOP 5.1)."),
            of="categories",
            nothing=ALL,
        ),
        "teams": Term(say("teams"), say("Only tickets of these teams (SOP 5.1)."), of="teams", nothing=ALL),
        "only_if": Term(
            say("only if"),
            say("A condition that the ticket must meet (SOP 4.1, 5.1)."),
            {"unassigned": say("nobody has the ticket")},
            nothing=say("no condition"),
        ),
        "tell": Term(
            say("tells"),
            say("Who at the desk is told by a mail that leaves at once (SOP 5.1)."),
            {
                "assignee": say("the assignee"),
                "team": say("the team"),
                "team_leader": say("the team leader"),
                "administrators": say("the administrators"),
            },
            nothing=say("nobody"),
        ),
        "tell_teams": Term(
            say("also tells"),
            say("Teams of which everybody is told, or the specialists that the ticket's category names (SOP 5.1)."),
            {"specialists": say("the category's specialists")},
            of="teams",
            nothing=say("no other team"),
        ),
        "move_to": Term(
            say("moves the ticket to"),
            say("The team that the ticket goes to, or the specialists that its category names (SOP 5.1)."),
            {"specialists": say("the category's specialists")},
            of="teams",
            nothing=say("nobody else"),
        ),
        "tell_requester": Term(
            say("tells the requester"),
            say("Whether the requester hears of the escalation, with the times that are expected now (SOP 5.2)."),
        ),
    },
    Closing: {
        "silence": Term(
            say("closed after silence of"),
            say("How long after the question whether it is solved silence closes the ticket (SOP 7.1)."),
        ),
        "reopen_within": Term(
            say("opened again within"),
            say("How long after closing a reply opens the ticket again; later it makes a new, linked one (SOP 7.2)."),
        ),
        "rating": Term(say("best rating"), say("The best score that a requester can give; 2 to 10 (SOP 7.1).")),
        "unanswered": Term(
            say("waiting ends"),
            say("When a ticket that waits for its requester ends by itself, and what its record says (SOP 7.2)."),
            nothing=say("never"),
        ),
    },
    Unanswered: {
        "after": Term(say("after"), say("How long the requester is waited for (SOP 7.2).")),
        "cause": Term(say("cause"), say("What the record says was wrong (SOP 6.1).")),
        "solution": Term(say("solution"), say("What the record says was done (SOP 6.1).")),
    },
    Loops: {
        "acknowledgements": Term(
            say("acknowledgements to one address"),
            say("Above this rate the next acknowledgement is withheld (SOP 2.2)."),
        ),
        "quiet": Term(
            say("new requests of one address"),
            say("Above this rate they are taken for a machine's, which no automatic mail answers (SOP 2.2)."),
        ),
        "ignored": Term(
            say("mails of one address"),
            say("Above this rate mails of any kind stay in the ledger and open no ticket (SOP 2.2)."),
        ),
    },
    Rate: {
        "most": Term(say("at most"), say("So many within the time; 400 at most.")),
        "within": Term(say("within"), say("In this time; one minute at least.")),
    },
}
