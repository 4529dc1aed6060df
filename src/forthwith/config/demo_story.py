"""What happened on the demo desk: people, requests, and who did what how many minutes later.

Everybody here is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forthwith.procedure.lifecycle import ADMINISTRATOR, AGENT, AUDITOR, LEADER, SPECIALIST


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who signs in."""

    name: str
    address: str
    role: str
    title: str
    teams: tuple[str, ...] = ()
    available: bool = False


@dataclass(frozen=True, slots=True)
class Requester:
    """Somebody who asks."""

    name: str
    address: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Did:
    """An act so many minutes after the request came; without `who` the requester acts."""

    after: float
    act: str
    who: str = ""
    how: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A request: on which working day back at what time, or (day 0) how many minutes ago."""

    day: int
    at: str
    who: str
    subject: str
    text: str
    then: tuple[Did, ...] = ()


AGENTS = {
    "ingrid": Agent("Ingrid Halvorsen", "ingrid@desk.example", LEADER, "Team leader", ("service_desk",)),
    "jonas": Agent("Jonas Weber", "jonas@desk.example", AGENT, "Support agent", ("service_desk",), True),
    "amara": Agent("Amara Okafor", "amara@desk.example", AGENT, "Support agent", ("service_desk",), True),
    "mateo": Agent("Mateo Silva", "mateo@desk.example", SPECIALIST, "Specialist, network", ("network_team",), True),
    "yuki": Agent("Yuki Tanabe", "yuki@desk.example", SPECIALIST, "Specialist, hardware", ("hardware_team",), True),
    "noor": Agent("Noor Haddad", "noor@desk.example", ADMINISTRATOR, "Administrator"),
    "piotr": Agent("Piotr Zieba", "piotr@desk.example", AUDITOR, "Auditor"),
}
REQUESTERS = {
    "wilma": Requester("Wilma Ortega", "wilma@harbour.example", "Harbour Logistics"),
    "ana": Requester("Ana Costa", "ana@harbour.example", "Harbour Logistics"),
    "bela": Requester("Béla Nagy", "bela@harbour.example", "Harbour Logistics"),
    "greta": Requester("Greta Lindqvist", "greta@clinic.example", "Lindqvist Clinic"),
    "omar": Requester("Omar Farouk", "omar@clinic.example", "Lindqvist Clinic"),
    "li": Requester("Li Wen", "li@clinic.example", "Lindqvist Clinic"),
    "tess": Requester("Tess Murphy", "tess@library.example", "City Library"),
    "ivo": Requester("Ivo Petrov", "ivo@library.example", "City Library"),
}


def _reply(after: float, who: str, text: str, next_step: str, then: str = "", minutes: int = 10) -> Did:
    return Did(after, "reply", who, {"text": text, "next_step": next_step, "then": then, "minutes": minutes})


def _note(after: float, who: str, text: str, minutes: int = 5) -> Did:
    return Did(after, "note", who, {"text": text, "minutes": minutes})


def _resolve(after: float, who: str, cause: str, solution: str, category: str, knowledge: str = "not needed") -> Did:
    how = {"cause": cause, "solution": solution, "category": category, "knowledge": knowledge, "minutes": 15}
    return Did(after, "resolve", who, how)


def _tick(after: float, who: str, steps: int) -> Did:
    return Did(after, "tick", who, {"steps": steps})


STORY: tuple[Told, ...] = (
    Told(
        5, "09:12", "wilma", "Printer on the second floor prints blank pages",
        "Hello,\nsince this morning the printer on the second floor prints only blank pages. It is not urgent, we can\n"
        "use the one downstairs.\n\nRegards\nWilma",
        (
            _tick(18, "jonas", 2),
            _reply(24, "jonas", "Thank you for telling us. I have cleared the queue and ordered a new toner.",
                   "I put the toner in this afternoon and write to you when it prints."),
            _resolve(290, "jonas", "The toner was empty and the sensor did not say so.",
                     "I replaced the toner and printed a test page.", "hardware.printer", "used"),
            Did(330, "confirm"),
            Did(334, "rate", "", {"score": 5, "comment": "Quick and friendly."}),
        ),
    ),
    Told(
        5, "10:03", "omar", "Locked out of my account",
        "I typed my password wrong too often and now my account is locked. I cannot work until this is solved, please\n"
        "help as soon as possible. My username is ofarouk.",
        (
            _tick(9, "amara", 3),
            _reply(12, "amara", "I have unlocked your account.", "Please try to sign in now and tell me whether it works.", "wait"),
            Did(31, "writes", "", {"text": "It works, thank you!"}),
            _resolve(38, "amara", "Five wrong passwords, all from the requester's own device.",
                     "I unlocked the account and we changed the password together.", "account_access.password"),
        ),
    ),
    Told(
        5, "14:20", "tess", "Drive S is missing",
        "Since the update yesterday the shared drive S is missing on my computer in the reading room. My colleague\n"
        "still has it. I can use her computer for now as a workaround.",
        (
            _reply(42, "amara", "The drive was disconnected by the update.", "I connect it again remotely; please leave the computer on."),
            _resolve(70, "amara", "The update removed the saved credentials of the drive.",
                     "I connected the drive again and stored the credentials.", "network.shared_files", "to write"),
            Did(95, "not_yet", "", {"text": "It was there for an hour and is gone again after a restart."}),
            _note(110, "amara", "Group policy maps S: with the old server name. That is why it goes away at each sign-in."),
            _resolve(160, "amara", "The policy still named the old file server.",
                     "I corrected the policy; the drive comes back after each restart now.", "network.shared_files", "to write"),
            Did(190, "confirm"),
            Did(195, "rate", "", {"score": 4, "comment": "Second try did it."}),
        ),
    ),
    Told(
        4, "08:41", "greta", "No internet in the whole building",
        "Nobody can work: since 8:30 the whole building has no internet, the phones are down as well. This is an\n"
        "emergency, patients are waiting. I write this from my mobile phone.\nGreta Lindqvist, 555 0134",
        (
            Did(6, "take", "mateo"),
            _reply(9, "mateo", "We see the outage: the line to your building is down.",
                   "I am on the phone with the provider and write to you again within the hour."),
            _note(28, "mateo", "Provider ticket 88213: fibre cut by road works. Switching the site to the 5G router."),
            _reply(44, "mateo", "You are online again over the 5G router; the fibre is being repaired.",
                   "I watch the line and tell you when the fibre is back.", minutes=35),
            _resolve(205, "mateo", "Road works cut the fibre to the building.",
                     "The site ran on the 5G router until the provider had spliced the fibre.", "network.internet", "to write"),
            Did(230, "confirm"),
            Did(232, "rate", "", {"score": 5, "comment": "You kept us informed all the time."}),
        ),
    ),
    Told(
        4, "11:15", "ivo", "New colleague starts on Monday",
        "A new colleague, Mara Dunn, starts next week on Monday at the front desk. She needs an account, a mailbox and\n"
        "access to the lending system. No rush, by Friday is fine.",
        (
            _reply(95, "jonas", "Welcome to Mara. I have prepared the account and the mailbox.",
                   "I need the approval of the owner of the lending system and have asked for it."),
            Did(100, "hold", "jonas", {"why": "Approval of the owner of the lending system", "for_hours": 110}),
            _note(101, "jonas", "Asked the owner by mail; reminded for tomorrow."),
            _reply(1470, "jonas", "A short word in between: the account and the mailbox are ready.",
                   "The approval is promised for tomorrow; I write to you when it is there.", "hold"),
            _reply(2880, "jonas", "The approval has come.", "I set up the access and send Mara's first sign-in by Friday."),
        ),
    ),
    Told(
        4, "13:02", "li", "Outlook closes when I open a calendar invitation",
        "Outlook closes by itself each time I open a calendar invitation from the clinic group. It says 'Outlook has\n"
        "stopped working'. Annoying, but I can answer invitations on the web for now.",
        (
            _tick(35, "amara", 3),
            _reply(41, "amara", "An add-in makes Outlook close; I have switched it off for you.",
                   "Please open an invitation and tell me whether it stays open.", "wait"),
        ),
    ),
    Told(
        3, "09:30", "bela", "VPN drops every ten minutes",
        "Working from home, the VPN drops every ten minutes since Tuesday. It is very slow, too. I have a deadline\n"
        "this week. Regards, Béla",
        (
            _tick(12, "jonas", 4),
            _reply(25, "jonas", "Thank you. Your client is two versions old; I have sent you the update.",
                   "Install it and work with it for an hour, then tell me whether it still drops."),
            Did(155, "writes", "", {"text": "I installed it. It still drops, about every ten minutes, also through my phone's hotspot."}),
            _note(170, "jonas", "Not the home network then. Gateway log shows 'DPD timeout' at each drop."),
            Did(176, "escalate_by_hand", "jonas",
                {"kind": "functional", "why": "Needs somebody who can read the gateway's log", "to_team": "network_team"}),
            _reply(230, "mateo", "I have taken this over from Jonas and see the time-outs on our side.",
                   "I change the keep-alive on the gateway tonight; please try it tomorrow morning.", minutes=40),
            _reply(1465, "mateo", "The keep-alive has been changed last night.", "Please work with it today; I watch your line."),
            _resolve(2890, "mateo", "The gateway closed idle tunnels after ten minutes.",
                     "I changed the keep-alive; there was no drop for a whole day.", "network.vpn", "to write"),
        ),
    ),
    Told(
        3, "10:48", "ana", "Laptop battery lasts 20 minutes",
        "The battery of my laptop lasts only 20 minutes, although it is new. Device HL-2231. It can wait until next week,\n"
        "I am at my desk anyway.",
        (
            _reply(200, "amara", "That sounds like a faulty battery.", "I order a new one; it usually takes three working days."),
            Did(204, "hold", "amara", {"why": "Battery ordered", "for_hours": 100}),
            _reply(2885, "amara", "The battery is on its way.", "It comes tomorrow; I bring it to your desk.", "hold"),
        ),
    ),
    Told(
        2, "09:05", "wilma", "Excel macro stopped working after the update",
        "The macro in our freight list shows an error since the update: 'Compile error in hidden module'. The whole team\n"
        "needs it every day, it is important that it works again soon.",
        (
            _reply(48, "jonas", "I see the same error with your file.", "I test it with the previous version and write to you before noon."),
            _note(140, "jonas", "Works with the previous build. The new one blocks ActiveX in unsigned macros."),
            _reply(205, "jonas", "The new version blocks this kind of macro unless it is signed.",
                   "I sign the macro with our certificate today.", minutes=25),
            _resolve(410, "jonas", "The new version blocks unsigned macros with controls in them.",
                     "I signed the macro with our certificate; it runs on all five computers.", "software.office", "to write"),
            Did(435, "confirm"),
        ),
    ),
    Told(
        2, "11:40", "omar", "Second screen stays black",
        "My second monitor stays black when I dock my laptop. I have tried another cable. I can work on one screen for\n"
        "the time being.\nOmar",
        (
            _reply(65, "amara", "Thank you for trying the cable already.", "I bring a docking station at two o'clock and we test with it."),
            _resolve(170, "amara", "The docking station's video port was broken.",
                     "I replaced the docking station; both screens work.", "hardware.peripherals"),
        ),
    ),
    Told(
        2, "15:55", "tess", "Is this mail real?",
        "I got a mail that says my mailbox is full and asks me to click on a link. It looks suspicious. I did not click\n"
        "on the link. Not urgent.",
        (
            _reply(31, "jonas", "Well spotted: it is not from us.", "We remove it from all mailboxes; you can delete it."),
            _resolve(55, "jonas", "A phishing mail to 14 people; nobody clicked.",
                     "We removed it from all mailboxes and blocked the sender.", "other.suspicious_message", "used"),
            Did(80, "confirm"),
        ),
    ),
    Told(
        1, "09:20", "ivo", "Reading room PCs cannot print",
        "None of the computers in the reading room can print since this morning, several people have complained. The\n"
        "printer itself makes copies without trouble. It is urgent, we have a workshop today.",
        (
            _tick(14, "jonas", 2),
            _reply(20, "jonas", "The print server had stopped. I have started it again.", "Please print a page and tell me whether it works."),
            Did(52, "writes", "", {"text": "Some PCs print again, but number 3 and 7 do not."}),
        ),
    ),
    Told(
        1, "10:10", "li", "Access to the finance folder",
        "I need access to the finance folder on the file server, I take over from my colleague next month. My username\n"
        "is lwen. No hurry.",
        (_reply(210, "jonas", "Gladly.", "I ask the owner of the folder for approval and write to you when I have it.", "hold"),),
    ),
    Told(
        1, "13:45", "bela", "Scanner sends to the wrong mailbox",
        "The scanner in the warehouse office sends everything to my old mailbox, which I can still read, so there is a way\n"
        "round it. Please change it.",
        (_reply(80, "amara", "I have found the scanner in our list.", "I change the address book entry today and tell you."),),
    ),
    Told(
        1, "16:20", "greta", "help",
        "it does not work",
        (_reply(25, "amara", "I am sorry to hear that. What does not work, and since when?",
                "As soon as you tell me, I look into it.", "wait"),),
    ),
    Told(
        0, "175", "ana", "Headset has no sound",
        "My headset has no sound in calls since the last update of Windows. I can use the loudspeakers for now, but it is\n"
        "annoying for the others in the room.",
        (_reply(35, "amara", "The update changed the default device.", "I send you three clicks that set it back; please try them.", "wait"),),
    ),
    Told(
        0, "96", "omar", "Cannot connect to the ERP",
        "I cannot post an invoice: the ERP says 'connection refused' since about half an hour. Several people in our team\n"
        "have the same. It is urgent, the month closes today.",
        (_note(12, "jonas", "Service on the application server is up; the database listener is not. Asking Applications."),),
    ),
    Told(
        0, "58", "tess", "Which laptop do you advise for the mobile library?",
        "We want to buy a laptop for the mobile library. Which one do you advise? It can wait until next week.",
        (),
    ),
    Told(
        0, "9", "wilma", "Nobody can reach the VPN since this morning",
        "Since 8:30 nobody in our office can connect to the VPN, everybody working from home is locked out of everything.\n"
        "Work has stopped completely.\nWilma Ortega, Harbour Logistics",
        (),
    ),
    Told(
        0, "4", "ivo", "Wi-Fi in meeting room 3 is very slow",
        "The Wi-Fi in meeting room 3 is very slow today. We have a video call with our partners at the end of the day,\n"
        "so it is important. Ivo",
        (),
    ),
)  # fmt: skip
