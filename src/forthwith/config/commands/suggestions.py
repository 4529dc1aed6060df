"""`forthwith suggestions train|show|try`: what is learnt from closed tickets (SOP 3.1, 3.2, 4.2)."""

from __future__ import annotations

import argparse
import json
import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from forthwith.config.cli import Complaint
from forthwith.config.commands.procedure import read_text
from forthwith.config.commands.ticket import tell
from forthwith.config.ready import set_up_desk
from forthwith.procedure.said import say

if TYPE_CHECKING:
    from forthwith.procedure.model import Procedure
    from forthwith.steps.suggested import Suggested
    from forthwith.suggestions.models import Training

_NICE = 15
NAMES = {"category": "Category", "priority": "Priority", "team": "Team"}
NO_MODEL = "Nothing is learnt yet: the procedure's words suggest alone. Learn with: forthwith suggestions train"


def train(asked: argparse.Namespace) -> int:
    """Learn now. The model before stays in use until the new one is there, and if anything goes wrong."""
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record import procedures
        from forthwith.suggestions import kept

        procedure = procedures.current()
        if not kept.can_learn():
            raise Complaint(kept.NEEDS)
        _stand_back(queued=asked.training is not None)
        # Loading takes seconds: first, so that who stops it then leaves nothing claimed.
        from forthwith.suggestions import teaching

        training = _training(asked.training)
        if not teaching.run(training, procedure, clock=timezone.now, told=lambda line: tell([line])):
            return 1
    return show(argparse.Namespace(json=False))


def _stand_back(*, queued: bool) -> None:
    """One core; and behind all else where nobody waits for it: alarms and pages go first."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if queued:
        os.nice(_NICE)
    else:
        # No worker looks after this one: also when it is told to end, what it had begun is noted as stopped.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _training(number: int | None) -> Training:
    """The one that a worker has claimed, or one of our own."""
    from django.utils import timezone

    from forthwith.suggestions import trainings
    from forthwith.suggestions.models import Training

    if number is not None:
        found = Training.objects.filter(pk=number, state=Training.GOING).first()
        if found is None:
            raise Complaint(f"There is no training {number} that is going on.")
        return found
    trainings.ask(timezone.now(), by=None, why=say("asked for at the terminal"))
    claimed = trainings.claim(timezone.now())
    if claimed is None:
        raise Complaint("Somebody is learning already. Wait until that is done: forthwith suggestions show")
    return claimed


def show(asked: argparse.Namespace) -> int:
    """Print the model with its measures."""
    with set_up_desk():
        from forthwith.record import procedures
        from forthwith.suggestions import kept

        procedures.in_force()
        model, trouble = kept.model(), kept.trouble()
    if model is None:
        raise Complaint(trouble or NO_MODEL)
    head = model.head
    if asked.json:
        kept_back = ("arrays", "targets", "digest", "size", "order")
        print(json.dumps({name: value for name, value in head.items() if name not in kept_back}, indent=1))
        return 0
    lines = [f"Model {head['revision']}, learnt {head['learnt_at'][:16]} from {head['tickets']} closed tickets."]
    for target, found in head["measures"].items():
        lines += _measured(target, found)
    tell(lines)
    return 0


def _measured(target: str, found: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{NAMES[target]}: on the newest {found['tickets']} tickets {found['top1']:.1%} right at once, "
        f"{found['top3']:.1%} among three; {found['coverage']:.1%} of them can be had with 9 of 10 right."
    )
    for choice, tickets, precision, recall in found["lines"]:
        shares = [f"{share:>5.0%}" if share is not None else "    -" for share in (precision, recall)]
        yield f"   {choice:<36} {tickets:>6} tickets   precision {shares[0]}   recall {shares[1]}"


def try_it(asked: argparse.Namespace) -> int:
    """Print what is suggested for a text, and why; nothing is kept."""
    with set_up_desk():
        from forthwith.record import procedures
        from forthwith.steps import suggested, triage
        from forthwith.suggestions import kept

        procedure = procedures.current()
        subject, _, text = read_text("-").partition("\n")
        found = suggested.for_text(procedure, subject, text)
        decided = triage.suggest(procedure, subject, text)
        learnt = kept.model() is not None
    priority = procedure.priority_for(decided.impact, decided.urgency)
    if asked.json:
        print(json.dumps(_as_data(found) | {"decided": {"category": decided.category, "priority": priority}}, indent=1))
        return 0
    lines = [] if learnt else [kept.trouble() or NO_MODEL]
    lines += [line for target in NAMES for line in _tried(procedure, found, target)] if learnt else []
    lines.append(f"A ticket would begin as {decided.category} ({decided.category_why}),")
    lines.append(f"   {priority}, {decided.impact} and {decided.urgency} ({decided.priority_why}).")
    tell(lines)
    return 0


def _as_data(found: Suggested) -> dict[str, Any]:
    return {
        target: [
            {"choice": one.choice, "confidence": one.confidence, "words": list(one.words)}
            for one in found.guesses.get(target, ())
        ]
        for target in NAMES
    }


def _tried(procedure: Procedure, found: Suggested, target: str) -> Iterator[str]:
    best = found.best(target)
    if best is None:
        yield f"{NAMES[target]}: nothing that is {procedure.suggestions.suggest_from} % sure."
        return
    yield f"{NAMES[target]}: {best.choice} ({found.because(best)})"
    for other in found.guesses[target][1:]:
        yield f"   or {other.choice}, {other.confidence} %"
