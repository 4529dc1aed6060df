"""How people sign in: by address and password; nobody signs up by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from forthwith.outbox import post
from forthwith.outbox.post import Letter, Recipient
from forthwith.people.models import Person
from forthwith.procedure import document
from forthwith.procedure.model import Procedure
from forthwith.record import procedures

RESET = "password_reset"


class DeskAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the administrator, so that sign-up stays closed. Mail leaves by the outbox only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a requester needs no account, and agents are added by the administrator."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address at which a new password is chosen: the desk's public one, whatever host was asked for it."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_URL + path.replace("UID-KEY", quote(key))

    def send_password_reset_mail(self, user: Person, email: str, context: Mapping[str, Any]) -> None:
        """Queue the link for whoever signs in here. A requester who never had a password gains none by it."""
        if not user.is_active or not (user.reads_all or user.has_usable_password()):
            return
        procedure = _procedure()
        letter = Letter(
            purpose=RESET,
            to=Recipient(user.pk, user.email, user.name),
            values={
                "name": user.name or user.email,
                "link": context["password_reset_url"],
                "desk": settings.DESK_NAME or "Support",
            },
            language=procedure.language_for(user.language, RESET),
        )
        post.queue([letter], procedure, timezone.now())

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Nothing: the library's other mails, such as the one to an unknown address, are not this desk's."""


def _procedure() -> Procedure:
    """The one in force; the standard where that was written before there were words for this mail."""
    in_force = procedures.current()
    if any(RESET in texts for texts in in_force.wording.values()):
        return in_force
    return document.read(document.standard_text())
