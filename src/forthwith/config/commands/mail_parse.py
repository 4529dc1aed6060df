"""`forthwith mail parse`: what the parser sees, one JSON a line; bytes that are no mail give an error line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from forthwith.channels.email.printed import answer


def run(asked: argparse.Namespace) -> int:
    """Parse the named files in order, or standard input."""
    for name in asked.files or ["-"]:
        # ASCII only: a terminal or pipe of any encoding takes it, and a name that is no text survives.
        print(json.dumps(_seen(name)))
    return 0


def _seen(name: str) -> dict[str, Any]:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        return {"file": name, "error": f"The file cannot be read: {error.strerror}."}
    return answer(raw, file=name)
