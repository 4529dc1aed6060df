"""Tickets to learn from: made of a few sentences for each category, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from forthwith.suggestions import kept, learning
from forthwith.suggestions.examples import Example
from forthwith.suggestions.model import Model
from forthwith.suggestions.vectors import bag_of, words_of

KINDS: dict[str, tuple[str, ...]] = {
    "network.vpn": (
        "the tunnel drops every few minutes",
        "globalprotect asks for the gateway again",
        "remote gateway rejects the certificate of the tunnel",
    ),
    "hardware.printer": (
        "pages come out blank and smeared",
        "the drum squeaks and the tray jams",
        "the tray is stuck and pages are smeared",
    ),
    "account_access.password": (
        "my badge number is locked in the directory",
        "locked out after three wrong attempts",
        "the directory says the attempts are used up",
    ),
    "software.office": (
        "the pivot sheet shows wrong sums",
        "the formula in the sheet returns an error value",
        "the slide deck loses its pivot charts",
    ),
}
TEAMS = {"network.vpn": "network_team", "hardware.printer": "hardware_team"}
FILLERS = (
    "since monday",
    "after lunch",
    "in the big room",
    "again",
    "for my colleague",
    "at home",
    "before the meeting",
)
OPENINGS = ("Hello,", "Good day,", "Dear team,", "Hi,")


def request(kind: str, chance: random.Random) -> tuple[str, str]:
    """Subject and text of a request of a kind."""
    first, second = chance.sample(KINDS[kind], 2)
    filler = chance.choice(FILLERS)
    return f"{first} {filler}", f"{chance.choice(OPENINGS)} {second} {chance.choice(FILLERS)}. {first}."


def examples(count: int, seed: int = 1) -> list[Example]:
    """Closed tickets, the newest first."""
    chance = random.Random(seed)
    made = []
    for number in range(count, 0, -1):
        kind = chance.choice(list(KINDS))
        choices = {
            "category": kind,
            "priority": "several/hindered" if kind == "network.vpn" else "one/workaround",
            "team": TEAMS.get(kind, "service_desk"),
        }
        made.append(Example(number, bag_of(words_of(*request(kind, chance))), choices))
    return made


def learn(found: Sequence[Example], at: Path | None = None, *, revision: int = 7) -> dict[str, Any]:
    """Learn from examples as the command does, into the desk's own place unless another is given."""
    head = {"revision": revision, "learnt_at": "2026-03-01T03:00:00+00:00", "tickets": len(found)}
    return learning.learn(found, at or kept.path(), least=5, head=head, told=lambda _: None)


def learnt(found: Sequence[Example], folder: Path) -> Model:
    """A model of examples, in a folder of its own."""
    from forthwith.suggestions import model_file

    learn(found, folder / "model")
    return Model(model_file.read(folder / "model"))
