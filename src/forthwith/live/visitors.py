"""Who opens a stream, and what they may hear: permission is part of listening."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from forthwith.people.models import Person
from forthwith.record import queries

MOST_COOKIES = 16384
MOST_PARAMETERS = 10


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows: a session's key, or the token of a requester's link."""

    session: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with leave to hear everything (`ticket` None), or the public events of one ticket."""

    person: int
    ticket: int | None = None


def credentials(cookies: str, query: str) -> Credentials:
    """Read what a request shows; a token, when given, decides alone."""
    token = parameter(query, "t")
    return Credentials(token=token) if token else Credentials(session=_session_key(cookies))


def parameter(query: str, name: str) -> str:
    """A parameter's first value; empty when it is not there, or among more of them than any page of ours sends."""
    try:
        return parse_qs(query, max_num_fields=MOST_PARAMETERS).get(name, [""])[0]
    except ValueError:
        return ""


def admit(shown: Credentials) -> Visitor | None:
    """Who this is, or None when they may hear nothing. Blocks: reads the session and the person."""
    if shown.token:
        return _requester(shown.token)
    return _reader_of_all(shown.session) if shown.session else None


def _session_key(cookies: str) -> str:
    if len(cookies) > MOST_COOKIES:
        return ""
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")


def _reader_of_all(session: str) -> Visitor | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    # Also compares the session with the password it was opened under; inactive people are nobody.
    user = get_user(request)
    if isinstance(user, Person) and user.is_active and user.reads_all:
        return Visitor(user.pk)
    return None


def _requester(token: str) -> Visitor | None:
    found = queries.by_link(token)
    return Visitor(found[0].pk, found[1].pk) if found else None
