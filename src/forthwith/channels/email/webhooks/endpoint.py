"""One provider's address: is it the provider, is it a mail, is it stored; only then is it answered 200 (SOP 1.2).

The checks of who posts are anymail's. Its signal is not sent and its reading of the mail is not used: what is stored
are the bytes that the provider received, before anybody understands them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from anymail.exceptions import AnymailError
from anymail.webhooks.base import AnymailBaseWebhookView, AnymailBasicAuthMixin
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from forthwith.channels.email import intake
from forthwith.channels.email.limits import LARGEST_MAIL, MIB, peer_group
from forthwith.channels.email.webhooks.posted import LARGEST, Posted, TooLarge, read_posted
from forthwith.people.rates import Limit
from forthwith.procedure.said import say

MOST_WRONG = 30
wrong = Limit(MOST_WRONG)
"""Wrong signatures and passwords, by the address that they come from."""

_LARGE = 8 * MIB
_one_large = threading.Semaphore(1)
_WAIT_S = 10.0
_TOO_OFTEN = "Too many requests with a wrong signature came from your address. Try again later."
# What a program of a stranger's making may set off in code that expects a provider's.
_WRONG = (AnymailError, ValueError, TypeError, KeyError, AttributeError, RecursionError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as a provider received it, with its envelope: `sender` as for `intake.receive_mail`.

    With `unread` it is no mail but what was posted, to be kept for people to look at for that reason.
    """

    body: bytes
    sender: str = ""
    recipients: Sequence[str] = ()
    unread: str = ""


class Unreachable(RuntimeError):
    """What is needed to check a signature cannot be had now: the provider should try again."""


class Endpoint(AnymailBaseWebhookView):  # type: ignore[misc]
    """What the four have in common. A subclass names its `provider` and finds the `letters` in what is posted."""

    warn_if_no_basic_auth = False
    provider: ClassVar[str]
    largest: ClassVar[int] = LARGEST

    @property
    def secret(self) -> str:
        """What the provider shows that it knows; empty while nobody has configured it."""
        return str(getattr(settings.WEBHOOKS, self.provider))

    def letters(self, posted: Posted) -> list[Letter]:
        """The mails in what was posted, once it is known to be the provider's. Any error: it is kept unread."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, where this provider is configured; in English, for what is said here goes into the ledger."""
        if not self.secret:
            raise Http404
        with translation.override(settings.LANGUAGE_CODE):
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
            return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take what is posted."""
        peer = str(request.META.get("REMOTE_ADDR", ""))
        group = peer_group(peer) or peer
        try:
            # Before anything is read: whoever does not know the password sends nothing.
            AnymailBasicAuthMixin.validate_request(self, request)
        except _WRONG:
            return self._refused(group)
        # A password that is right needs no protection from whoever shares the address and guesses.
        if not self.basic_auth and wrong.is_spent(group, at=time.monotonic()):
            return _said(429, _TOO_OFTEN)
        length = str(request.META.get("CONTENT_LENGTH") or "")
        large = length.isdecimal() and int(length[:12]) >= _LARGE
        if large and not _one_large.acquire(timeout=_WAIT_S):
            return _said(503, "Another large mail is being taken. Try again in a moment.")
        try:
            return self._take(request, group)
        finally:
            if large:
                _one_large.release()

    def _take(self, request: HttpRequest, group: str) -> HttpResponse:
        try:
            posted = read_posted(request, self.largest)
        except TooLarge as error:
            return _said(413, str(error))
        except ValueError:
            return self._refused(group)
        try:
            self.run_validators(posted)
        except Unreachable as error:
            _log.warning("A mail from %s waits: %s", self.provider, error)
            return _said(503, f"{error} Try again later.")
        except _WRONG:
            return self._refused(group)
        return self._store(posted)

    def _refused(self, group: str) -> HttpResponse:
        if not wrong.allows(group, at=time.monotonic()):
            return _said(429, _TOO_OFTEN)
        _log.warning("A webhook of %s was called from %s with a wrong signature or password.", self.provider, group)
        if not self.basic_auth:
            return _said(403, "The signature is wrong, or missing.")
        response = _said(401, "The user and password are wrong, or missing.")
        response["WWW-Authenticate"] = 'Basic realm="webhook"'
        return response

    def _store(self, posted: Posted) -> HttpResponse:
        try:
            found = self.letters(posted)
        except Unreachable as error:
            return _said(503, f"{error} Try again later.")
        except _WRONG as error:
            _log.exception("What %s posted could not be read", self.provider)
            reason = say(
                "what %(provider)s posted holds no mail that was found: %(error)s",
                provider=self.esp_name,
                error=f"{type(error).__name__}: {error}",
            )
            found = [Letter(posted.body, unread=reason)]
        if any(len(letter.body) > LARGEST_MAIL for letter in found):
            return _said(413, f"The mail is larger than the {LARGEST_MAIL} bytes that are taken here.")
        try:
            for letter in found:
                _keep(letter)
        except Exception:  # the provider must be told, whatever it was
            _log.exception("A mail from %s could not be stored", self.provider)
            return _said(503, "The mail could not be stored. Try again later.")
        return _said(200, "Stored." if found else "Seen.")


def _keep(letter: Letter) -> None:
    take = partial(intake.keep_unread, reason=letter.unread) if letter.unread else intake.receive_mail
    take(letter.body, sender=letter.sender, recipients=letter.recipients, now=timezone.now())


def _said(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")


def envelope_sender(said: object) -> str:
    """The sender of an envelope as a provider gives it, in the intake's words: unknown, empty, or an address."""
    if not isinstance(said, str):
        return ""
    return said.strip().strip("<>").strip() or intake.NULL_SENDER
