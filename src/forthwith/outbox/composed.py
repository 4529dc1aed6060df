"""A mail as it goes over the wire (RFC 5322), composed from its row as late as possible.

multipart/alternative: the words as plain text, and the same words in the letterhead. Files of its message are
around that, pictures among them so that the HTML can show them: a program that shows only text lists them as files.
"""

from __future__ import annotations

from datetime import UTC
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any, Self

from django.conf import settings
from django.utils.translation import gettext as _

from forthwith.outbox import letterhead, pictures
from forthwith.outbox.letterhead import Head, Picture
from forthwith.outbox.models import Outgoing
from forthwith.record import files, procedures
from forthwith.record.models import Attachment, Message

LONGEST_HEADER = 990


class _Ids(str):
    """Message-IDs as a header's value: folded between them, never encoded (the standard fold would)."""

    __slots__ = ("name",)
    name: str

    @classmethod
    def of(cls, name: str, ids: list[str]) -> Self:
        made = cls(" ".join(ids))
        made.name = name
        return made

    def fold(self, **_: object) -> str:
        """The whole header, one id a line."""
        return f"{self.name}: " + "\r\n ".join(self.split(" ")) + "\r\n"


def compose(row: Outgoing, *, beyond_ascii: bool = False) -> bytes:
    """The mail of a row. No field of the row can add a header. OSError when a file of its message is not there."""
    rules = policy.SMTPUTF8 if beyond_ascii else policy.SMTP
    mail = EmailMessage(policy=rules)
    name, address = parseaddr(row.mail_from or settings.MAIL_FROM)
    mail["From"] = _named(name, address)
    mail["To"] = _named(row.name, row.address)
    if row.reply_to:
        mail["Reply-To"] = _named(name, row.reply_to)
    mail["Subject"] = _line(row.subject)
    # The day on which it was written: tried again for two days, it is the same mail (RFC 5322 3.6.1).
    mail["Date"] = format_datetime(row.queued_at.astimezone(UTC))
    _add_ids(mail, "Message-ID", row.mail_id)
    _add_ids(mail, "In-Reply-To", row.in_reply_to)
    _add_ids(mail, "References", row.references)
    if row.stop_link:
        # RFC 8058: one press in the mail program, no page to visit; the relay's signature has to cover both.
        mail["List-Unsubscribe"] = f"<{_line(row.stop_link)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if row.automatic:
        # RFC 3834 5: the acknowledgement answers a message; anything else comes on the desk's own account.
        answers = row.in_reply_to and row.purpose == "acknowledgement"
        mail["Auto-Submitted"] = "auto-replied" if answers else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["Precedence"] = "auto_reply"
    _add_body(mail, row, rules)
    if row.language:
        # Behind the body: the library takes fields that begin so for the body's, and sets them anew with it.
        mail["Content-Language"] = row.language.replace("_", "-")
    return mail.as_bytes()


def _add_body(mail: EmailMessage, row: Outgoing, rules: EmailPolicy[Any]) -> None:
    kept = list(Attachment.objects.filter(message=row.message_id).order_by("pk")) if row.message_id else []
    shown = [file for file in kept if file.inline and file.content_id]
    others = [file for file in kept if not (file.inline and file.content_id)]
    if not kept:
        _add_words(mail, row, [])
        return
    words = MIMEPart(policy=rules)
    _add_words(words, row, [Picture(file.content_id, file.name, pictures.width(_content(file))) for file in shown])
    if not shown:
        _enclose(mail, "mixed", [words, *(_file(file, rules) for file in others)])
        return
    if not others:
        _enclose(mail, "related", [words, *(_file(file, rules) for file in shown)])
        return
    related = MIMEPart(policy=rules)
    _enclose(related, "related", [words, *(_file(file, rules) for file in shown)])
    _enclose(mail, "mixed", [related, *(_file(file, rules) for file in others)])


def _add_words(part: MIMEPart, row: Outgoing, shown: list[Picture]) -> None:
    text = row.text.encode("utf-8", "replace").decode()
    title = _line(row.subject).encode("utf-8", "replace").decode()
    desk = parseaddr(row.mail_from)[0] or settings.DESK_NAME or "Support"
    head = Head(desk=desk, title=title, number=row.ticket_id, language=row.language, **_foot_words(row.language))
    part.set_content(text, charset="utf-8")
    part.add_alternative(letterhead.page(text, head, shown, _formatted(row)), subtype="html", charset="utf-8")


def _formatted(row: Outgoing) -> str:
    """The HTML of the message that the mail carries, where somebody of the desk has formatted it."""
    if row.message_id is None:
        return ""
    ours = Message.objects.filter(pk=row.message_id, incoming=False, raw_item=None, kind=Message.PUBLIC)
    return ours.values_list("html", flat=True).first() or ""


def _foot_words(language: str) -> dict[str, str]:
    """What stands below the words, in the procedure's words for that language; its own where it has none."""
    procedure = procedures.current_or_none() if language else None
    if procedure is None:
        return {}
    phrases = procedure.phrases(language)
    return {"request": phrases.request, "open_request": phrases.open_request}


def _enclose(outer: MIMEPart, kind: str, parts: list[MIMEPart]) -> None:
    outer["Content-Type"] = f"multipart/{kind}" + ('; type="multipart/alternative"' if kind == "related" else "")
    for part in parts:
        outer.attach(part)


def _file(file: Attachment, rules: EmailPolicy[Any]) -> MIMEPart:
    main, _, sub = file.type.partition("/")
    if main in ("multipart", "message") or not (main + sub).isascii() or not sub.replace("-", "").replace(".", ""):
        # A mail within this one would be read as part of it, and some servers take such parts apart.
        main, sub = "application", "octet-stream"
    part = MIMEPart(policy=rules)
    shown = file.inline and file.content_id
    part.set_content(
        _content(file),
        maintype=main,
        subtype=sub,
        disposition="inline" if shown else "attachment",
        filename=_line(file.name),
        cid=f"<{file.content_id}>" if shown else None,
    )
    return part


def _content(file: Attachment) -> bytes:
    return files.path_of(file.digest).read_bytes()


def _add_ids(mail: EmailMessage, name: str, ids: str) -> None:
    """Ids in brackets, without any that could not stand in a header (RFC 5322 3.6.4)."""
    bare = (word.strip("<>,") for word in ids.split())
    fit = [
        f"<{word}>" for word in bare if word and word.isascii() and word.isprintable() and len(word) < LONGEST_HEADER
    ]
    if fit:
        value: Any = _Ids.of(name, fit)
        mail[name] = value


def _named(name: str, address: str) -> Address:
    local, _, domain = mailbox(address).rpartition("@")
    return Address(_line(name), username=local, domain=domain)


def _line(text: str) -> str:
    """Text for a header: one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def mailbox(address: str) -> str:
    """An address for the envelope, its domain in ASCII. Raises ValueError with the reason when it is none."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain:
        raise ValueError(_("it has no name before and no domain after an '@'"))
    if any(c.isspace() or not c.isprintable() or c in '<>,;:\\"' for c in local + domain):
        raise ValueError(_("it contains a character that may not stand there"))
    try:
        return f"{local}@{domain.encode('idna').decode() if not domain.isascii() else domain}"
    except UnicodeError:
        raise ValueError(_("its domain is no host name")) from None
