"""What the desk wrote down in English, in the language of the page: reasons of facts and of the ledger, errors of
mailboxes and of the relay, what a training came to. Pages ask it, and so do mails of news.

The sentence is kept and no more, so that it is known again by its text: the pieces of one of KNOWN that stand around
the values. What is not known, such as another server's own words, is shown as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language, gettext

from forthwith.procedure.said import say

_SENTENCE = "why"
"""A value of this name is a sentence itself, and known or not like the whole."""
_VALUE = re.compile(r"%\((\w+)\)s")
_LEVELS = 3
"""A sentence within one within one, as in the ledger's 'an automatic answer (auto-reply: it has the field ...)'."""
_LONGEST = 2_000
"""Longer than any known text with its values: what is longer, somebody typed or another server said."""

_OF_THE_LEDGER = (
    say("the same mail came before, as item %(number)s"),
    say("the same message came before, as item %(number)s"),
    say("the database did not answer for a day: %(error)s"),
    say("the program that read it ended in the middle, %(times)s times"),
    say("our own mail came back"),
    say("canary, home after %(took)s"),
    say("canary, home after %(took)s, too late"),
    say("a complaint report: %(why)s"),
    say("it has no sender address that could be answered"),
    say("a bounce of a mail that is not ours"),
    say("a report of a delay: nothing is lost yet"),
    say("a bounce, recorded on the mail that came back"),
    say("an automatic answer to nothing of ours (%(why)s)"),
    say("it answers a notification that is about no ticket, or about several: it is a request of nobody's"),
    say(
        "it says that it is from %(person)s of the desk, and nothing proves it: "
        "it was not sent to the address that their own notifications carry"
    ),
    say(
        "it answers a notification of the desk, and nothing proves that its sender writes notes here: "
        "only the desk sees it"
    ),
    say("kept as a note, not sent: %(why)s"),
    say("loop: %(address)s has sent more than %(most)s mails to %(to)s within %(within)s"),
    say("loop: %(address)s has sent more than %(most)s new requests to %(to)s within %(within)s"),
    say(
        "it has %(size)s bytes, more than the %(most)s that are taken: only its header was fetched, and "
        "the mail was left in the folder %(folder)s of %(mailbox)s"
    ),
    say("The file is empty: a mail has at least one header field, such as 'From:'."),
    say("The file is binary data, not a mail: no header field such as 'From:' stands at its beginning."),
    say("The file is text, not a mail: no header field such as 'From:' or 'Subject:' stands at its beginning."),
    say(
        "The mail has more than %(most)s parts, which no mail program makes: "
        "read its source, and make a ticket of it by hand if a person wrote it."
    ),
    say("what %(provider)s posted holds no mail that was found: %(error)s"),
    say("Mailgun announced a mail without its files: its route needs forward(), not store()"),
    say("a report of Postmark (%(kind)s), posted to the address for mail"),
    say("a report of Amazon SES on mail that was sent; its topic brings mail"),
    say("Amazon SES announced a mail without sending it: its receipt rule needs an SNS action."),
    say(
        "Amazon SES announced a mail without sending it: its receipt rule needs an SNS action. It is kept at %(place)s."
    ),
)
_OF_FACTS = (
    say("tickets are taken by hand"),
    say("nobody is available"),
    say("everybody available is at capacity"),
    say("whose turn it is"),
    say("available, with the fewest open tickets"),
    say("taken"),
    say("assigned by hand"),
    say("called in by a note"),
    say("taken off by the desk"),
    say("they asked for it by the link in their mail"),
    say("waiting for an answer"),
    say("waiting for a third party"),
    say("the date to wait until has come"),
    say("chosen"),
    say("known by the words of what they wrote"),
    say("known by the language that their mail program names"),
    say("by hand"),
    say("automatic"),
    say("by the requester"),
    say("told to an agent"),
    say("the requester confirmed that it is solved"),
    say("nothing was heard from the requester"),
    say("the requester wrote again"),
    say("undone, together with others"),
    say("used"),
    say("to write"),
    say("not needed"),
    say("an article was written"),
    say("yes"),
    say("in part"),
    say("no"),
    say("it is an old mail that was imported silently"),
    say("a machine wrote it"),
    say("made into a ticket by hand"),
    say("it is named in the acknowledgement of #%(number)s, which had not left yet"),
    say("loop: %(address)s has had %(most)s acknowledgements within %(within)s"),
    say("words: %(words)s"),
    say("no word spoke for another"),
    say("model %(model)s, %(sure)s: %(words)s"),
    say("the suggestion was accepted: %(why)s"),
    say("with the macro '%(macro)s'"),
    say("set together with an answer"),
    say("%(why)s reached %(share)s of its target"),
    say("%(why)s: due"),
    say("%(why)s: due + %(length)s"),
    say("acknowledgement"),
    say("first response"),
    say("next reply"),
    say("next update"),
    say("resolution"),
    say("promise"),
)
_OF_DRAFTS = (
    say("Not sent: %(why)s"),
    say("Not sent, the desk failed: %(error)s. Send it again."),
    say("%(who)s has replied since you looked."),
    say("Its author does not work here any more."),
)
_OF_MACHINES = (
    say("auto-reply: %(why)s"),
    say("list: %(why)s"),
    say("it has an empty envelope sender, which must not be answered (RFC 3834 2, RFC 5321 4.5.5)"),
    say("it carries a feedback report (RFC 5965)"),
    say("it carries a delivery report (RFC 3464)"),
    say("X-Failed-Recipients names who did not get our mail"),
    say("it is a complaint that a mailbox provider forwards with our mail"),
    say("it is a complaint that Amazon SES reports"),
    say("it is a mail client's request to be taken off a list"),
    say("it has the field %(field)s"),
    say("it has the field %(field)s (RFC 2369, 2919)"),
    say("its subject is that of an automatic answer: %(subject)s"),
    say("its subject and its text tell of an absence: %(subject)s"),
    say("Precedence: %(value)s, and its return path is empty"),
    say("it comes from %(address)s"),
    say("its return path is empty, as only machines send (RFC 5321 4.5.5)"),
)
_REMARKS = (
    say("Signed with %(how)s; the desk has not checked the signature."),
    say("Encrypted with %(how)s; the desk has no key for it."),
    say("It says that %(person)s of the desk passed it on; nothing vouches for that."),
    say("The parts nested deeper than %(most)s levels were not opened."),
    say("The file %(name)s could not be unpacked."),
    say(
        "Its formatted text has more than %(most)s characters. What is shown here is its beginning; "
        "the source has all of it."
    ),
)
_OF_MAILBOXES = (
    say("The mail server %(server)s cannot be trusted: %(why)s."),
    say(
        "The mail server %(server)s does not offer this kind of encryption: "
        "TLS is mostly at port 993, STARTTLS at port 143."
    ),
    say("The mail server %(server)s did not answer within %(seconds)s seconds: look at host, port and encryption."),
    say("The mail server %(server)s cannot be reached: %(why)s."),
    say("The mail server %(server)s hung up before it had greeted."),
    say("What answers at %(server)s is no IMAP server."),
    say("The mail server %(server)s refused the sign-in of %(user)s: %(why)s."),
    say("The mail server %(server)s broke off the sign-in: %(why)s."),
    say("The mail server %(server)s said goodbye."),
    say("The folder %(folder)s of %(user)s cannot be opened: %(why)s."),
    say("The connection to %(server)s broke off: %(why)s."),
    say("Fetching ended in an error: %(error)s"),
    say("Mail is fetched, but could not be moved in the mailbox: %(why)s."),
    say("Mail is fetched, but could not be marked or deleted in the mailbox: %(why)s."),
    say("The token of %(mailbox)s cannot be read. %(why)s"),
    say("The token of %(mailbox)s cannot be read: it is none."),
    say("The password of %(mailbox)s cannot be read. %(why)s"),
    say("It was stored under another secret of the desk. Give it again, or bring the home's old secret back."),
    say("The sign-in server gave an answer without a token that can be used."),
    say("The sign-in server of %(provider)s cannot be reached: %(error)s."),
    say("%(provider)s gives no token: %(said)s."),
    say("%(provider)s gives no token: %(said)s. Somebody has to sign in for this mailbox again."),
    say("its certificate is not valid for this connection (%(error)s)"),
    say("it did not answer in time"),
    say("there is no host of that name"),
    say("nothing answers at that port"),
)
_OF_THE_RELAY = (
    say("Sent, but this was not recorded on the ticket: %(error)s"),
    say("Not sent, but this was not recorded on the ticket: %(error)s"),
    say("It crashed: %(error)s"),
    say("%(address)s is no address that mail can be sent to: %(error)s."),
    say("The relay %(relay)s cannot be used: %(error)s"),
    say("The relay %(relay)s failed: %(error)s"),
    say("The relay cannot send to %(address)s: it does not speak SMTPUTF8."),
    say(
        "The mail is too big for the relay: it has %(size)s MB, and %(most)s MB are taken. "
        "Send the files in another way, or fewer at a time."
    ),
    say(
        "No relay is configured: set FORTHWITH_SMTP_URL, for example "
        "smtp+starttls://user:password@mail.example.org:587."
    ),
)
_OF_TRAININGS = (
    say("there is no model yet"),
    say("%(count)s more tickets were closed"),
    say("closed since the last time: %(count)s"),
    say("asked for on this page"),
    say("asked for at the terminal"),
    say("reading closed tickets"),
    say("read %(count)s closed tickets"),
    say("learning from the older tickets"),
    say("measuring on the newest"),
    say("learning from all tickets"),
    say("looking which tickets are alike"),
    say("It was stopped. The model before stays."),
    say("It was stopped; another one is queued."),
    say("Its process ended early: %(error)s. The model before stays."),
    say("It broke: %(error)s. The model before stays."),
    say("There are %(count)s closed tickets with a message; the procedure asks for %(least)s."),
    say(
        "Nothing can be told apart: of the %(count)s tickets that are learnt from, no two categories, no two "
        "priorities and no two teams have at least %(least)s each."
    ),
    say("The closed tickets have no words in common: there is nothing to learn from."),
    say("scikit-learn is not installed. Run: pip install 'forthwith[suggestions]'"),
)
KNOWN = tuple(
    map(
        str,
        (
            *(*_OF_THE_LEDGER, *_OF_FACTS, *_OF_DRAFTS, *_OF_MACHINES),
            *(*_REMARKS, *_OF_MAILBOXES, *_OF_THE_RELAY, *_OF_TRAININGS),
        ),
    )
)
"""Every text that is known again; each is said somewhere in these very words."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A text with values: the pieces around them, one more than there are names."""

    text: str
    pieces: tuple[str, ...]
    names: tuple[str, ...]

    def values(self, said: str) -> dict[str, str] | None:
        """The values of a sentence that is of this form, each as short as can be; None for another one."""
        first, *between, last = self.pieces
        end = len(said) - len(last)
        if not said.startswith(first) or not said.endswith(last) or end <= len(first):
            return None
        found, at = [], len(first)
        for piece in between:
            begin = said.find(piece, at + 1, end)
            if begin < 0:
                return None
            found.append(said[at:begin])
            at = begin + len(piece)
        return dict(zip(self.names, [*found, said[at:end]], strict=True)) if at < end else None


