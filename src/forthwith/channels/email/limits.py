"""How much of the receiver each sender may take, so that none can take it from the others (SOP 1.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address

MIB = 1024 * 1024
LARGEST_MAIL = 35 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Counts, bytes and seconds.

    `idle_s` is how long a connection may go on without handing over a mail, whatever else it says; `data_s` how long
    one mail may take; `in_flight` how many bytes of mail may be in memory at once, over all connections.
    """

    connections: int = 50
    per_peer: int = 10
    mails_a_minute: int = 300
    recipients: int = 100
    largest: int = LARGEST_MAIL
    in_flight: int = 128 * MIB
    first_word_s: float = 30
    silence_s: float = 120
    idle_s: float = 300
    data_s: float = 900


class Shares:
    """Who is connected, how many mails each peer began this minute, and how many bytes are in memory.

    `clock` gives seconds that only grow. Used from one event loop.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.held = 0
        self._clock = clock
        self._connected: dict[object, str] = {}
        self._minute = -1
        self._mails: Counter[str] = Counter()

    def enter(self, connection: object, group: str) -> bool:
        """Count a connection of this `peer_group`; False when there is no room for it."""
        if len(self._connected) >= self.limits.connections:
            return False
        if group and sum(other == group for other in self._connected.values()) >= self.limits.per_peer:
            return False
        self._connected[connection] = group
        return True

    def leave(self, connection: object) -> None:
        """Give a connection's place back; harmless when it had none."""
        self._connected.pop(connection, None)

    def may_begin(self, connection: object) -> bool:
        """Count one more mail of this connection's peer; False when it has had its share of this minute."""
        group = self._connected.get(connection, "")
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._mails = minute, Counter()
        if not group or not self.limits.mails_a_minute:
            return True
        self._mails[group] += 1
        return self._mails[group] <= self.limits.mails_a_minute

    def fits(self, size: int) -> bool:
        """Whether so many more bytes may be in memory."""
        return self.held + size <= self.limits.in_flight

    def hold(self, size: int) -> bool:
        """Take so many bytes more; False, and nothing taken, when they do not fit."""
        if not self.fits(size):
            return False
        self.held += size
        return True

    def release(self, size: int) -> None:
        """Give back what was held."""
        self.held -= size


def peer_group(address: str) -> str:
    """Whose connections are counted together: an IPv4 address, or the /64 that one IPv6 host usually has for itself.

    Empty for this machine, where a mail server in front hands over the mail of everybody.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return ""
    return str(found) if isinstance(found, IPv4Address) else str(IPv6Network((int(found) >> 64 << 64, 64)))
