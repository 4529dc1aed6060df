"""A formatted mail as it is put on its page: pictures held back or shown, links with the place they lead to.

Works on HTML that was sanitised on its way in: tags are balanced, attributes in double quotes. One pass, linear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

_TOKEN = re.compile(r'<(/?)(a|img)(?=[\s>/])((?:[^<>"]|"[^"]*")*)>|<(?:[^<>"]|"[^"]*")*>|[^<]+|<')
_ATTRIBUTE = re.compile(r'([a-z][a-z-]*)="([^"]*)"')
# What people take for an address when they read it: a name with a dot and letters behind it.
_HOST = re.compile(r"(?:[\w-]+\.)+(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{2,59})\b", re.IGNORECASE)
_LONGEST_TEXT = 500
_LONGEST_HOST = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """HTML for the page, and how many remote pictures are in the mail."""

    html: str
    remote: int


def shown(html: str, *, pictures: Mapping[str, str], remote: bool) -> Shown:
    """The mail with its own pictures from `pictures` (address by lower-case Content-ID), and the remote ones if asked.

    A link whose words do not name the host that it leads to gets that host written beside it.
    """
    page = _Page(pictures, remote)
    for token in _TOKEN.finditer(html):
        page.take(token)
    return Shown("".join(page.out), page.remote_found)


class _Page:
    def __init__(self, pictures: Mapping[str, str], remote: bool) -> None:
        self.out: list[str] = []
        self.remote_found = 0
        self._pictures = pictures
        self._remote = remote
        self._href = ""
        self._words: list[str] = []

    def take(self, token: re.Match[str]) -> None:
        """The next tag or text."""
        closing, name, attributes = token[1], token[2], token[3]
        if name == "img":
            self.out.append(self._picture(dict(_ATTRIBUTE.findall(attributes))))
            return
        if name == "a" and not closing:
            self._href, self._words = unescape(dict(_ATTRIBUTE.findall(attributes)).get("href", "")), []
        elif token[0][0] != "<" and self._href:
            self._words.append(token[0])
        self.out.append(token[0])
        if name == "a" and closing:
            self.out.append(_beside(self._href, "".join(self._words)[:_LONGEST_TEXT]))
            self._href = ""

    def _picture(self, said: dict[str, str]) -> str:
        source = self._source(said)
        kept = {name: said[name] for name in ("alt", "title", "width", "height", "style") if name in said}
        # What stands there is escaped already.
        attributes = "".join(f' {name}="{value}"' for name, value in kept.items())
        if not source:
            return f'<span class="no-picture">{said.get("alt", "").strip() or escape(_("picture"))}</span>'
        return f'<img{attributes} src="{escape(source)}">'

    def _source(self, said: dict[str, str]) -> str:
        own = unescape(said.get("src", ""))
        if own[:4].lower() == "cid:":
            return self._pictures.get(unquote(own[4:]).strip("<>").lower(), "")
        far = unescape(said.get("data-remote-src", "")).strip()
        far = f"https:{far}" if far.startswith("//") else far
        if not far.lower().startswith(("http://", "https://")):
            return ""
        self.remote_found += 1
        return far if self._remote else ""


def _beside(href: str, words: str) -> str:
    """The host that a link leads to, if its words do not say so; marked when they name another one."""
    host = host_of(href)
    if not host:
        return ""
    named = {_plain(found) for found in _HOST.findall(unescape(words))}
    if named == {host.removeprefix("www.")}:
        return ""
    kind = "other-host" if named else "host"
    place = host[:_LONGEST_HOST]
    said = _("leads to %(place)s") % {"place": place} if named else place
    return f' <span class="{kind}">[{escape(said)}]</span>'


def host_of(href: str) -> str:
    """Where a link leads, as a browser reads it: letters beyond ASCII in the form that cannot be mistaken.

    For a mail address, the address; empty for what leads nowhere.
    """
    # Browsers take a backslash for a slash, and drop what cannot be seen.
    said = re.sub(r"[\x00-\x20]", "", href).replace("\\", "/")
    scheme, _colon, rest = said.partition(":")
    if scheme.lower() == "mailto":
        return rest.partition("?")[0]
    if scheme.lower() not in ("http", "https"):
        return ""
    try:
        host = urlsplit("http://" + rest.lstrip("/")).hostname or ""
        return host.rstrip(".").encode("idna").decode() if not host.isascii() else host.rstrip(".")
    except ValueError:  # UnicodeError is one
        return _("a place that cannot be read")


def _plain(host: str) -> str:
    try:
        return host.lower().removeprefix("www.").encode("idna").decode()
    except UnicodeError:
        return host