def _pattern(text: str) -> _Pattern:
    pieces = _VALUE.split(text)
    return _Pattern(text, tuple(pieces[::2]), tuple(pieces[1::2]))


_CONSTANTS = frozenset(text for text in KNOWN if not _VALUE.search(text))
# One that says more comes before one that says the same and stops.
_PATTERNS = tuple(
    sorted(
        (_pattern(text) for text in KNOWN if text not in _CONSTANTS),
        key=lambda pattern: -sum(map(len, pattern.pieces)),
    )
)


def recorded(said: str) -> str:
    """A text of the record in the active language where the desk itself wrote it; what somebody typed as it is."""
    language = get_language() or "en"
    if not said or len(said) > _LONGEST or language.startswith("en"):
        return said
    return _known(said, language, _LEVELS)


@lru_cache(maxsize=1024)
def _known(said: str, language: str, levels: int) -> str:
    """The same few reasons stand on a page many times; `language` is the active one."""
    if said in _CONSTANTS:
        return gettext(said)
    for pattern in _PATTERNS:
        values = pattern.values(said)
        if values is not None:
            if _SENTENCE in values:
                values[_SENTENCE] = _inner(values[_SENTENCE], language, levels - 1)
            return gettext(pattern.text) % values
    return said


def _inner(said: str, language: str, levels: int) -> str:
    """A sentence within one: also what a step refused, where that is a text without values."""
    if not levels:
        return said
    known = _known(said, language, levels)
    return gettext(said) if known == said else known
