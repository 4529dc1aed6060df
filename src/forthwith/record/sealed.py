"""Passwords and tokens as they are stored: encrypted, with a key that is derived from the desk's secret."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from forthwith.procedure.said import say

_FOR = b"forthwith.record.sealed"


class WrongKey(ValueError):
    """What was sealed cannot be read with this desk's secret."""


def seal(text: str) -> str:
    """A text as it may stand in the database."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text that was sealed. Raises WrongKey when another secret sealed it, or when it was changed."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise WrongKey(
            say("It was stored under another secret of the desk. Give it again, or bring the home's old secret back.")
        ) from None


def _box() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_FOR).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))
