"""`forthwith mail parse`: what the parser sees, one JSON a line; bytes that are no mail give an error line."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from forthwith.channels.email.printed import answer
from forthwith.config import environment
from forthwith.config.ready import django_ready

_LIKE_OURS = re.compile(r"t\d+\.[0-9a-f]+\.", re.ASCII | re.IGNORECASE)


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
    return answer(raw, file=name, is_ours=_is_ours)


def _is_ours(mail_id: str) -> bool:
    """Whether the desk in this home issued a Message-ID; without a desk, none is."""
    # Django takes most of a second to load, and only a signature of this shape needs it.
    if not _LIKE_OURS.match(mail_id) or not (environment.read().home / "secret").exists():
        return False
    django_ready()
    from forthwith.record import links

    return links.read_mail_id(mail_id) is not None
