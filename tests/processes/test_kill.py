"""Processes that are killed at any point lose no mail and double no ticket (SOP 1.2)."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import smtplib
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.processes.desks import POSTGRESQL, RunningDesk, listens, wait_until
from tests.worker.relay import Relay, running

# Two thousand in the suite, most of them on one database: they take a minute. `make endure` sends 100,000 on each.
MAILS = int(os.environ.get("FORTHWITH_TEST_KILLED_MAILS", "500" if POSTGRESQL else "2000"))
SENDERS = 4
BETWEEN_KILLS_S = (0.5, 4.0)
# A machine that is busy with other things takes several times as long.
PATIENCE_S = 60 + MAILS * 0.2

# What the outbox and the raw items say, read by a process of its own as the desk's database is not the suite's.
_BOOKS = """
import django, json; django.setup()
from collections import Counter
from forthwith.outbox.models import Outgoing
from forthwith.record.models import Entry, RawItem, Ticket
acknowledgements = Outgoing.objects.filter(purpose="acknowledgement")
print(json.dumps({
    "subjects": sorted(Ticket.objects.values_list("subject", flat=True)),
    "kept": RawItem.objects.filter(outcome="kept").count(),
    "doubled": [n for n, c in Counter(acknowledgements.values_list("ticket_id", flat=True)).items() if c > 1],
    "acknowledgements": acknowledgements.count(),
    "waiting": acknowledgements.filter(state="queued", leased_until=None).count(),
    "failed": list(acknowledgements.filter(state="failed").values_list("error", flat=True)),
    "sent": acknowledgements.filter(state="sent").count(),
    "acknowledged": Entry.objects.filter(kind="Acknowledged").count(),
}))
"""


def mail(number: int) -> bytes:
    return (
        f"From: p{number}@customer.example\r\nTo: support@desk.example\r\nSubject: request {number}\r\n"
        f"Message-ID: <{number}@customer.example>\r\n\r\nThe printer on floor {number} prints blank pages.\r\n"
    ).encode()


class Mta(threading.Thread):
    """Delivers its mails one after the other, each again and again until it is answered 250."""

    def __init__(self, desk: RunningDesk, numbers: list[int], stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self.desk, self.numbers, self.stopping = desk, numbers, stopping
        self.accepted = 0

    def run(self) -> None:
        for number in self.numbers:
            while not self._deliver(number):
                if self.stopping.wait(0.05):
                    return
            self.accepted += 1

    def _deliver(self, number: int) -> bool:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            with smtplib.SMTP("127.0.0.1", self.desk.mail_port, timeout=10) as client:
                client.sendmail(f"p{number}@customer.example", "support@desk.example", mail(number))
            return True
        return False


class Killer:
    """Keeps a process running, and kills it when told to."""

    def __init__(self, desk: RunningDesk, command: str) -> None:
        self.desk, self.command = desk, command
        self.process = desk.start(command)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = self.desk.start(self.command)


@pytest.mark.sop("1.2")
@pytest.mark.sop("2.2")
def test_killed_at_any_point_every_accepted_mail_is_exactly_one_ticket(running_desk: RunningDesk) -> None:
    seed = random.randrange(10**6)
    stopping = threading.Event()
    with running(Relay()) as relay:
        running_desk.variables["FORTHWITH_SMTP_URL"] = f"smtp://127.0.0.1:{relay.port}"
        receiver, worker = Killer(running_desk, "receiver"), Killer(running_desk, "worker")
        wait_until(lambda: listens(running_desk.mail_port), 20, "the receiver listens")
        mtas = [Mta(running_desk, list(range(n, MAILS, SENDERS)), stopping) for n in range(SENDERS)]
        for mta in mtas:
            mta.start()
        kills = _kill_while_mail_comes(mtas, receiver, worker, random.Random(seed))
        stopping.set()
        assert sum(mta.accepted for mta in mtas) == MAILS, f"seed {seed}"
        # What a killed worker had claimed stays leased for some minutes; all else must have left.
        wait_until(lambda: books(running_desk)["waiting"] == 0, PATIENCE_S, f"the outbox is empty (seed {seed})")
        receiver.process.terminate()
        worker.process.terminate()
        # One that was killed last may still be starting, and then dies of the signal itself.
        ended = {receiver.process.wait(10), worker.process.wait(10)}
        assert ended <= {0, -signal.SIGTERM}
    after = books(running_desk)
    assert after["subjects"] == sorted(f"request {n}" for n in range(MAILS)), seed
    assert after["kept"] == 0, seed
    assert (after["doubled"], after["acknowledgements"]) == ([], MAILS), seed
    assert after["failed"] == [], seed
    assert after["acknowledged"] == after["sent"], seed
    assert MAILS - kills <= after["sent"] <= MAILS, seed
    running_desk.run("verify", "--quiet")


def _kill_while_mail_comes(mtas: list[Mta], receiver: Killer, worker: Killer, chance: random.Random) -> int:
    """Kill one of the two every few seconds until all mail is accepted; how often."""
    until, kills = time.monotonic() + PATIENCE_S, 0
    while any(mta.is_alive() for mta in mtas):
        assert time.monotonic() < until, f"{sum(mta.accepted for mta in mtas)} of {MAILS} accepted"
        pause = threading.Event()
        pause.wait(chance.uniform(*BETWEEN_KILLS_S))
        chance.choice([receiver, worker]).kill()
        kills += 1
    return kills


def books(desk: RunningDesk) -> dict[str, object]:
    import json

    variables = {**desk.variables, "DJANGO_SETTINGS_MODULE": "forthwith.config.settings"}
    done = subprocess.run([sys.executable, "-c", _BOOKS], env=variables, capture_output=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_worker_that_is_told_to_stop_finishes_the_mail_at_hand(running_desk: RunningDesk, tmp_path: Path) -> None:
    relay = Relay(slow=threading.Event())
    with running(relay):
        running_desk.variables["FORTHWITH_SMTP_URL"] = f"smtp://127.0.0.1:{relay.port}"
        letter = tmp_path / "mail.eml"
        letter.write_bytes(mail(1))
        with letter.open("rb") as given:
            command = [sys.executable, "-m", "forthwith", "mail", "receive"]
            subprocess.run(command, env=running_desk.variables, stdin=given, capture_output=True, check=True)
        worker = running_desk.start("worker")
        wait_until(lambda: relay.connections, 20, "the worker begins to send")
        worker.terminate()
        assert relay.slow is not None
        relay.slow.set()
        assert worker.wait(10) == 0
    after = books(running_desk)
    assert (after["sent"], after["acknowledged"]) == (1, 1)
