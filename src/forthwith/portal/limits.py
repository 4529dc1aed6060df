"""How often a link, or an address, may send something."""

from __future__ import annotations

from forthwith.people.rates import MOST_KEYS, WINDOW_S, Limit

__all__ = ["MOST_KEYS", "PER_ADDRESS", "PER_LINK", "WINDOW_S", "Limit", "by_address", "by_link"]

PER_LINK = 30
PER_ADDRESS = 300

by_link = Limit(PER_LINK)
by_address = Limit(PER_ADDRESS)
