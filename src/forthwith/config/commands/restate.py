"""`forthwith restate --revision N --since DATE --reason TEXT`: the past judged anew under a revision (SOP H1)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from forthwith.config.cli import WRONG_USE, Complaint
from forthwith.config.commands.replay import progress_of
from forthwith.config.commands.ticket import tell
from forthwith.config.ready import set_up_desk


def run(asked: argparse.Namespace) -> int:
    """Restate, here and now, and print what turned. Reports can use it like one that was asked for on the page."""
    if asked.until is not None and asked.until < asked.since:
        raise Complaint(f"The period ends before it begins: {asked.until} is before {asked.since}.", WRONG_USE)
    if not asked.reason.strip():
        raise Complaint("--reason: say what was wrong, for whoever reads a restated report.", WRONG_USE)
    with set_up_desk():
        from django.utils import timezone

        from forthwith.record.judgements import Restatement
        from forthwith.record.models import Revision

        revision = Revision.objects.filter(pk=asked.revision).defer("text").first()
        if revision is None:
            raise Complaint(f"There is no revision {asked.revision}.", WRONG_USE)
        now = timezone.now()
        since = datetime.combine(asked.since, time(), UTC)
        until = datetime.combine(asked.until + timedelta(days=1), time(), UTC) if asked.until else now
        one = Restatement(revision=revision, since=since, until=until, reason=asked.reason.strip())
        found = _restated(one, now, asked)
    if asked.json:
        print(json.dumps(found, indent=1))
    else:
        tell(_in_words(found))
    return 0


def _restated(one: Any, now: datetime, asked: argparse.Namespace) -> dict[str, Any]:
    from django.utils import timezone

    from forthwith.record import restatements, runs
    from forthwith.record.reports import Scope
    from forthwith.steps import restating

    run = restatements.ask(one, None, now, here=True)
    if run is None:
        raise Complaint("Another restatement waits or goes on. Stop it at /restatements/, or wait until it is done.")
    try:
        restating.do(run, timezone.now, progress_of(asked))
    except runs.Stopped:
        raise Complaint("Somebody stopped it. No report uses what it had done.") from None
    except BaseException:
        # Whoever interrupts it leaves none behind that a worker would take up.
        runs.stop(restatements.KIND, run.pk, timezone.now())
        raise
    run.refresh_from_db()
    turned = restatements.turned(Scope(one.since, one.until, restatement=one.pk))
    period = {"since": one.since.isoformat(), "until": one.until.isoformat()}
    by_step = {step: {"saved": of.saved, "lost": of.lost} for step, of in turned.items()}
    return {"restatement": one.pk, "revision": one.revision_id, **period, **run.summary, "turned": by_step}


def _in_words(found: dict[str, Any]) -> Iterator[str]:
    number, revision = found["restatement"], found["revision"]
    yield f"Restatement {number}: {found['restated']} tickets judged anew under revision {revision}."
    if found["open"]:
        yield f"Open, and left out: {found['open']}. Move them to the revision instead."
    if found["unreadable"]:
        yield f"Not read: {found['unreadable']}. `forthwith verify` says what is wrong with them."
    if not found["turned"]:
        yield "No step turned."
    for step, of in found["turned"].items():
        yield f"{step}: late or missing before, met now: {of['saved']}; met before, late or missing now: {of['lost']}"
