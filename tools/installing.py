"""What the provision of programs stands on: installing them, and an account to run a server."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence


class Unavailable(Exception):
    """Something is missing; the message says what, and what to do about it."""


def say(text: str) -> None:
    print(f"provision: {text}", file=sys.stderr, flush=True)


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


@functools.cache
def refresh_package_lists() -> None:
    run_quietly(["apt-get", "-qq", "update"], what="apt-get update")


def install(*packages: str) -> None:
    say(f"installing {' '.join(packages)}")
    refresh_package_lists()
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    run_quietly(command, what=f"apt-get install {' '.join(packages)}")


def run_quietly(command: Sequence[str], *, what: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise Unavailable(f"{what} failed with exit code {done.returncode}:\n{last}")


def server_account() -> pwd.struct_passwd:
    """The account that runs the server: this one, or for root a powerless one, as PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable(
        "PostgreSQL does not run as root, and there is neither a 'postgres' nor a 'nobody' account: "
        "run as another account"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
