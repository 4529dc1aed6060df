"""The `forthwith` command. Each command's module is imported when it runs: a pure one never loads Django."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from importlib.metadata import version
from typing import TypeAlias

from forthwith.config.environment import WrongVariable

WRONG_USE = 2
EX_TEMPFAIL = 75
_COMMANDS = "forthwith.config.commands"
_PORT = "port of the pages (that of FORTHWITH_URL where it is on this machine, else 8000)"
_VARIABLES = """\
environment:
  FORTHWITH_HOME          folder for database, files and secret (./var)
  FORTHWITH_DATABASE_URL  postgresql://user:password@host/name (SQLite in the home)
  FORTHWITH_URL           public address of the desk (http://127.0.0.1:8000)
  FORTHWITH_SMTP_URL      outgoing relay: smtp://, smtps:// or smtp+starttls://user:password@host:port
  FORTHWITH_ALARM_SMTP_URL
                          another relay, for the alarms that tell that mail is broken (the same one)
  FORTHWITH_SMTP_LISTEN   host:port on which mail is received (127.0.0.1:2525)
  FORTHWITH_LMTP_LISTEN   host:port or path of a Unix socket for a mail server in front (none)
  FORTHWITH_SMTP_TLS_CERT, FORTHWITH_SMTP_TLS_KEY
                          certificate chain and key (PEM) for STARTTLS (none)
  FORTHWITH_SMTP_CONNECTIONS, FORTHWITH_SMTP_CONNECTIONS_PER_PEER, FORTHWITH_SMTP_MAILS_PER_PEER
                          most connections in all, of one sending address, mails a minute of one (50, 10, 300)
  FORTHWITH_MAIL_AUTH_TRUST
                          the mail server whose Authentication-Results are believed (none)
  FORTHWITH_MAIL_CHECK    on: SPF, DKIM and DMARC of mail that senders' servers hand over directly (off)
  FORTHWITH_MAIL_DNS      ip:port of the name server to ask for that (those of this machine)
  FORTHWITH_WEBHOOK_MAILGUN
                          Mailgun's webhook signing key; routes forward to .../webhooks/mailgun/mime (none)
  FORTHWITH_WEBHOOK_POSTMARK, FORTHWITH_WEBHOOK_SENDGRID
                          user:password in the address .../webhooks/postmark/ or /sendgrid/ (none)
  FORTHWITH_WEBHOOK_SES   ARN of the SNS topic that posts Amazon SES mail to .../webhooks/ses/ (none)
  FORTHWITH_CLAMD         host:port or path of the virus scanner clamd (none)
  FORTHWITH_MAIL_FROM     the desk's address (Support <support@desk.example>)
"""


class Complaint(Exception):
    """What the person at the terminal has to know, in a sentence; `code` is the exit code."""

    def __init__(self, words: str, code: int = 1) -> None:
        super().__init__(words)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. No mistake of the user ends in a traceback."""
    asked = _asked(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that has no such letter shows its number.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run(asked)
        if sys.stdout:
            sys.stdout.flush()
    except (Complaint, WrongVariable) as wrong:
        print(f"forthwith: {wrong}", file=sys.stderr)
        return wrong.code if isinstance(wrong, Complaint) else WRONG_USE
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        say_no_more()
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    try:
        return parser().parse_args(arguments)
    except SystemExit as ending:
        # An MTA gives a mail back for good on any other code: a slip in its configuration must only delay mail.
        if ending.code and list(arguments[:2]) == ["mail", "receive"]:
            raise SystemExit(EX_TEMPFAIL) from None
        raise


def say_no_more() -> None:
    """Let what is still to be written go nowhere, so that Python does not complain of it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(asked: argparse.Namespace) -> int:
    module = import_module(f"{_COMMANDS}.{asked.module}")
    run: Callable[[argparse.Namespace], int] = getattr(module, asked.function)
    return run(asked)


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments."""
    top = argparse.ArgumentParser(
        prog="forthwith",
        description="The help desk that runs a written support procedure, and proves that it was followed.",
        epilog=_VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"forthwith {version('forthwith')}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _setting_up(commands)
    _running(commands)
    _mail(commands)
    _mailboxes(commands)
    _tickets(commands)
    _suggestions(commands)
    _procedure(commands)
    _imports(commands)
    return top


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add(
    commands: _Commands, name: str, help_text: str, *, module: str, function: str = "run"
) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    added.set_defaults(module=module, function=function)
    return added


def _group(commands: _Commands, name: str, help_text: str) -> _Commands:
    group: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text)
    return group.add_subparsers(title="commands", metavar="COMMAND", required=True)


def _setting_up(commands: _Commands) -> None:
    init = _add(commands, "init", "Make the home, migrate the database, install the procedure.", module="init")
    init.add_argument("--admin", metavar="EMAIL", help="create or repair this administrator")
    init.add_argument("--password-file", metavar="FILE", help="its first line is the administrator's password")
    init.add_argument("--procedure", metavar="FILE", help="install this procedure (YAML) as the one in force")
    init.add_argument("--demo", action="store_true", help="also load the demo desk, once")
    verify = _add(commands, "verify", "Check the record of every ticket: chain, facts, due times.", module="verify")
    verify.add_argument("--quiet", action="store_true", help="no progress bar")
    text = "Write the index of the search anew from the tickets. The desk may run meanwhile, and finds what it found."
    reindex = _add(commands, "reindex", text, module="reindex")
    reindex.add_argument("--quiet", action="store_true", help="no progress bar")


def _running(commands: _Commands) -> None:
    up = _add(commands, "up", "Run the whole desk: web, worker and mail receiver.", module="up")
    up.add_argument("--port", type=_port, metavar="N", help=_PORT)
    up.add_argument("--host", default="127.0.0.1", help="address of the pages (127.0.0.1)")
    up.add_argument("--demo", action="store_true", help="with the demo desk, and a mail catcher when there is no relay")
    web = _add(commands, "web", "Serve the pages; any number of these may run.", module="web")
    web.add_argument("--port", type=_port, metavar="N", help=_PORT)
    web.add_argument("--host", default="127.0.0.1", help="address of the pages (127.0.0.1)")
    worker = _add(commands, "worker", "Act on alarms and send mail; any number of these may run.", module="worker")
    worker.add_argument("--receive", action="store_true", help="also receive mail on FORTHWITH_SMTP_LISTEN")
    worker.add_argument("--catch", type=_port, metavar="PORT", help="also run the demo's mail catcher on this port")
    _add(
        commands,
        "receiver",
        "Receive mail on FORTHWITH_SMTP_LISTEN, and no more.",
        module="worker",
        function="receiver",
    )
    # A worker's own process; without help it is not listed.
    run = commands.add_parser("run")
    run.set_defaults(module="run", function="run")
    run.add_argument("number", type=_number)


def _mail(commands: _Commands) -> None:
    mail = _group(commands, "mail", "Take in a mail, or look at one.")
    text = "Take in one mail from standard input, as an MTA's pipe does; exit 75 when it could not be stored."
    receive = _add(mail, "receive", text, module="mail_receive")
    receive.add_argument("--sender", metavar="ADDRESS", help="the envelope's sender; '' for the empty one of a bounce")
    receive.add_argument("--recipient", default=[], action="append", metavar="ADDRESS", help="an envelope recipient")
    parse = _add(mail, "parse", "Print what the parser sees in mails, one JSON a line.", module="mail_parse")
    parse.add_argument("files", nargs="*", metavar="FILE", help="mails; standard input without one")


def _mailboxes(commands: _Commands) -> None:
    group = _group(commands, "mailbox", "Connect mailboxes that mail is fetched from (IMAP), or look at them.")
    text = "Try a mailbox and connect it. Mail is fetched from now on; mails that are in it already are left alone."
    add = _add(group, "add", text, module="mailbox", function="add")
    add.add_argument("--host", help="the IMAP server; not needed with --provider")
    add.add_argument("--port", type=_port, metavar="N", help="its port (993 with TLS, else 143)")
    add.add_argument("--security", choices=("tls", "starttls", "none"), default="tls", help="how it is encrypted (tls)")
    add.add_argument("--user", required=True, help="the account, mostly its address")
    add.add_argument("--provider", choices=("microsoft", "google"), help="sign in there instead of with a password")
    add.add_argument("--name", help="what the desk calls the mailbox (the user)")
    several = "a folder to fetch from (INBOX); may be named several times"
    add.add_argument("--folder", action="append", metavar="FOLDER", help=several)
    add.add_argument("--move-to", metavar="FOLDER", help="move mail that was fetched there")
    then = "what happens to mail that was fetched, without --move-to: it is left, as seen, or deleted (seen)"
    add.add_argument("--then", dest="afterwards", choices=("seen", "delete"), default="seen", help=then)
    days = "also import the last DAYS days, silently: no acknowledgement, no notification"
    add.add_argument("--import-days", type=_number, metavar="DAYS", help=days)
    listing = _add(group, "list", "Every mailbox with its state.", module="mailbox", function="show_list")
    listing.add_argument("--json", action="store_true", help="one JSON array")
    text = "Sign in to a mailbox again: another password, or another consent at its provider."
    again = _add(group, "sign-in", text, module="mailbox", function="sign_in")
    for command in (add, again):
        _how_to_sign_in(command)
    for name, text in (
        ("test", "Sign in to a mailbox, and say what is found."),
        ("pause", "Leave a mailbox alone for a while."),
        ("resume", "Fetch a paused mailbox again, and what came meanwhile."),
        ("remove", "Fetch a mailbox no more; what came from it stays."),
        ("stop-import", "End a silent import; what it has brought stays."),
    ):
        added = _add(group, name, text, module="mailbox", function=name.replace("-", "_"))
        added.add_argument("mailbox", metavar="MAILBOX", help="its name, or its number in the list")
    again.add_argument("mailbox", metavar="MAILBOX", help="its name, or its number in the list")


def _how_to_sign_in(command: argparse.ArgumentParser) -> None:
    command.add_argument("--password-file", metavar="FILE", help="its first line is the password; asked for without it")
    command.add_argument("--client-id", metavar="ID", help="the desk's application at the provider")
    command.add_argument("--client-secret-file", metavar="FILE", help="its first line is the application's secret")
    command.add_argument("--tenant", metavar="ID", help="the directory at Microsoft (any account)")
    device = "sign in by a code that is typed in a browser anywhere (Microsoft); without it, by an address to paste"
    command.add_argument("--device", action="store_true", help=device)


def _tickets(commands: _Commands) -> None:
    ticket = _group(commands, "ticket", "List tickets, show one, or export one.")
    listing = _add(ticket, "list", "The newest tickets first.", module="ticket", function="show_list")
    listing.add_argument("--json", action="store_true", help="one JSON array")
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many (50)")
    listing.add_argument("--status", default="", help="only in this status, such as open")
    listing.add_argument("--after", type=_number, metavar="NUMBER", help="go on after this ticket of an earlier list")
    for commands_of, name, text, module, function in (
        (ticket, "show", "One ticket with all that is on record.", "ticket", "show"),
        (
            commands,
            "explain",
            "Every clock of a ticket in words: what counted, what did not, and why.",
            "explain",
            "run",
        ),
        (commands, "conformance", "The verdict on each step of the procedure for a ticket.", "conformance", "run"),
    ):
        added = _add(commands_of, name, text, module=module, function=function)
        added.add_argument("number", type=_number, metavar="N", help="the ticket's number")
        if name != "explain":
            added.add_argument("--json", action="store_true", help="as JSON")
    _export(ticket)


def _export(ticket: _Commands) -> None:
    text = "One ticket as a file: JSON that can be verified elsewhere (docs/export-format.md), or PDF. FILE may be -."
    export = _add(ticket, "export", text, module="ticket_export")
    export.add_argument("number", type=_number, metavar="N", help="the ticket's number")
    kind = export.add_mutually_exclusive_group(required=True)
    kind.add_argument("--json", metavar="FILE", help="write the JSON there")
    kind.add_argument("--pdf", metavar="FILE", help="write the PDF there")


def _suggestions(commands: _Commands) -> None:
    group = _group(commands, "suggestions", "Learn from closed tickets what to suggest, or look at what was learnt.")
    train = _add(group, "train", "Learn from the closed tickets, now.", module="suggestions", function="train")
    train.add_argument("--training", type=_number, help=argparse.SUPPRESS)
    show = _add(group, "show", "The model and how good it is.", module="suggestions", function="show")
    show.add_argument("--json", action="store_true", help="as JSON")
    text = "Suggest for a text on standard input, its first line the subject, with the words that speak for it."
    tried = _add(group, "try", text, module="suggestions", function="try_it")
    tried.add_argument("--json", action="store_true", help="as JSON")


def _procedure(commands: _Commands) -> None:
    procedure = _group(
        commands, "procedure", "Check a procedure, compare two, or show, export or replace the one in force."
    )
    check = _add(procedure, "check", "Every error and warning, with its line.", module="procedure", function="check")
    check.add_argument("file", metavar="FILE", help="a procedure as YAML; - for standard input")
    text = "also hold it against this desk: who works here and when, and how targets were kept in 90 days"
    check.add_argument("--desk", action="store_true", help=text)
    _add(procedure, "show", "The procedure in force, as YAML.", module="procedure", function="show")
    text = (
        "How two procedures differ, in words. Exit 0 when they do not, 1 when they do, 2 when they cannot be compared."
    )
    compared = _add(procedure, "diff", text, module="procedure_compared")
    which = "a file (- for standard input), a revision's number, or in-force"
    compared.add_argument("old", metavar="A", help=which)
    compared.add_argument("new", metavar="B", help=which)
    form = compared.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON array")
    form.add_argument("--yaml", action="store_true", help="the lines of both as YAML that differ")
    text = "Write the procedure in force to a file, as it was installed."
    export = _add(procedure, "export", text, module="procedure_file", function="export")
    export.add_argument("file", metavar="FILE", help="where to; - for standard output")
    export.add_argument("--revision", type=_revision, metavar="N", help="another revision")
    text = "Write the procedure in force as a PDF to read and to print."
    printed = _add(procedure, "pdf", text, module="procedure_file", function="pdf")
    printed.add_argument("file", metavar="FILE", help="where to; - for standard output")
    printed.add_argument("--revision", type=_revision, metavar="N", help="another revision")
    text = "Say what a procedure changes, and install it as the one in force, without a review."
    taken = _add(procedure, "import", text, module="procedure_file", function="take_in")
    taken.add_argument("file", metavar="FILE", help="a procedure as YAML; - for standard input")
    taken.add_argument("--why", default="", metavar="TEXT", help="what changes and why, for the history of revisions")
    _replay(commands)
    _restate(commands)
    _evidence(commands)
    _add(commands, "due", "Answer questions of business time: one JSON a line in, one a line out.", module="due")


def _imports(commands: _Commands) -> None:
    group = _group(commands, "import", "Bring in what another desk kept.")
    text = "Make tickets of an event log (CSV, .gz or not). Nobody is mailed; a second run adds nothing."
    eventlog = _add(group, "eventlog", text, module="import_eventlog")
    eventlog.add_argument("file", metavar="FILE", help="the log, in the order of its events")
    eventlog.add_argument(
        "--map", required=True, metavar="FILE", help="what its columns mean (docs/import-eventlog.md)"
    )
    eventlog.add_argument("--dry-run", action="store_true", help="do all of it, say what came of it, keep nothing")
    eventlog.add_argument("--limit", type=_number, metavar="N", help="at most so many new tickets")
    eventlog.add_argument("--quiet", action="store_true", help="no progress bar")


def _replay(commands: _Commands) -> None:
    text = (
        "What a procedure would have done to the tickets of a period. Exit 0 when none turns, 1 when some do, else 2."
    )
    replay = _add(commands, "replay", text, module="replay")
    replay.add_argument("--procedure", required=True, metavar="FILE", help="a procedure as YAML; - for standard input")
    replay.add_argument("--since", required=True, metavar="DATE", help="tickets received from this day on (UTC)")
    replay.add_argument("--until", metavar="DATE", help="the last day; until now without it")
    replay.add_argument("--json", action="store_true", help="as JSON")
    replay.add_argument("--quiet", action="store_true", help="no progress bar")


def _restate(commands: _Commands) -> None:
    text = "Judge the settled tickets of a period anew under a corrected revision, beside their own verdicts."
    restate = _add(commands, "restate", text, module="restate")
    restate.add_argument("--revision", type=_revision, required=True, metavar="N", help="the corrected revision")
    since = "tickets received from this day on (UTC)"
    restate.add_argument("--since", type=_day, required=True, metavar="DAY", help=since)
    restate.add_argument("--until", type=_day, metavar="DAY", help="the last day; until now without it")
    restate.add_argument("--reason", required=True, metavar="TEXT", help="what was wrong, for who reads the reports")
    restate.add_argument("--json", action="store_true", help="as JSON")
    restate.add_argument("--quiet", action="store_true", help="no progress bar")


def _evidence(commands: _Commands) -> None:
    text = "Bundle the tickets received in a period for an auditor, with a program that checks them (ZIP)."
    bundle = _add(commands, "evidence", text, module="evidence")
    bundle.add_argument("file", metavar="FILE", help="where to; - for standard output")
    bundle.add_argument("--since", type=_day, required=True, metavar="DAY", help="from this day on, in UTC: 2026-03-01")
    bundle.add_argument("--until", type=_day, required=True, metavar="DAY", help="the last day of it")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it as 2026-03-01") from None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return int(text)


def _number(text: str) -> int:
    digits = text.removeprefix("#")
    if not _counts(digits):
        raise argparse.ArgumentTypeError(f"{text!r} is no ticket number: give one such as 12")
    return int(digits)


def _revision(text: str) -> int:
    if not _counts(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no revision's number: give one such as 3")
    return int(text)


def _counts(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) < 20 and 0 < int(digits) < 2**63
