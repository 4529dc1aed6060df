"""How often a link, or an address, may send something."""

from __future__ import annotations

from forthwith.people.rates import Limit

PER_LINK = 30
PER_ADDRESS = 300

by_link = Limit(PER_LINK)
by_address = Limit(PER_ADDRESS)
