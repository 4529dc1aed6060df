"""In which language the requester is written to: chosen by a person, else heard in what they write (SOP 2.2, D3)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from forthwith.people import directory
from forthwith.people.permits import THE_SYSTEM
from forthwith.procedure import facts as f
from forthwith.procedure.language import spoken_in
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import say
from forthwith.record.door import OpenCase
from forthwith.steps.request import Request


def choose(case: OpenCase, language: str) -> None:
    """Write to the requester in this language from now on, on all their tickets. ValueError for one there is not."""
    spoken = case.procedure.spoken
    if language not in spoken:
        names = ", ".join(one.name for one in spoken.values())
        raise ValueError(
            _("The procedure has no words in '%(language)s'. Choose one of: %(names)s.")
            % {"language": language, "names": names}
        )
    directory.speaks(case.ticket.requester, language, chosen=True)
    case.log(f.LanguageChosen(at=case.now, by=case.by.person, language=language, why=say("chosen")))


def listen(case: OpenCase, request: Request) -> None:
    """Take the language that the requester writes in, where none is known of them and it is not the desk's own."""
    requester = case.ticket.requester
    if requester.language or request.robot or request.author != requester.pk:
        return
    language, why = heard(case.procedure, request)
    if language and language != case.procedure.language:
        directory.speaks(requester, language, chosen=False)
        case.log(f.LanguageChosen(at=request.received_at, language=language, why=why), by=THE_SYSTEM)


def heard(procedure: Procedure, request: Request) -> tuple[str, str]:
    """The language of a request and how it is known, of those that the procedure has; nothing where it is not sure.

    What it is written in says more than its head, in which a mail program names the language of its own menus.
    """
    spoken = procedure.spoken
    if language := spoken_in(f"{request.subject}\n{request.new_text}", spoken):
        return language, say("known by the words of what they wrote")
    named = next((one for one in map(_key, request.speaks) if one in spoken), "")
    return named, say("known by the language that their mail program names") if named else ""


def _key(tag: str) -> str:
    """The procedure's key of a language tag: `de` for `de-AT` (RFC 5646 2.1)."""
    return tag.lower().partition("-")[0]
