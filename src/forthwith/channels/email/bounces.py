"""Delivery reports: RFC 3464 where they are, and the home-made kinds that most servers sent before it.

The home-made kinds are not told apart by server. They share a shape: a machine's sender or subject, a sentence of
regret, the addresses concerned, the other server's words, then the mail that came back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from forthwith.channels.email import ses
from forthwith.channels.email.automatic import DAEMON, DAEMON_NAME
from forthwith.channels.email.bounce_words import (
    ADDRESS,
    BARE_NAME,
    CODES,
    DELAYED,
    FAILED_LINES,
    FORMAL,
    LONE_ADDRESS,
    NO_BOUNCE,
    ORIGINAL_BEGINS,
    REASONS,
    REGRET,
    SUBJECT,
    SURE_LINES,
    SURE_SUBJECT,
)
from forthwith.channels.email.charsets import decode
from forthwith.channels.email.headers import Headers, message_ids, read_headers
from forthwith.channels.email.html import to_text
from forthwith.channels.email.mail import Address, Bounce
from forthwith.channels.email.structure import Part, read_structure

_MAX_REPORT = 200_000
_MAX_RECIPIENTS = 500
_MAX_SUBJECT = 1_000
_DSN_FIELD = re.compile(r"^(?:Final-Recipient|Original-Recipient|Action|Status)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(r"^([A-Za-z][A-Za-z-]{2,40})[ \t]*:[ \t]*([^\n]*(?:\n[ \t]+\S[^\n]*)*)", re.MULTILINE)
_ENHANCED = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.]*\d)")
_REPLY_CODE = re.compile(r"(?<![\d.:/-])([45][0-5]\d)(?=[ -]|\b[^\d.:/])")
_REFUSED = re.compile(r"^Disposition:[^\n]{0,100}(?:deleted|denied|failed)", re.IGNORECASE | re.MULTILINE)
_ROBOT = re.compile(r"mailer[-_.]?daemon\Z|double-bounce\Z", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"^[ \t>]*message-id[ \t]*:[ \t]*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)


_REPORT = {"message/delivery-status", "message/global-delivery-status"}
_READ = _REPORT | {"text/plain", "message/disposition-notification"}


class _Report(NamedTuple):
    recipient: str
    action: str
    status: str
    diagnostic: str


def read_bounce(root: Part, *, sender: Address, subject: str, known: Iterable[str] = ()) -> Bounce | None:
    """The delivery report that a mail is, or None. `known` are addresses of the bounce itself, never its victims."""
    headers, subject = root.headers, subject[:_MAX_SUBJECT]
    if sender.address.lower() == ses.SENDER:
        said = ses.notification(root)
        return ses.bounce_of(said) if said else None
    kind = root.type_parameters.get("report-type", "").lower()
    is_report = kind == "delivery-status" or (root.type == "multipart/report" and not kind)
    if not (kind or is_report or "x-failed-recipients" in headers or _evidence(headers, sender, subject, [])):
        return None
    texts = list(_texts(root))
    if kind and not is_report and not _refused(texts):
        return None
    reports = [report for text in texts for report in _reports(text)]
    failed_header = _addresses_in(headers.raw("x-failed-recipients"))
    evidence = _evidence(headers, sender, subject, texts)
    is_server = _has_report_part(root) or _speaks(headers, sender, texts)
    reported = bool(reports) and (is_report or (evidence >= 2 and is_server))
    if not (reported or failed_header or _is_home_made(headers, sender, subject, texts, is_report=is_report)):
        return None
    top = _top(texts)
    recipients = _recipients(reports) or failed_header or _home_made_recipients(top, sender, known)
    status, diagnostic = _status(reports, top)
    if not (recipients or reports or status or is_report or (evidence >= 4 and FORMAL.search(top))):
        return None
    status = status or _by_action(reports, top, subject)
    return Bounce(
        recipients=recipients,
        status=status,
        permanent=status.startswith("5") and not _only_delayed(reports, top, subject),
        original_message_id=_original_id(root, texts),
        diagnostic=diagnostic[:1000],
    )


def _refused(texts: list[str]) -> bool:
    """Whether a report of another type (a receipt) says that the mail was thrown away unread by a server's rule."""
    return any(_REFUSED.search(text) for text in texts) and bool(REGRET.search("\n".join(texts)[:3_000]))


