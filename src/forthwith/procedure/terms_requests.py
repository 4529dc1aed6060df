"""Words for what the procedure says of requests: calendars, channels, details, teams, categories, priorities."""

from __future__ import annotations

from collections.abc import Mapping

from forthwith.procedure.clocks import NAMES as CLOCKS
from forthwith.procedure.levels import LevelTargets, ServiceLevel
from forthwith.procedure.model import Category, Channel, Detail, Found, Level, Priority, Target, Team
from forthwith.procedure.part import Part
from forthwith.procedure.said import say
from forthwith.procedure.targets import TARGETS, By, Exemption
from forthwith.procedure.term import ALL, Term, Terms
from forthwith.procedure.watching import Canary, Watch

CALENDAR: Terms = {
    "timezone": Term(
        say("time zone"), say("The zone in which its hours are meant, as an IANA name such as Europe/Berlin.")
    ),
    "hours": Term(
        say("hours"),
        say("When it is open on each day of the week; several windows a day, and over midnight, are allowed."),
        nothing=say("closed"),
    ),
    "holidays": Term(
        say("holidays"),
        say("Days on which it is closed: single dates, and the public holidays of a country or a part of one."),
    ),
    "date_hours": Term(
        say("hours of single days"), say("Hours that take the place of the usual ones on one date, holiday or not.")
    ),
    "date_breaks": Term(say("breaks of single days"), say("Hours that are taken out of the open time of one date.")),
    "day": Term(
        say("business day"),
        say("How long a business day is where targets count them; 24 hours at most."),
        nothing=say("as long as its days are"),
    ),
}
"""A calendar is no part of its own; these are its keys."""

_ONLY = {
    "categories": Term(
        say("categories"),
        say("Only tickets of these categories, those below them too (SOP 3.1)."),
        of="categories",
        nothing=ALL,
    ),
    "channels": Term(
        say("channels"), say("Only what arrived on these channels (SOP 1.1)."), of="channels", nothing=ALL
    ),
}
"""For which tickets something is."""

