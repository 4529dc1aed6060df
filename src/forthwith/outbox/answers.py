"""What a mail server's answer means: whether to try again, and in words (RFC 5321 4.2, RFC 3463).

The answer itself is what is kept; its meaning is worked out from it wherever it is shown.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

_STATUS = re.compile(r"^(\d{3})[ -]+(?:#?([245]\.\d{1,3}\.\d{1,3})\b)?", re.ASCII)
# RFC 4954 6: the relay wants other credentials or TLS, whichever mail it is.
_SIGN_IN_FIRST = ("530", "534", "535", "538")
# Refused with a 5 for what time alone mends: a full mailbox, a daily limit, a command out of step.
_TIME_MENDS = ("5.2.2", "5.4.5", "5.5.1")
_LIMITED = re.compile(
    r"rate.?limit|too many (?:messages|mails|emails|recipients|connections)|throttl|daily[ \w]{0,40}limit"
    r"|sending limit|limit exceeded|try again later",
    re.IGNORECASE | re.ASCII,
)
_READ = 1000
_FULL, _NOBODY, _TOO_BIG, _LIMIT = (
    _("the mailbox is full"),
    _("there is no such mailbox"),
    _("the mail is too big for them"),
    _("they take no more mail from the desk for now"),
)
_BY_STATUS = {
    "1.1": _NOBODY, "1.0": _NOBODY, "1.6": _("the mailbox has moved"), "1.10": _("they take no mail at all"),
    "1.2": _("there is no such mail domain"), "1.3": _("that is no mail address"),
    "2.1": _("the mailbox is switched off"), "2.2": _FULL, "2.3": _TOO_BIG,
    "3.1": _("their server is full"), "3.2": _("their server takes no mail at present"), "3.4": _TOO_BIG,
    "4.1": _("their server does not answer"), "4.4": _("no way to their server was found"), "4.5": _LIMIT,
    "4.7": _("it could not be delivered in time"), "5.3": _("too many recipients"),
    "6.1": _("they cannot take files of that kind"),
    "7.0": _("their rules refused it"), "7.1": _("their rules refused it"),
    "7.8": _("the relay wants another password"), "7.23": _("their rules refused the sender's server"),
    "7.26": _("their rules refused the sender's domain"),
}  # fmt: skip
_BY_CODE = {
    "421": _("their server is closing or busy"), "450": _("the mailbox cannot take it at present"),
    "451": _("their server had a fault of its own"), "452": _("their server is full, or takes no more for now"),
    "521": _("they take no mail at all"), "530": _("the relay wants the desk to sign in"),
    "534": _("the relay wants another way to sign in"), "535": _("the relay refused the desk's password"),
    "538": _("the relay wants encryption"), "550": _("they refused the address"), "551": _("the mailbox has moved"),
    "552": _TOO_BIG, "553": _("they refused the address"), "554": _("they refused the mail"),
    "556": _("they take no mail at all"),
}  # fmt: skip


def tries_again(code: int, words: str) -> bool:
    """Whether trying later can help: any 4, and those 5 that time alone mends."""
    status = _parts(words)[1]
    if not 500 <= code < 600 or str(code) in _SIGN_IN_FIRST:
        return True
    # RFC 5321 4.5.3.1.10: 552 for too many recipients at once is a 452.
    return status in (*_TIME_MENDS, "5.5.3") or code == 503 or _limited(words)


def stops_all(code: int) -> bool:
    """Whether the relay has shut itself to every mail for now, not to this one (RFC 5321 3.8)."""
    return code == 421 or str(code) in _SIGN_IN_FIRST


def meaning(words: str) -> str:
    """A kept answer in plain words, without a full stop; nothing when it says all that is known by itself."""
    code, status = _parts(words)
    if not code:
        return ""
    if _limited(words):
        return gettext(_LIMIT)
    # A sign-in is the relay's own affair, and a mailbox that is off for a while (4.2.1) is only busy.
    by_code_alone = code in _SIGN_IN_FIRST or status == "4.2.1"
    said = "" if by_code_alone else _BY_STATUS.get(status.partition(".")[2], "")
    said = said or _BY_CODE.get(code, "")
    return gettext(said) if said else ""


def _limited(words: str) -> bool:
    return _LIMITED.search(words[:_READ]) is not None


def _parts(words: str) -> tuple[str, str]:
    found = _STATUS.match(words)
    return (found[1], found[2] or "") if found else ("", "")
