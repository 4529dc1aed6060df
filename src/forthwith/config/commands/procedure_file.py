"""`forthwith procedure export|pdf|import FILE`: a revision as a file, and a file as the procedure in force."""

from __future__ import annotations

import argparse

from forthwith.config.cli import Complaint
from forthwith.config.commands.procedure import read_text
from forthwith.config.commands.procedure_compared import in_words, text_of
from forthwith.config.commands.ticket import tell
from forthwith.config.ready import set_up_desk
from forthwith.config.written import write


def export(asked: argparse.Namespace) -> int:
    """Write a revision to a file as it was installed, its comments too."""
    with set_up_desk():
        from forthwith.record import procedures

        write(asked.file, [text_of(asked.revision or procedures.in_force().pk).encode()])
    return 0


def pdf(asked: argparse.Namespace) -> int:
    """Write a revision as a PDF that people read and print."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.floor.procedure_files import TEMPLATE, paper
        from forthwith.record import procedures, revisions
        from forthwith.ui.printing import NotPrinted, NotThere, printed

        number = asked.revision or procedures.in_force().pk
        found = revisions.one(number)
        if found is None:
            raise Complaint(f"There is no revision {number}; the one in force is {procedures.in_force().pk}.")
        try:
            content = printed(paper(found, timezone.now()), TEMPLATE, instead="Use 'procedure export' instead.")
        except (NotThere, NotPrinted) as failed:
            raise Complaint(str(failed)) from None
        write(asked.file, [content])
    return 0


def take_in(asked: argparse.Namespace) -> int:
    """Install a file as the procedure in force, and say before what that changes; 1 when it is no procedure."""
    from forthwith.procedure import document

    text = read_text(asked.file)
    try:
        new = document.read(text)
    except document.ProcedureError as wrong:
        raise Complaint(f"{asked.file} is no procedure:\n{wrong}") from None
    with set_up_desk():
        from django.utils import timezone

        from forthwith.people.permits import THE_SYSTEM
        from forthwith.procedure.differences import differences
        from forthwith.record import procedures

        before = procedures.in_force().pk
        found = differences(procedures.load(before), new)
        if not found:
            print(f"Nothing changed: {asked.file} says what revision {before} says, which stays in force.")
            return 0
        tell([f"What changes from revision {before}:", "", *in_words(found), ""])
        now = timezone.now()
        installed = procedures.install(text, by=THE_SYSTEM, now=now, note=asked.why.strip())
        print(f"Revision {installed.pk} is in force, installed from {asked.file}.")
        print("Nobody reviewed it: the history of revisions says that it came from the command line.")
        for planned in procedures.planned(now):
            begins = f"{planned.effective_at:%Y-%m-%d %H:%M} UTC"
            print(f"Revision {planned.pk} is planned for {begins}: it replaces this one then, and lacks its changes.")
    return 0
