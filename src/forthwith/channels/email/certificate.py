"""The certificate that the receiver shows after STARTTLS (RFC 3207), read again when it was renewed."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

_log = logging.getLogger(__name__)


class Certificate:
    """A certificate chain and its key, both PEM files. Raises OSError when they cannot be used at first."""

    def __init__(self, chain: Path, key: Path) -> None:
        self._files = (chain, key)
        self._seen = self._state()
        self._context = self._load()

    def context(self) -> ssl.SSLContext:
        """What to shake hands with; files renewed meanwhile are taken, broken ones are not."""
        try:
            state = self._state()
            if state != self._seen:
                self._seen = state
                self._context = self._load()
                _log.info("The certificate %s was renewed", self._files[0])
        except OSError as wrong:  # ssl.SSLError is one
            _log.error("The renewed certificate %s cannot be used, the old one stays: %s", self._files[0], wrong)
        return self._context

    def _state(self) -> tuple[tuple[int, int], ...]:
        found = [path.stat() for path in self._files]
        return tuple((one.st_mtime_ns, one.st_ino) for one in found)

    def _load(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        # A key with a passphrase would ask for it on a terminal that nobody watches.
        context.load_cert_chain(*self._files, password=lambda: "")
        return context
