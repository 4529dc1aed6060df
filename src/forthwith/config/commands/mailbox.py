"""`forthwith mailbox add|list|test|remove`: the mailboxes that mail is fetched from (SOP 1.1)."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from forthwith.config.cli import Complaint
from forthwith.config.commands.procedure import read_text
from forthwith.config.commands.ticket import tell
from forthwith.config.ready import set_up_desk

if TYPE_CHECKING:
    from forthwith.record.mailboxes import Mailbox

_PORTS = {"tls": 993, "starttls": 143, "none": 143}


def add(asked: argparse.Namespace) -> int:
    """Try a mailbox, and connect it from now on; old mail only, and silently, where days are named."""
    if asked.move_to and asked.afterwards == "delete":
        raise Complaint("--move-to and --then delete exclude each other.", 2)
    with set_up_desk():
        from django.db import IntegrityError, transaction
        from django.utils import timezone

        from forthwith.record import sealed
        from forthwith.record.mailboxes import Mailbox

        box = Mailbox(
            name=asked.name or asked.user,
            host=asked.host,
            port=asked.port or _PORTS[asked.security],
            security=asked.security,
            user=asked.user,
            secret=sealed.seal(_password(asked)),
            folder=asked.folder,
            afterwards="move" if asked.move_to else asked.afterwards,
            move_to=asked.move_to or "",
            added_at=timezone.now(),
        )
        if asked.import_days:
            box.import_since = box.added_at - timedelta(days=asked.import_days)
        lines = _look(box)
        try:
            with transaction.atomic():
                box.save(force_insert=True)
        except IntegrityError:
            raise Complaint(f"{box.name}, or this folder of {box.user} at {box.host}, is connected already.") from None
    old = f"The last {asked.import_days} days are imported silently." if asked.import_days else "Old mail stays alone."
    tell([*lines, f"Mailbox {box.pk}, {box.name}, is connected: mail is fetched from now on. {old}"])
    return 0


def _password(asked: argparse.Namespace) -> str:
    """From a file's first line, or typed where nobody sees it: arguments are seen by everybody on the machine."""
    if asked.password_file:
        given = read_text(asked.password_file).partition("\n")[0].rstrip("\r")
    elif sys.stdin.isatty():
        given = getpass.getpass(f"Password of {asked.user}: ")
    else:
        raise Complaint("The password is missing: name a file with --password-file, or run this at a terminal.", 2)
    if not given:
        raise Complaint("The password is empty.")
    return given


def _look(box: Mailbox) -> list[str]:
    """What is found in it. Raises Complaint with the error in words."""
    from django.utils import timezone

    from forthwith.channels.email import oauth
    from forthwith.channels.email.imap import Broken, Session

    try:
        with Session(box, oauth.secret_of(box, timezone.now())) as session:
            found = session.found()
    except (Broken, oauth.NoToken) as broken:
        raise Complaint(str(broken)) from None
    folders = ", ".join(found.folders[:20]) + (" ..." if len(found.folders) > 20 else "")
    lines = [f"{box.user} at {box.host}:{box.port} ({box.get_security_display()})", f"Folders: {folders}"]
    lines.append(f"{box.folder}: {found.mails} mails" + (f", the newest: {found.newest}" if found.newest else ""))
    lines.append("The server tells of new mail at once." if found.idles else "The server is asked each minute.")
    return lines


def test(asked: argparse.Namespace) -> int:
    """Sign in to a connected mailbox and say what is found."""
    with set_up_desk():
        tell(_look(_named(asked.mailbox)))
    return 0


def show_list(asked: argparse.Namespace) -> int:
    """Print every mailbox with its state."""
    with set_up_desk():
        from forthwith.record.mailboxes import Mailbox

        rows = [_row(box) for box in Mailbox.objects.order_by("pk")]
    if asked.json:
        print(json.dumps(rows, indent=1))
        return 0
    if not rows:
        print("No mailbox is connected: forthwith mailbox add --help")
    for row in rows:
        where = f"{row['user']} at {row['host']}:{row['port']}, {row['folder']}"
        tell(
            [
                f"{row['id']}  {row['name']}: {where}",
                f"   {row['state']}; last contact {row['last_contact'] or 'never'}",
            ]
        )
        if row["last_error"]:
            tell([f"   {row['last_error']}"])
    return 0


def _row(box: Mailbox) -> dict[str, object]:
    state = "paused" if box.paused else "failing" if box.failing_since else "fetched" if box.last_contact else "new"
    importing = f"{box.import_done} of {box.import_total}" if box.import_since else None
    return {
        "id": box.pk,
        "name": box.name,
        "host": box.host,
        "port": box.port,
        "security": box.security,
        "user": box.user,
        "folder": box.folder,
        "afterwards": box.afterwards,
        "state": state,
        "last_contact": box.last_contact.isoformat() if box.last_contact else None,
        "last_mail": box.last_mail_at.isoformat() if box.last_mail_at else None,
        "last_error": box.last_error,
        "imported": importing,
        "imports": box.imports,
    }


def remove(asked: argparse.Namespace) -> int:
    """Forget a mailbox; what was fetched from it stays."""
    with set_up_desk():
        box = _named(asked.mailbox)
        box.delete()
    tell([f"{box.name} is not fetched any more. What came from it stays."])
    return 0


def stop_import(asked: argparse.Namespace) -> int:
    """End a silent import; what it has brought stays."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import mailboxes

        box = _named(asked.mailbox)
        stopped = mailboxes.stop_import(box.pk, timezone.now())
    tell([f"The import of {box.name} {'is stopped' if stopped else 'was not running'}."])
    return 0


def _named(given: str) -> Mailbox:
    from forthwith.record.mailboxes import Mailbox

    found = Mailbox.objects.filter(name=given).first()
    if found is None and given.isascii() and given.isdigit():
        found = Mailbox.objects.filter(pk=int(given)).first()
    if found is None:
        raise Complaint(f"There is no mailbox {given!r}: forthwith mailbox list shows those there are.")
    return found