def _texts(root: Part, *, depth: int = 0) -> Iterator[str]:
    """The readable parts of the report, not the mail that came back."""
    for leaf in list(root.leaves())[:20]:
        charset = leaf.type_parameters.get("charset")
        if leaf.type in _READ or leaf.type.startswith("multipart/"):
            yield decode(leaf.body()[:_MAX_REPORT], charset).replace("\r\n", "\n")
        elif leaf.type == "text/html":
            yield to_text(decode(leaf.body()[:_MAX_REPORT], charset))
        elif leaf.type == "message/rfc822" and depth == 0:
            inner = read_structure(leaf.body()[:_MAX_REPORT].lstrip(b"\r\n"))
            if inner.type == "multipart/report":
                yield from _texts(inner, depth=1)


def _reports(text: str) -> Iterator[_Report]:
    """The per-recipient groups of an RFC 3464 report, also where it stands in plain text."""
    if not _DSN_FIELD.search(text):
        return
    for group in re.split(r"\n[ \t]*\n", text):
        if not _DSN_FIELD.search(group):
            continue
        fields: dict[str, str] = {}
        for match in _LINE.finditer(group):
            name = match[1].lower()
            if name == "final-recipient" and name in fields:
                yield from _report_of(fields)
                fields = {}
            fields.setdefault(name, re.sub(r"\s+", " ", match[2]).strip())
        yield from _report_of(fields)


def _report_of(fields: dict[str, str]) -> Iterator[_Report]:
    recipient = ""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient", "x-original-recipient"):
        found = _addresses_in(fields.get(name, "").partition(";")[2] or fields.get(name, ""))
        if found:
            recipient = found[0]
            break
    if not recipient and "action" not in fields and "status" not in fields:
        return
    if "action" not in fields and "status" not in fields and "diagnostic-code" not in fields:
        return
    status = _ENHANCED.search(fields.get("status", ""))
    action = re.split(r"[\s;(]", fields.get("action", "").lower() + " ")[0]
    diagnostic = re.sub(r"\A[\w-]+\s*;\s*", "", fields.get("diagnostic-code", ""))
    yield _Report(recipient, action, status[1] if status else "", diagnostic)


def _recipients(reports: list[_Report]) -> tuple[str, ...]:
    bad = [report for report in reports if report.action not in ("delivered", "relayed", "expanded", "delayed")]
    late = [report for report in reports if report.action == "delayed"]
    found = (report.recipient for report in (bad or late or reports) if report.recipient)
    return tuple(dict.fromkeys(found))[:_MAX_RECIPIENTS]


def _machine(sender: Address) -> int:
    """0 for a person, 1 for a name that machines bear, 2 for one that nobody else bears."""
    local = sender.address.partition("@")[0].rstrip("\\")
    return bool(DAEMON.match(local) or DAEMON_NAME.search(sender.name)) + bool(_ROBOT.match(local))


def _has_report_part(root: Part) -> bool:
    return any(leaf.type in _REPORT for leaf in list(root.leaves())[:20])


def _speaks(headers: Headers, sender: Address, texts: list[str]) -> bool:
    """Whether a server wrote it: people write of mail that did not arrive, too, but do not begin as servers do."""
    by_machine = bool(_machine(sender) or _empty_path(headers) or _says_automatic(headers))
    return by_machine or bool(FORMAL.search("\n".join(texts)[:400]))


def _empty_path(headers: Headers) -> bool:
    path = headers.raw("return-path").strip("<> ").lower()
    return "return-path" in headers and (not path or path.startswith("mailer-daemon"))


def _says_automatic(headers: Headers) -> bool:
    return headers.raw("auto-submitted").lower().startswith("auto-") or "x-failed-recipients" in headers


def _evidence(headers: Headers, sender: Address, subject: str, texts: list[str]) -> int:
    """How many independent signs say that a mail server wrote this about another mail."""
    start = "\n".join(texts)[:6_000]
    return (
        2 * bool(SURE_SUBJECT.match(subject))
        + bool(SUBJECT.search(subject))
        + _machine(sender)
        + bool(_empty_path(headers) or _says_automatic(headers))
        + bool(REGRET.search(start))
    )


