"""Reads what happened on the demo desk: people, requests, and who did what how many minutes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who signs in."""

    name: str
    address: str
    role: str
    title: str
    teams: Sequence[str] = ()
    available: bool = False
    shift: str = ""


@dataclass(frozen=True, slots=True)
class Requester:
    """Somebody who asks."""

    name: str
    address: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Did:
    """An act so many minutes after the request came; without `who` the requester acts."""

    after: float
    act: str
    who: str = ""
    how: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A request: on which working day back at what time, or (day 0) how many minutes ago."""

    day: int
    at: str
    who: str
    subject: str
    text: str
    then: tuple[Did, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """A reply that somebody keeps for themselves, or for others too."""

    who: str
    name: str
    text: str
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """The whole demo desk."""

    agents: Mapping[str, Agent]
    replies: tuple[Saved, ...]
    requesters: Mapping[str, Requester]
    story: tuple[Told, ...]


@cache
def story() -> Story:
    """The story as it is written down beside this file."""
    text = resources.files("forthwith.config").joinpath("demo_story.yaml").read_text("utf-8")
    written = yaml.safe_load(text)
    return Story(
        {key: Agent(**agent) for key, agent in written["agents"].items()},
        tuple(Saved(**saved) for saved in written["replies"]),
        {key: Requester(**requester) for key, requester in written["requesters"].items()},
        tuple(_told(**told) for told in written["story"]),
    )


def _told(then: Sequence[Mapping[str, Any]] = (), **told: Any) -> Told:
    return Told(**told, then=tuple(Did(**did) for did in then))
