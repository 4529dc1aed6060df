"""Runs: one of a kind at a time, for one worker alone, stopped by anybody, taken up again when its process died."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forthwith.record import results, runs
from forthwith.record.runs import Run

pytestmark = [pytest.mark.django_db, pytest.mark.sop("H1")]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + runs.SILENT_FOR + timedelta(seconds=1)


def asked() -> Run:
    run = runs.ask("replay", {"since": "x"}, by=None, now=NOW)
    assert run is not None
    return run


def claimed(now: datetime = NOW) -> Run:
    run = runs.claim(now)
    assert run is not None
    return run


def state(run: Run) -> str:
    return Run.objects.get(pk=run.pk).state


def test_one_of_a_kind_waits_or_goes_on() -> None:
    run = asked()
    assert runs.ask("replay", {}, by=None, now=NOW) is None
    assert runs.ask("another", {}, by=None, now=NOW) is not None
    assert claimed().pk == run.pk
    assert runs.ask("replay", {}, by=None, now=NOW) is None
    runs.stop("replay", run.pk, NOW)
    assert runs.ask("replay", {}, by=None, now=NOW) is not None


def test_it_is_one_workers_alone_until_its_process_has_died() -> None:
    asked()
    mine = claimed()
    runs.tell(mine, NOW, 3, 10)
    assert runs.claim(NOW + timedelta(seconds=30)) is None
    theirs = claimed(LATER)
    assert (theirs.pk, theirs.done, theirs.total) == (mine.pk, 0, None)
    with pytest.raises(runs.Stopped):
        runs.tell(mine, LATER, 4, 10)
    assert not runs.end(mine, LATER, summary={})
    assert runs.end(theirs, LATER, summary={"tickets": 1})
    assert state(mine) == Run.DONE


def test_one_that_gives_signs_of_life_is_left_alone() -> None:
    asked()
    run = claimed()
    assert runs.alive(run, LATER)
    assert runs.claim(LATER + timedelta(seconds=30)) is None


def test_a_stopped_one_stays_stopped_whatever_its_process_says() -> None:
    asked()
    run = claimed()
    assert runs.stop("replay", run.pk, NOW)
    assert not runs.stop("replay", run.pk, NOW)
    with pytest.raises(runs.Stopped):
        runs.tell(run, NOW, 1, 2)
    runs.give_back(run)
    assert not runs.goes_on(run)
    assert not runs.end(run, NOW, summary={})
    assert not runs.fail(run, NOW, "no")
    assert state(run) == Run.STOPPED
    assert runs.claim(LATER) is None


def test_one_that_waits_is_stopped_too_and_only_as_what_it_is() -> None:
    run = asked()
    assert not runs.stop("another", run.pk, NOW)
    assert runs.stop("replay", run.pk, NOW)
    assert runs.claim(NOW) is None


def test_given_back_it_waits_from_its_beginning() -> None:
    asked()
    run = claimed()
    runs.tell(run, NOW, 3, 10)
    runs.give_back(run)
    again = claimed()
    assert (again.pk, again.done, again.total) == (run.pk, 0, None)


def test_results_are_swept_after_their_time_and_none_half_written_is_left(settings: Any, tmp_path: Path) -> None:
    settings.FILES = tmp_path
    old, young = results.keep([b"a", b"b"]), results.keep([b"c"])
    assert results.path_of(old).read_bytes() == b"ab"
    long_ago = (NOW - results.KEPT_FOR - timedelta(days=1)).timestamp()
    os.utime(results.path_of(old), (long_ago, long_ago))
    os.utime(results.path_of(young), (NOW.timestamp(), NOW.timestamp()))
    assert results.sweep(NOW) == 1
    assert [path.name for path in (tmp_path / "results").iterdir()] == [young]

    def breaks() -> Any:
        yield b"d"
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        results.keep(breaks())
    assert [path.name for path in (tmp_path / "results").iterdir()] == [young]
