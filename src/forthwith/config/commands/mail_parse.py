"""`forthwith mail parse`: what the parser sees, one JSON a line; bytes that are no mail give an error line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from forthwith.channels.email.printed import parse_files


def run(asked: argparse.Namespace) -> int:
    """Parse the named files in order, or standard input."""
    for name, raw in _given(asked.files):
        if isinstance(raw, OSError):
            _print({"file": name, "error": f"The file cannot be read: {raw.strerror}."})
            continue
        for seen in parse_files([(name, raw)]):
            _print(seen)
    return 0


def _given(names: list[str]) -> Iterator[tuple[str, bytes | OSError]]:
    for name in names or ["-"]:
        try:
            yield name, sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            yield name, error


def _print(seen: dict[str, object]) -> None:
    # ASCII only: a terminal or pipe of any encoding takes it, and lone surrogates survive.
    print(json.dumps(seen))
