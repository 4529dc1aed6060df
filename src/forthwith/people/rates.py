"""How often somebody may do a thing. Kept in the memory of the process: it stops floods, no more."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque

WINDOW_S = 600.0
MOST_KEYS = 10_000


class Limit:
    """A number of goes in any window, for each key. Instants are seconds of a monotonic clock."""

    def __init__(self, most: int, window_s: float = WINDOW_S) -> None:
        self._most = most
        self._window_s = window_s
        self._goes: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, key: str, *, at: float) -> bool:
        """Whether there may be one more now; if so it is counted."""
        with self._lock:
            goes = self._goes.setdefault(key, deque())
            self._goes.move_to_end(key)
            self._forget_old(goes, at)
            if len(goes) >= self._most:
                return False
            goes.append(at)
            while len(self._goes) > MOST_KEYS:
                self._goes.popitem(last=False)
            return True

    def is_spent(self, key: str, *, at: float) -> bool:
        """Whether there may be no more now; nothing is counted."""
        with self._lock:
            goes = self._goes.get(key, deque())
            self._forget_old(goes, at)
            return len(goes) >= self._most

    def _forget_old(self, goes: deque[float], at: float) -> None:
        while goes and goes[0] <= at - self._window_s:
            goes.popleft()

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._goes.clear()
