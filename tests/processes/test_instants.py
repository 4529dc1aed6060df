"""A target that is missed escalates by itself within a second of its instant, whatever else hangs (SOP 5.1)."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.processes.desks import RunningDesk, wait_until
from tests.worker.relay import Relay, running

FIVE_SECONDS = Path(__file__).resolve().parents[2] / "examples" / "procedures" / "five-seconds.yaml"
CRITICAL = (
    b"From: Rui <rui@customer.example>\r\nTo: support@desk.example\r\nSubject: The whole company is down\r\n"
    b"Message-ID: <down@customer.example>\r\n\r\n"
    b"The whole company is down since nine, nobody can work. It is critical.\r\n"
)


@pytest.mark.sop("5.1")
def test_a_critical_mail_escalates_within_a_second_while_the_relay_hangs(running_desk: RunningDesk) -> None:
    running_desk.run("init", "--procedure", str(FIVE_SECONDS))
    hanging = Relay(slow=threading.Event())
    with running(hanging):
        running_desk.variables["FORTHWITH_SMTP_URL"] = f"smtp://127.0.0.1:{hanging.port}"
        worker = running_desk.start("worker")
        command = [sys.executable, "-m", "forthwith", "mail", "receive"]
        subprocess.run(command, env=running_desk.variables, input=CRITICAL, capture_output=True, check=True)
        wait_until(lambda: hanging.connections, 20, "the worker hangs on the relay")
        wait_until(lambda: breached(running_desk), 30, "the breach of the first response is escalated")
        assert hanging.taken == []
        ticket = running_desk.json("ticket", "show", "1", "--json")
        assert hanging.slow is not None
        hanging.slow.set()
        worker.terminate()
        assert worker.wait(15) == 0
    assert ticket["priority"] == "critical"
    rungs = [
        fact for fact in ticket["facts"] if fact["kind"] == "Escalated" and fact["data"]["clock"] == "first_response"
    ]
    clock = next(clock for clock in ticket["clocks"] if clock["name"] == "first_response")
    assert clock["target_s"] == 5
    for fact in rungs:
        late = datetime.fromisoformat(fact["noted_at"]) - datetime.fromisoformat(fact["at"])
        assert timedelta(0) <= late < timedelta(seconds=1), fact


def breached(desk: RunningDesk) -> list[Any]:
    ticket = desk.json("ticket", "show", "1", "--json")
    due = next(clock["due_at"] for clock in ticket["clocks"] if clock["name"] == "first_response")
    return [fact for fact in ticket["facts"] if fact["kind"] == "Escalated" and fact["at"] >= due]
