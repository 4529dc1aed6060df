"""A home of its own for each desk that the `forthwith` command is tried on, and a mail to send to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

MAIL = b"""\
From: Rui Silva <rui@customer.example>
To: support@desk.example
Subject: Printer prints blank pages
Message-ID: <%s@customer.example>

The big laser printer on floor two prints only blank pages since this morning. It is urgent, please help.
"""


class Home:
    """A home of its own, and the command run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {"FORTHWITH_HOME": str(folder / "home")}

    def run(self, *arguments: str, stdin: bytes | str = b"", **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FORTHWITH_")}
        done = subprocess.run(
            [sys.executable, "-m", "forthwith", *arguments],
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            env={**kept, **self.variables, **variables},
            capture_output=True,
            timeout=60,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err + out, err + out
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def shell(self, line: str, *, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        """The command as a shell line, for what is done to its standard streams."""
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {sys.executable} -m forthwith {line}"],
            input=stdin,
            env={"PATH": os.environ["PATH"], **self.variables},
            capture_output=True,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def json(self, *arguments: str, stdin: bytes | str = b"") -> object:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def receive(self, name: str = "one") -> dict[str, object]:
        found = self.json("mail", "receive", stdin=MAIL % name.encode())
        assert isinstance(found, dict)
        return found
