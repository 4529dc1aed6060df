"""The other processes of a replay. This loads no model until Django is set up: a new process reads it first."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from multiprocessing.connection import wait
from typing import Any

import django

Range = tuple[int, int]
_AHEAD = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """What to replay: a text that is a procedure, and tickets received in `[since, until)`, as of `now`.

    Hours of the week are those of a time zone.
    """

    text: str
    since: datetime
    until: datetime
    now: datetime
    zone: str = "UTC"


def parts(asked: Asked, ranges: Sequence[Range], processes: int) -> Iterator[Any]:
    """What `replaying.Part` says of each range, in their order. Raises BrokenProcessPool when a process has died."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(asked,))
    try:
        waiting = [pool.submit(_of_range, one) for one in ranges[:_AHEAD]]
        for one in (*ranges[_AHEAD:], *[None] * len(waiting)):
            # No more is done ahead than this, so that no results pile up here.
            first = waiting.pop(0)
            yield first.result()
            if one is not None:
                waiting.append(pool.submit(_of_range, one))
    finally:
        pool.shutdown(cancel_futures=True)


_part: Callable[[Range], Any] | None = None


def _begin(asked: Asked) -> None:
    """The beginning of such a process: it ends with the one that began it, which alone hears Ctrl-C."""
    global _part  # noqa: PLW0603 (a pool gives its processes no other place)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()
    _part = import_module("forthwith.steps.replaying").Part(asked)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _of_range(numbers: Range) -> Any:
    if _part is None:
        raise RuntimeError("this process was not begun")
    return _part(numbers)
