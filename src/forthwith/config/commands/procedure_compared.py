"""`forthwith procedure diff A B`: how two procedures differ, in words, as YAML lines or as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from contextlib import nullcontext
from itertools import groupby
from typing import TYPE_CHECKING

from forthwith.config.cli import WRONG_USE, Complaint
from forthwith.config.commands.procedure import read_text
from forthwith.config.commands.ticket import tell
from forthwith.config.ready import set_up_desk

if TYPE_CHECKING:
    from forthwith.procedure.difference import Difference
    from forthwith.procedure.model import Procedure

IN_FORCE = "in-force"


def run(asked: argparse.Namespace) -> int:
    """Print what differs; 0 when nothing does, 1 when something does, 2 when they cannot be compared."""
    from forthwith.procedure.differences import differences, yaml_lines

    old, new = _both(asked.old, asked.new)
    found = differences(old, new)
    if asked.json:
        print(json.dumps([_as_json(one) for one in found], indent=1))
    elif asked.yaml:
        tell(yaml_lines(old, new))
    else:
        tell(in_words(found) or ["They say the same."])
    return 1 if found else 0


def in_words(found: Iterable[Difference]) -> list[str]:
    """Each difference as a sentence below the title of its section, with the lines of a text that changed."""
    from forthwith.procedure.terms import SECTIONS

    lines: list[str] = []
    for section, several in groupby(found, key=lambda one: one.section):
        lines.append(SECTIONS[section])
        for one in several:
            lines += [f"  {one.words}", *(f"    {line}" for line in one.lines if line[0] in "+-")]
    return lines


def _as_json(one: Difference) -> dict[str, object]:
    return {
        "path": list(one.path),
        "section": one.section,
        "kind": one.kind,
        "words": one.words,
        "lines": list(one.lines),
    }


def _both(*names: str) -> list[Procedure]:
    """The two procedures. Whatever is in the way of comparing them is wrong use, as with diff(1)."""
    if names == ("-", "-"):
        raise Complaint("Only one of the two can be standard input.", WRONG_USE)
    try:
        with set_up_desk() if any(map(_is_of_the_desk, names)) else nullcontext():
            return [_read(name) for name in names]
    except Complaint as wrong:
        raise Complaint(str(wrong), WRONG_USE) from None


def _is_of_the_desk(name: str) -> bool:
    return name == IN_FORCE or (name.isascii() and name.isdigit() and len(name) < 19)


def _read(name: str) -> Procedure:
    from forthwith.procedure import document

    if _is_of_the_desk(name):
        from forthwith.record import procedures

        if name == IN_FORCE:
            return procedures.current()
        text_of(int(name))
        return procedures.load(int(name))
    try:
        return document.read(read_text(name))
    except document.ProcedureError as wrong:
        raise Complaint(f"{name} is no procedure:\n{wrong}") from None


def text_of(number: int) -> str:
    """The text of a revision as it was installed. Raises Complaint when there is none of that number."""
    from forthwith.record import procedures

    try:
        return procedures.text_of(number)
    except procedures.NoRevision:
        raise Complaint(f"There is no revision {number}; the one in force is {procedures.in_force().pk}.") from None
