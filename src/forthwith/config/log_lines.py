"""What the log says of requests: never an address that is a key, and one line for a host that is not ours."""

from __future__ import annotations

import logging
import re
from copy import copy

# A requester's link, the link that sets a new password, and a link's signed part wherever it stands. Linear.
_KEY = re.compile(
    r"(?<=/t/)[^/\s]+|(?<=/password/reset/key/)[^/\s]+|\d{1,18}-\d{1,18}(?::|%3A)[\w-]{20,}",
    re.IGNORECASE,
)
_NOISE = "django.security.DisallowedHost"


class Discreet(logging.Formatter):
    """Formats whole records, tracebacks included, and hides each key in them by an ellipsis."""

    def format(self, record: logging.LogRecord) -> str:
        """The line or lines of a record. A wrong Host header is anybody's noise, not an error of ours."""
        if record.name == _NOISE:
            record = copy(record)
            record.exc_info, record.exc_text, record.stack_info = None, None, None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return hide_keys(super().format(record))


def hide_keys(text: str) -> str:
    """The text with an ellipsis in place of every signed link's key."""
    return _KEY.sub("…", text)
