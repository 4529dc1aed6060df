"""Mail to committed ticket with queued acknowledgement, in one process, one mail after the other.

Mails of a few lines, of 0.05 MiB (a long formatted text), and with an attachment of 5 MiB.
"""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import databases
import suggestions

# How many of each size, and how many a second are asked for.
SIZES = {"": (600, 100), "0.05 MiB": (300, 100), "5 MiB": (40, 20)}
WARM_UP = 20
KNOWN = 1000
# What a help desk beside us does on such a machine: django-helpdesk.
NEXT_BEST = 64.0
MAIL = """\
From: {name} <{name}@customer.example>
To: support@desk.example
Subject: {subject}
Message-ID: <{number}@customer.example>
Date: Mon, 02 Mar 2026 10:00:00 +0000

Hello,

{text} This is request {number}. It is urgent for our team, please help.

Best regards
{name}
"""
TEXTS = (
    ("Printer prints blank pages", "The big laser printer on floor two prints only blank pages since this morning."),
    ("VPN drops", "The VPN connection drops every ten minutes when I work from home, also on another network."),
    ("Password expired", "My password expired over the weekend and the portal does not let me choose a new one."),
    ("Excel crashes", "Excel closes by itself whenever I open the budget file on the shared drive."),
)


def run() -> list[dict[str, Any]]:
    """One row for each database and size, and one for each database with a model that suggests."""
    rows = [_row(kind, size) for size in SIZES for kind in ("sqlite", "postgresql")]
    return [*rows, *(_row(kind, "", learnt=True) for kind in ("sqlite", "postgresql"))]


def _row(kind: str, size: str, *, learnt: bool = False) -> dict[str, Any]:
    name = f"mail{f' of {size}' if size else ''} to ticket, {kind}{', with a model' if learnt else ''}"
    row: dict[str, Any] = {"name": name, "value": None, "unit": "mails/s", "target": f">= {SIZES[size][1]}"}
    with databases.empty(kind) as variables:
        if variables is None:
            return {**row, "note": "no PostgreSQL server is named"}
        command = [sys.executable, str(Path(__file__)), size]
        if learnt and not suggestions.DATA.is_dir():
            return {**row, "note": f"no tickets to learn from at {suggestions.DATA}"}
        if learnt:
            subprocess.run([*command[:2], "learn"], env=variables, check=True)
        done = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, text=True)
        rate = float(json.loads(done.stdout.splitlines()[-1]))
    compared = {} if size == "5 MiB" else {"baseline": NEXT_BEST, "ratio": rate / NEXT_BEST}
    return {**row, "value": rate, **compared}


def prepare(now: datetime) -> None:
    """A migrated desk under the standard procedure, with agents who are there and a leader who is told of alarms."""
    import django

    django.setup()
    from django.core.management import call_command

    from forthwith.people.models import Address, Membership, Person
    from forthwith.people.permits import THE_SYSTEM
    from forthwith.procedure import document
    from forthwith.record import procedures

    call_command("migrate", verbosity=0)
    procedures.install(document.standard_text(), by=THE_SYSTEM, now=now)
    for name in ("amara", "jonas", "mateo"):
        agent = Person.objects.create_user(
            f"{name}@desk.example", name=name, role="agent", available=True, capacity=9999
        )
        Membership.objects.create(person=agent, team="service_desk")
    known = [Person(email=f"person{number}@customer.example", name=f"Person {number}") for number in range(KNOWN)]
    Person.objects.bulk_create(known)
    Address.objects.bulk_create(Address(person=person, address=person.email) for person in known)
    leader = Person.objects.create_user("lea@desk.example", name="lea", role="team_leader")
    Membership.objects.create(person=leader, team="service_desk", leads=True)


def learn() -> None:
    """A model of many choices for each of the three that are suggested, in the home of the desk that is measured."""
    import django

    django.setup()
    from forthwith.suggestions import kept, learning
    from forthwith.suggestions.examples import TARGETS, Example
    from forthwith.suggestions.vectors import bag_of, words_of

    found = [
        Example(number, bag_of(words_of(subject, text)), dict.fromkeys(TARGETS, group))
        for number, (subject, text, group) in enumerate(suggestions.it_tickets())
    ]
    learning.learn(found, kept.path(), least=5, head={"revision": 1}, told=lambda _: None)


def mail(number: int, size: str = "") -> bytes:
    """A mail from a person of its own, whom the desk knows."""
    subject, text = TEXTS[number % len(TEXTS)]
    made = MAIL.format(name=f"person{number}", subject=subject, text=text, number=number)
    if size == "0.05 MiB":
        made = _formatted(made)
    elif size == "5 MiB":
        made = _with_file(made, number)
    return made.replace("\n", "\r\n").encode()


def _formatted(made: str) -> str:
    """With the same in HTML as well, as Outlook would write it: most of such a mail is markup."""
    head, _, text = made.partition("\n\n")
    line = '<p class="MsoNormal" style="margin:0cm;font-size:11.0pt"><span lang="EN-GB">{}</span></p>\n'
    html = "".join(line.format(word) for word in (text.split() * 40)[:400])
    kind = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b"
    plain = f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    return f"{head}\n{kind}\n\n{plain}\n--b\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b--\n"


def _with_file(made: str, number: int, mebibytes: int = 5) -> str:
    head, _, text = made.partition("\n\n")
    content = random.Random(number).randbytes(mebibytes * 1024 * 1024)
    kind = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b"
    plain = f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    file = (
        'Content-Type: image/tiff\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="p.tif"'
    )
    return f"{head}\n{kind}\n\n{plain}\n--b\n{file}\n\n{base64.encodebytes(content).decode()}\n--b--\n"


def measure(size: str) -> float:
    """Mails a second."""
    from forthwith.channels.email import intake
    from forthwith.outbox.models import Outgoing
    from forthwith.record.models import Ticket

    for number in range(WARM_UP):
        intake.receive_mail(mail(number), sender="", recipients=[], now=NOW)
    count, took = SIZES[size][0], 0.0
    for number in range(WARM_UP, WARM_UP + count):
        made, now = mail(number, size), NOW + timedelta(seconds=number)
        start = time.perf_counter()
        intake.receive_mail(made, sender="", recipients=["support@desk.example"], now=now)
        took += time.perf_counter() - start
    assert Ticket.objects.count() == WARM_UP + count
    assert Outgoing.objects.filter(purpose="acknowledgement", state="queued").count() == WARM_UP + count
    return count / took


NOW = datetime.fromisoformat("2026-03-02T10:00:00+00:00")

if __name__ == "__main__":
    if sys.argv[1] == "learn":
        learn()
    else:
        prepare(NOW)
        print(json.dumps(measure(sys.argv[1])))
