"""In which language a page is shown: the one chosen or heard, else what the browser asks for, else the desk's."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from forthwith.people.models import Person
from forthwith.procedure.model import Procedure
from forthwith.ui.language import browsers


def language_for(request: HttpRequest, person: Person | None, procedure: Procedure) -> str:
    """The procedure's language for this visitor: theirs, else the best that their browser names, else its own."""
    if person is not None and person.language in procedure.spoken:
        return person.language
    return browsers(request, procedure.spoken) or procedure.language


def shown_in(language: str, procedure: Procedure | None) -> AbstractContextManager[None]:
    """Show pages in that language where there are pages in it, else in the procedure's own, else in English."""
    there = dict(settings.LANGUAGES)
    wanted = (language, procedure.language if procedure else "")
    return translation.override(next((one for one in wanted if one in there), settings.LANGUAGE_CODE))
