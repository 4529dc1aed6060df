"""Asking the virus scanner: clamd's INSTREAM command over a socket, within a time."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096


class Unreachable(OSError):
    """The scanner did not answer, or not in time; nothing is known about the file."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the scanner said: a virus by its name, or why it could not look; both empty for a clean file."""

    virus: str = ""
    trouble: str = ""


def scan(path: Path, *, at: tuple[str, int] | Path, within_s: float) -> Answer:
    """Have the file at `path` looked at by the clamd `at` a host and port or a socket's path. Raises Unreachable."""
    until = time.monotonic() + within_s
    try:
        with _connected(at, within_s) as line, path.open("rb") as file:
            # A scanner whose limit is passed says so and hangs up in the middle: its answer is still there to be read.
            with suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(b"zINSTREAM\0")
                while piece := file.read(_PIECE):
                    line.settimeout(_left(until))
                    line.sendall(struct.pack("!L", len(piece)) + piece)
                line.sendall(struct.pack("!L", 0))
            return _read(_heard(line, until))
    except OSError as error:
        raise Unreachable(f"The virus scanner did not answer: {error}") from error


def _connected(at: tuple[str, int] | Path, within_s: float) -> socket.socket:
    if not isinstance(at, Path):
        return socket.create_connection(at, timeout=within_s)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(within_s)
    try:
        line.connect(str(at))
    except OSError:
        line.close()
        raise
    return line


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _heard(line: socket.socket, until: float) -> str:
    heard = b""
    while b"\0" not in heard and len(heard) < _LONGEST_ANSWER:
        line.settimeout(_left(until))
        more = line.recv(_LONGEST_ANSWER)
        if not more:
            break
        heard += more
    if not heard:
        raise ConnectionError("it hung up without a word")
    return heard.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _read(said: str) -> Answer:
    """`stream: OK`, `stream: <name> FOUND`, or a sentence that ends in `ERROR`."""
    if said == "stream: OK":
        return Answer()
    if said.endswith(" FOUND"):
        return Answer(virus=said.removeprefix("stream: ").removesuffix(" FOUND")[:200] or "unnamed")
    return Answer(trouble=said[:200])
