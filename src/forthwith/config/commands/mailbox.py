"""`forthwith mailbox add|list|test|sign-in|pause|resume|remove|stop-import`: the mailboxes that mail is fetched from
(SOP 1.1)."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
import time
from typing import TYPE_CHECKING

from forthwith.config.cli import Complaint
from forthwith.config.commands.procedure import read_text
from forthwith.config.commands.ticket import tell
from forthwith.config.ready import set_up_desk

if TYPE_CHECKING:
    from forthwith.channels.email.consent import Code
    from forthwith.channels.email.oauth import Grant
    from forthwith.record.mailboxes import Mailbox


def add(asked: argparse.Namespace) -> int:
    """Try a mailbox, and connect it from now on; old mail only, and silently, where days are named."""
    if asked.move_to and asked.afterwards == "delete":
        raise Complaint("--move-to and --then delete exclude each other.", 2)
    if not asked.provider and not asked.host:
        raise Complaint("Name the server with --host, or the provider with --provider.", 2)
    with set_up_desk():
        from django.utils import timezone

        from forthwith.channels.email import connect

        box = _box(asked)
        folders = tuple(dict.fromkeys(asked.folder or ["INBOX"]))
        box.folder = folders[0]
        lines = _look(box, connect.secret_in(box))
        then = "move" if asked.move_to else asked.afterwards
        choice = connect.Choice(asked.name or asked.user, folders, then, asked.move_to or "", asked.import_days)
        try:
            made = connect.connect(box, choice, timezone.now())
        except connect.NotConnected as wrong:
            raise Complaint(str(wrong)) from None
    old = f"The last {asked.import_days} days are imported silently." if asked.import_days else "Old mail stays alone."
    said = [f"Mailbox {row.pk}, {row.name}, is connected: mail is fetched from now on. {old}" for row in made]
    tell([*lines, *said])
    return 0


def _box(asked: argparse.Namespace) -> Mailbox:
    """The mailbox that was asked for, with what opens it. Raises Complaint."""
    from django.utils import timezone

    from forthwith.channels.email import connect, oauth
    from forthwith.record import sealed
    from forthwith.record.mailboxes import Mailbox

    if not asked.provider:
        port = asked.port or connect.PORTS[asked.security]
        box = Mailbox(host=asked.host, port=port, security=asked.security, user=asked.user)
        box.secret = sealed.seal(_password(asked))
        return box
    known = oauth.PROVIDERS[asked.provider]
    box = Mailbox(host=asked.host or known.host, port=asked.port or known.port, user=asked.user)
    grant = _consented(asked.provider, _application(asked, None), asked)
    connect.with_grant(box, asked.provider, grant, timezone.now())
    return box


def sign_in(asked: argparse.Namespace) -> int:
    """Sign in to a connected mailbox again, for every folder of its account; what it gives is tried first."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.channels.email import connect, oauth
        from forthwith.record.mailboxes import Mailbox

        box = _named(asked.mailbox)
        asked.user = box.user
        if box.method == Mailbox.PASSWORD:
            password = _password(asked)
            lines = _look(box, password)
            connect.again(box, timezone.now(), password=password)
        else:
            try:
                known = oauth.grant_of(box)
            except oauth.NoToken:
                known = None
            grant = _consented(box.provider, _application(asked, known), asked)
            lines = _look(box, grant.access_token)
            connect.again(box, timezone.now(), grant=grant)
    tell([*lines, f"Signed in to {box.user} again. Its mail is fetched within a minute."])
    return 0


def _application(asked: argparse.Namespace, known: Grant | None) -> Grant:
    """As which application the desk asks a provider; what is not said is as it was."""
    from forthwith.channels.email.consent import TENANT
    from forthwith.channels.email.oauth import Grant

    client = asked.client_id or (known.client_id if known else "")
    if not client:
        raise Complaint("Name the application at the provider with --client-id.", 2)
    kept = known.client_secret if known and known.client_id == client else ""
    secret = _first_line(asked.client_secret_file) if asked.client_secret_file else kept
    tenant = asked.tenant or (known.tenant if known else "common")
    if not TENANT.fullmatch(tenant):
        raise Complaint(f"{tenant!r} is neither a tenant's ID nor its domain.", 2)
    return Grant(client_id=client, refresh_token="", client_secret=secret, tenant=tenant)