REQUESTS: Mapping[type[Part], Terms] = {
    Channel: {
        "name": Term(say("name"), say("What the channel is called, at the desk and in its mails.")),
        "watch": Term(
            say("watch"), say("When the channel is watched, by whom, and how long it may be silent (SOP 1.1).")
        ),
        "canary": Term(
            say("canary"),
            say("A mail that the desk sends itself, to know that its whole way out and in again works (SOP 1.1)."),
        ),
        "acknowledgement": Term(
            say("acknowledgement"),
            say("Whether the desk itself says that a request has arrived, or the person who takes it (SOP 2.2)."),
            {"automatic": say("automatic"), "manual": say("by hand")},
        ),
        "required": Term(
            say("required details"), say("The details that a request on this channel must say (SOP 2.1)."), of="details"
        ),
    },
    Watch: {
        "by": Term(
            say("watched by"),
            say("Whether a machine watches it (its mailbox or form must answer), or people on duty (SOP 1.1)."),
            {"machine": say("a machine"), "people": say("people")},
        ),
        "calendar": Term(
            say("hours of the watch"), say("The calendar in which it must be watched (SOP 1.1)."), of="calendars"
        ),
        "silence": Term(
            say("longest silence"),
            say("How long it may be silent before that counts as a gap and the team leader is told (SOP 1.1)."),
        ),
        "sign_in_ends": Term(
            say("told before a sign-in ends"),
            say("How long before a mailbox's sign-in ends leaders and administrators are told, each once (SOP 1.1)."),
        ),
    },
    Canary: {
        "every": Term(say("sent every"), say("How often the desk sends itself a mail; one minute at least (SOP 1.1).")),
        "within": Term(
            say("back within"), say("How long it may take to come home before there is an alarm (SOP 1.1).")
        ),
    },
    Detail: {
        "name": Term(say("name"), say("What the detail is called where it is listed as missing (SOP 2.1).")),
        "ask": Term(say("question"), say("How the requester is asked for it when it is missing (SOP 2.1).")),
        "found": Term(
            say("counts as given"), say("What counts as having said it; any one of these is enough (SOP 2.1).")
        ),
    },
    Found: {
        "requester_name": Term(
            say("by the requester's name"), say("It is given when the name of whoever writes is known (SOP 2.1).")
        ),
        "min_words": Term(
            say("by a number of words"), say("It is given when the request is at least so many words long (SOP 2.1).")
        ),
        "words": Term(
            say("by words in the request"),
            say("It is given when the request says one of these words or phrases (SOP 2.1)."),
        ),
    },
    Team: {
        "name": Term(say("name"), say("What the team is called.")),
        "level": Term(
            say("level"), say("1 is the first line, 2 and above are specialised teams; 9 at most (SOP 5.1, R3).")
        ),
        "hours": Term(say("hours"), say("The calendar in which the team is on duty (SOP 4.1)."), of="calendars"),
        "leader_hours": Term(
            say("leader's hours"), say("The calendar in which its leader can be reached (SOP 5.1)."), of="calendars"
        ),
        "mail_from": Term(
            say("mails come from"),
            say("Name and address that mails about its tickets come from, and that mail to the team goes to."),
            nothing=say("the desk"),
        ),
    },
    Category: {
        "name": Term(say("name"), say("What the category is called (SOP 3.1).")),
        "team": Term(
            say("team"),
            say("The team that its tickets belong to (SOP 3.1); left out, that of the category above."),
            of="teams",
        ),
        "specialists": Term(
            say("specialists"),
            say("The team that its tickets go to when the matrix moves them to specialists (SOP 5.1)."),
            of="teams",
        ),
        "required": Term(
            say("required details"),
            say("The details that a request of this category must say, besides those of its channel (SOP 2.1)."),
            of="details",
        ),
        "skills": Term(say("skills"), say("What an agent must be able to do to be given its tickets (SOP 4.1).")),
        "examples": Term(say("examples"), say("Requests of this kind, shown to whoever chooses a category (SOP 3.1).")),
        "words": Term(say("words"), say("Words and phrases of up to four words that suggest this category (SOP 3.1).")),
        "runbook": Term(say("runbook"), say("The steps that an agent follows and ticks, in their order (SOP 4.2).")),
        "children": Term(
            say("sub-categories"),
            say("Categories below this one; each has its team, details, skills and runbook unless it names its own."),
        ),
    },
    Level: {
        "name": Term(say("name"), say("What the level is called (SOP 3.2).")),
        "says": Term(say("meaning"), say("When it is this level, in plain words (SOP 3.2).")),
        "words": Term(say("words"), say("Words and phrases in a request that suggest this level (SOP 3.2).")),
    },
    Priority: {
        "name": Term(say("name"), say("What the priority is called (SOP 3.2).")),
        "description": Term(say("description"), say("When a ticket has this priority, in plain words (SOP 3.2).")),
        "team": Term(
            say("team"),
            say("The team in which its tickets start, whatever their category (SOP 4.1)."),
            of="teams",
            nothing=say("that of the category"),
        ),
        "first_response": Term(
            CLOCKS["first_response"], say("How long the requester may wait for the first answer of a person (SOP 4.3).")
        ),
        "work": Term(CLOCKS["work"], say("How long it may take until work has begun (SOP 4.2).")),
        "next_reply": Term(
            CLOCKS["next_reply"], say("How long a later message of the requester may wait for its answer (SOP 4.3).")
        ),
        "next_update": Term(
            CLOCKS["next_update"], say("How long the requester may hear nothing from the desk (SOP 4.3, 5.2).")
        ),
        "resolution": Term(CLOCKS["resolution"], say("How long it may take until the request is solved (SOP 5.1).")),
    },
    Target: {
        "target": Term(say("length"), say("How long it may take, counted in the open time of its calendar.")),
        "by": Term(say("time of day"), say("By which time of day it is due, instead of a length.")),
        "calendar": Term(
            say("calendar"),
            say("The calendar in whose open time it is counted; always is round the clock."),
            of="calendars",
        ),
    },
    By: {
        "cut_off": Term(
            say("cut-off"),
            say("What comes before this time of a day with open hours is due on the same day."),
            nothing=say("no cut-off"),
        ),
        "same_day": Term(say("due on the same day at"), say("By when what comes before the cut-off is due.")),
        "next_day": Term(
            say("due on the next day at"), say("By when all else is due, on the next day that has open hours.")
        ),
    },
    ServiceLevel: {
        "name": Term(say("name"), say("What the service level is called, as a ticket shows it (SOP 3.2).")),
        "organisations": Term(
            say("organisations"), say("Only requests of these organisations, by their names."), nothing=ALL
        ),
        "contracts": Term(
            say("contracts"), say("Only requests of organisations that have one of these contracts."), nothing=ALL
        ),
        "vip": Term(say("only VIPs"), say("Whether only requests of VIPs are meant.")),
        **_ONLY,
        "calendar": Term(
            say("calendar"),
            say("The calendar in which the priorities' own target times are counted for these tickets."),
            of="calendars",
            nothing=say("that of each target"),
        ),
        "targets": Term(
            say("targets"),
            say("Its own target times, by priority; what is left out is as the priority has it (SOP 4.3)."),
            by="priorities",
        ),
    },
    LevelTargets: {
        clock: Term(CLOCKS[clock], say("How long it may take at this service level (SOP 4.3).")) for clock in TARGETS
    },
    Exemption: {
        "why": Term(say("reason"), say("Why the targets do not apply.")),
        "clocks": Term(
            say("clocks"),
            say("The clocks that have no target on such a ticket (SOP 4.3)."),
            {clock: CLOCKS[clock] for clock in TARGETS},
            nothing=ALL,
        ),
        **_ONLY,
        "received_outside": Term(
            say("received outside of"),
            say("Only what arrived while this calendar was closed (SOP 1.1)."),
            of="calendars",
            nothing=say("no hours"),
        ),
    },
}
