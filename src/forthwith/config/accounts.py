"""How people sign in: by address and password; nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class DeskAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the administrator, so that sign-up stays closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a requester needs no account, and agents are added by the administrator."""
        return False
