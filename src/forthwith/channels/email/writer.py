"""Who wrote a mail, and where the answer goes: From, Reply-To and Sender together (RFC 5322 3.6.2).

The person is who the From field names, also where a Sender wrote on their behalf. A form on a website, a list that
puts its own address there, or an address that takes no mail is no person: then it is who the Reply-To names.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from forthwith.channels.email.mail import Address, Mail
from forthwith.record import links

_NO_PERSON = re.compile(
    r"(?:no|do[-_.]?not|not|never|keine?|ne[-_.]?pas)[-_.]?(?:reply|respond|answer|antwort\w{0,3}|repondre)[-_.\w]{0,30}"
    r"|(?:web|contact|kontakt|formular)[-_.]?(?:form|site|master|formular)?[-_.]?(?:mailer)?|forms?|www(?:-data)?"
    r"|wordpress|apache|nobody|notifications?|mailer",
    re.IGNORECASE | re.ASCII,
)
_VIA = re.compile(r"\s(?:via|über|per)\s", re.IGNORECASE)
_LOOK = 200


class Writer(NamedTuple):
    """The person who wrote, the address that their answer goes to, and whether Reply-To said who it is."""

    person: Address
    answers_to: str
    stood_in: bool = False


def writer_of(mail: Mail, desk: str) -> Writer:
    """Who wrote a mail to the desk at that address."""
    replies = [one for one in mail.reply_to[:5] if _fit(one.address, desk)]
    wanted = replies[0] if replies else None
    sender = mail.sender
    if (
        wanted is None
        or wanted.address.lower() == sender.address.lower()
        or (mail.automatic and mail.automatic.kind != "list")
    ):
        return Writer(sender, sender.address.lower())
    if _stands_in(sender, desk):
        name = wanted.name or ("" if sender.address.lower() == desk.lower() else _VIA.split(sender.name[:_LOOK])[0])
        return Writer(Address(name.strip("'\" "), wanted.address), wanted.address.lower(), True)
    if mail.automatic:
        # The Reply-To of a list is the list.
        return Writer(sender, sender.address.lower())
    return Writer(sender, wanted.address.lower())


def _fit(address: str, desk: str) -> bool:
    lower = address.lower()
    ours = lower == desk.lower() or links.read_reply_address(lower) or links.read_staff_address(lower)
    return "@" in address and len(address) <= 254 and not ours


def _stands_in(sender: Address, desk: str) -> bool:
    local = sender.address.partition("@")[0].partition("+")[0][:_LOOK]
    shown = sender.name[:_LOOK]
    return bool(
        sender.address.lower() == desk.lower() or _NO_PERSON.fullmatch(local) or (_VIA.search(shown) and shown.strip())
    )
