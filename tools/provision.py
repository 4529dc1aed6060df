"""Provides what the tests need beside Python, runs a command with it, and takes it away again.

    python tools/provision.py --postgresql --dovecot --chromium -- COMMAND ...

The command finds a PostgreSQL server in `FORTHWITH_TEST_POSTGRES_URL`, an IMAP server in `FORTHWITH_TEST_IMAP` and a
browser in `FORTHWITH_TEST_CHROMIUM`. Each variable, when set beforehand, is taken as it is. Otherwise the servers are
throw-away ones in temporary folders, reached on 127.0.0.1 alone with a random password, and gone when the command
ends. Missing programs are installed by apt-get where that is possible (root on Debian or Ubuntu).
Without a command it prints the variables and keeps the server until Ctrl-C. Standard library only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from dovecot_server import IMAP_VARIABLE, dovecot
from installing import Unavailable, can_install, install, say
from postgresql_server import POSTGRES_VARIABLE, postgresql

CHROMIUM_VARIABLE = "FORTHWITH_TEST_CHROMIUM"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """The path of a browser that the tests can drive."""
    given = os.environ.get(CHROMIUM_VARIABLE)
    if given:
        return given
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and can_install():
        # The browser without its own windows, which is quicker; without a font every letter is an empty box.
        install(BROWSERS[0], "fonts-dejavu-core")
        found = shutil.which(BROWSERS[0])
    if found is None:
        raise Unavailable(
            "no Chromium on PATH; install it (on Debian: apt-get install chromium), "
            f"or set {CHROMIUM_VARIABLE} to the browser's path"
        )
    say(f"Chromium at {found}")
    return found


def run(command: Sequence[str], environment: dict[str, str]) -> int:
    """The exit code of `command`; a SIGTERM is handed on to it, and waited for."""
    process = subprocess.Popen(command, env={**os.environ, **environment})

    def hand_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGTERM, hand_on)
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue
        return code if code >= 0 else 128 - code


def stay(environment: dict[str, str]) -> int:
    for name, value in environment.items():
        print(f"export {name}={value}", flush=True)
    say("Ctrl-C ends it")
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--postgresql", action="store_true", help=f"a server, in {POSTGRES_VARIABLE}")
    parser.add_argument("--dovecot", action="store_true", help=f"an IMAP server, in {IMAP_VARIABLE}")
    parser.add_argument("--chromium", action="store_true", help=f"a browser, in {CHROMIUM_VARIABLE}")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- and the command with its arguments")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    command = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
    environment = {}
    with contextlib.ExitStack() as stack:
        if asked.chromium:
            environment[CHROMIUM_VARIABLE] = chromium()
        if asked.postgresql:
            environment[POSTGRES_VARIABLE] = stack.enter_context(postgresql())
        if asked.dovecot:
            environment[IMAP_VARIABLE] = stack.enter_context(dovecot())
        return run(command, environment) if command else stay(environment)


def end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    # Until a command runs, an end by signal must still take the server down.
    signal.signal(signal.SIGTERM, end)
    try:
        sys.exit(main())
    except Unavailable as missing:
        sys.exit(f"provision: {missing}")
    except KeyboardInterrupt:
        sys.exit(130)