def _is_home_made(headers: Headers, sender: Address, subject: str, texts: list[str], *, is_report: bool) -> bool:
    start = "\n".join(texts)[:6_000]
    if not _machine(sender) and re.match(r"\s*(?:re|aw|sv|fwd?|wg|tr)\s*:", subject, re.IGNORECASE):
        return False
    if is_report:
        return True
    evidence = _evidence(headers, sender, subject, texts)
    if not _speaks(headers, sender, texts):
        return False
    if NO_BOUNCE.search(start[:1500]):
        return evidence >= 4
    return evidence >= 3 or (evidence >= 2 and bool(_machine(sender) or REGRET.search(start)))


def _top(texts: list[str]) -> str:
    """The report without the mail that came back."""
    top = "\n".join(text for text in texts)[:40_000]
    found = ORIGINAL_BEGINS.search(top, 1)
    return top[: found.start()] if found else top


def _addresses_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.strip(".'-=\"") for match in ADDRESS.findall(text[:40_000])))[:_MAX_RECIPIENTS]


def _home_made_recipients(top: str, sender: Address, known: Iterable[str]) -> tuple[str, ...]:
    """The addresses in the lines that most surely name them; where none does, any that are not the report's own."""
    own = {address.lower() for address in known} | {sender.address.lower()}
    for patterns, sure in (
        (SURE_LINES, True),
        (FAILED_LINES, False),
        ((LONE_ADDRESS,), False),
        ((ADDRESS,), False),
    ):
        found: dict[str, None] = {}
        for pattern in patterns:
            for match in pattern.finditer(top):
                address = (match[1] if pattern.groups else match[0]).strip(".'-=\"")
                ruled_out = address.lower() in own or DAEMON.match(address.partition("@")[0])
                if "@" in address and ".@" not in address and (sure or not ruled_out):
                    found.setdefault(address)
        if found:
            return tuple(found)[:_MAX_RECIPIENTS]
        bare = BARE_NAME.search(top) if not sure else None
        if bare and "@" in sender.address:
            return (f"{bare[1]}@{sender.address.rpartition('@')[2]}",)
    return ()


def _status(reports: list[_Report], top: str) -> tuple[str, str]:
    """The most telling enhanced status code (RFC 3463), and the words it comes with."""
    bad = [report for report in reports if report.action not in ("delivered", "relayed", "expanded")] or reports
    for report in bad:
        # The other server's own words tell more than the number that our relay made of them.
        for code in [*_ENHANCED.findall(report.diagnostic), report.status]:
            if code and not code.endswith(".0.0"):
                return code, report.diagnostic
    vague = next((report.status for report in bad if report.status), "")
    said = " ".join(report.diagnostic for report in bad) or top
    for code in _ENHANCED.findall(said):
        # In running text a 2.x.y is somebody's version number.
        if code[0] != "2" and not code.endswith(".0.0") and (not vague or code[0] == vague[0]):
            return code, _around(said, code)
    for pattern, status in REASONS:
        if pattern.search(said):
            return (vague[0] + status[1:] if vague else status), _around(said, pattern.search(said)[0])  # type: ignore[index]
    if vague:
        return vague, said[:300]
    code = _REPLY_CODE.search(said)
    if code:
        return CODES.get(code[1], f"{code[1][0]}.0.0"), _around(said, code[1])
    return "", ""


def _around(said: str, words: str) -> str:
    at = said.find(words)
    start = said.rfind("\n", 0, max(at, 0)) + 1
    return re.sub(r"\s+", " ", said[max(start, at - 200) : at + 300]).strip()


def _by_action(reports: list[_Report], top: str, subject: str) -> str:
    if _only_delayed(reports, top, subject):
        return "4.0.0"
    if reports and all(report.action in ("delivered", "relayed", "expanded") for report in reports):
        return "2.0.0"
    return "5.0.0"


def _only_delayed(reports: list[_Report], top: str, subject: str) -> bool:
    actions = {report.action for report in reports if report.action}
    if actions:
        return actions <= {"delayed"}
    return bool(DELAYED.search(subject) or DELAYED.search(top[:3_000]))


def _original_id(root: Part, texts: list[str]) -> str:
    for leaf in list(root.leaves())[:20]:
        if leaf.type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"):
            body = leaf.body()[:_MAX_REPORT].lstrip(b"\r\n")
            found = message_ids(read_headers(body, 0, len(body))[0].raw("message-id"))
            if found:
                return found[0]
    for text in texts:
        match = _MESSAGE_ID.search(text)
        if match:
            return match[1].strip("<>")
    return ""
