"""What a page weighs on its way: text is compressed, and scripts and styles are fetched once."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_TEXT = {"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"}
_PACKAGE = Path(__file__).parents[1]


class Compressed(GZipMiddleware):
    """Pages, scripts and styles are compressed; what people attached goes out as it is, with its length.

    Django pads what it compresses by a random length, so that a secret in a page cannot be guessed from its size.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The response, compressed where that is worth it."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind not in _TEXT or "Content-Disposition" in response.headers:
            return response
        return super().process_response(request, response)


def edition() -> str:
    """A short name for these very scripts and styles: it is part of their address, so a browser may keep them for good.

    The same on every machine with the same release, so that any web process serves what another one's page asks for.
    """
    found = hashlib.sha256(version("django-htmx").encode())
    for path in sorted(_PACKAGE.glob("**/static/**/*")):
        if path.is_file():
            found.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]
