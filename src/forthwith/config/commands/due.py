"""`forthwith due`: questions of business time from standard input, answers on standard output."""

from __future__ import annotations

import argparse
import io
import sys

from forthwith.procedure.due import answer_lines


def run(asked: argparse.Namespace) -> int:
    """Answer each line as it comes."""
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    for answer in answer_lines(lines):
        print(answer)
    return 0