def _consented(provider: str, grant: Grant, asked: argparse.Namespace) -> Grant:
    """Let a person let the desk in. Raises Complaint with what the provider says."""
    from django.utils import timezone

    from forthwith.channels.email import consent, oauth

    def show(code: Code) -> None:
        words = f"Open {code.address} in any browser, sign in as {asked.user}, and type the code {code.user_code}"
        tell([words, f"It is good for {code.lasts_s / 60:.0f} minutes. Waiting ..."])
        sys.stdout.flush()

    try:
        if asked.device:
            return consent.by_device(provider, grant, show, time.sleep, timezone.now)
        asking = consent.Asking.anew(oauth.PROVIDERS[provider].loopback)
        tell(
            [
                "Open this address in a browser, and let the desk in:",
                consent.address(provider, grant, asking, asked.user),
                f"Then the browser goes to an address that begins with {asking.redirect} and shows nothing. Copy that",
                "whole address from its bar, and paste it here.",
            ]
        )
        sys.stdout.flush()
        answer = sys.stdin.readline(10_000)
        return consent.came_back(provider, grant, asking, consent.pasted(answer, asking.state), timezone.now())
    except oauth.NoToken as refused:
        raise Complaint(str(refused)) from None


def _password(asked: argparse.Namespace) -> str:
    """From a file's first line, or typed where nobody sees it: arguments are seen by everybody on the machine."""
    if asked.password_file:
        given = _first_line(asked.password_file)
    elif sys.stdin.isatty():
        given = getpass.getpass(f"Password of {asked.user}: ")
    else:
        raise Complaint("The password is missing: name a file with --password-file, or run this at a terminal.", 2)
    if not given:
        raise Complaint("The password is empty.")
    return given


def _first_line(file: str) -> str:
    return read_text(file).partition("\n")[0].rstrip("\r")


def _look(box: Mailbox, secret: str) -> list[str]:
    """What is found in it. Raises Complaint with the error in words."""
    from forthwith.channels.email import connect
    from forthwith.channels.email.imap import TIMEOUT_S, Broken

    try:
        found = connect.look(box, secret, timeout_s=TIMEOUT_S)
    except Broken as broken:
        raise Complaint(str(broken)) from None
    counted = [f"{one.name} ({'?' if one.mails is None else one.mails})" for one in found.folders[:20]]
    lines = [f"{box.user} at {box.host}:{box.port} ({box.get_security_display()})"]
    lines.append(f"Folders, and the mails in each: {', '.join(counted)}{' ...' if len(found.folders) > 20 else ''}")
    lines.append(f"{box.folder}: {found.mails} mails" + (f", the newest: {found.newest}" if found.newest else ""))
    lines.append("The server tells of new mail at once." if found.idles else "The server is asked each minute.")
    return lines


def test(asked: argparse.Namespace) -> int:
    """Sign in to a connected mailbox and say what is found."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.channels.email import connect, oauth

        box = _named(asked.mailbox)
        try:
            secret = connect.present_secret(box, timezone.now())
        except oauth.NoToken as missing:
            raise Complaint(str(missing)) from None
        tell(_look(box, secret))
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
        lines = [f"{row['id']}  {row['name']}: {where}"]
        lines.append(f"   {row['state']}; last contact {row['last_contact'] or 'never'}")
        lines += [f"   {row[said]}" for said in ("last_error", "sign_in_refused") if row[said]]
        tell(dict.fromkeys(lines))
    return 0


def _row(box: Mailbox) -> dict[str, object]:
    def said(at: object) -> str | None:
        return at.isoformat() if hasattr(at, "isoformat") else None

    return {
        "id": box.pk,
        "name": box.name,
        "host": box.host,
        "port": box.port,
        "security": box.security,
        "user": box.user,
        "folder": box.folder,
        "afterwards": box.afterwards,
        "state": box.standing,
        "last_contact": said(box.last_contact),
        "last_mail": said(box.last_mail_at),
        "last_lag_seconds": box.last_lag_s,
        "last_error": box.last_error,
        "sign_in_ends": said(box.sign_in_ends_at),
        "sign_in_refused": box.sign_in_refused,
        "imported": f"{box.import_done} of {box.import_total}" if box.import_since else None,
        "imports": box.imports,
    }


def pause(asked: argparse.Namespace) -> int:
    """Leave a mailbox alone until it is resumed."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.channels.email import connect

        box = _named(asked.mailbox)
        paused = connect.pause(box, timezone.now())
    tell([f"{box.name} {'is paused' if paused else 'was paused already'}. What comes to it waits there."])
    return 0


def resume(asked: argparse.Namespace) -> int:
    """Fetch a paused mailbox again."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import mailboxes

        box = _named(asked.mailbox)
        resumed = mailboxes.resume(box.pk, timezone.now())
    tell([f"{box.name} {'is fetched again' if resumed else 'was not paused'}."])
    return 0


def remove(asked: argparse.Namespace) -> int:
    """Forget a mailbox; what was fetched from it stays."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.channels.email import connect

        box = _named(asked.mailbox)
        connect.remove(box, timezone.now())
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
