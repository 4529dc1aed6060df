"""A procedure that uses every field of the document, and every way of changing one thing in it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from forthwith.procedure import shape
from forthwith.procedure.document import standard
from forthwith.procedure.model import Procedure
from forthwith.procedure.moments import Moment
from forthwith.procedure.references import Path
from forthwith.procedure.targets import TARGETS
from forthwith.procedure.terms import term_at

NOWHERE = object()


@cache
def full() -> Procedure:
    """The standard procedure with something in each field that it leaves empty."""
    data = standard().model_dump(mode="json")
    _fill_calendars_and_names(data)
    _fill_targets(data)
    _fill_escalation(data)
    data["macros"]["vpn_reconnect"] |= {"teams": ["service_desk"], "impact": "one", "urgency": "hindered"}
    return validated(data)


def _fill_calendars_and_names(data: dict[str, Any]) -> None:
    data["calendars"]["business"] |= {
        "holidays": [
            {"country": "DE", "subdivision": "BE"},
            {"date": "2026-12-24", "name": "Christmas Eve"},
            "2026-12-31",
        ],
        "date_hours": {"2026-12-30": [["09:00", "12:00"]]},
        "date_breaks": {"2026-11-02": [["10:00", "11:00"]]},
        "day": "7 h 30 min",
    }
    data["channels"]["email"]["canary"] = {"every": "10 min", "within": "5 min"}
    data["teams"]["network_team"]["mail_from"] = "Network <network@example.org>"
    data["categories"]["network"]["skills"] = ["cisco", "wireless"]
    data["fields"] = {
        "cost_centre": {"name": "Cost centre", "kind": "number", "categories": ["hardware"], "help": "Six digits."},
        "site": {"name": "Site", "kind": "choice", "choices": {"berlin": "Berlin", "porto": "Porto"}},
    }
    data["languages"]["de"]["fields"] = {"site": "Standort"}
    data["languages"]["de"]["statuses"] = {"on_hold": "Angehalten"}
    data["languages"]["de"]["statuses_for_requesters"] = {"on_hold": "Wir warten"}


def _fill_targets(data: dict[str, Any]) -> None:
    data["priorities"]["high"] |= {"team": "network_team", "work": {"target": "2 h", "calendar": "business"}}
    by = {"cut_off": "13:00", "same_day": "18:00", "next_day": "09:00"}
    data["priorities"]["low"]["first_response"] = {"by": by, "calendar": "business"}
    within_an_hour = {"target": "1 h", "calendar": "business"}
    data["service_levels"] = {
        "gold": {
            "name": "Gold",
            "organisations": ["Acme", "Globex"],
            "contracts": ["gold", "platinum"],
            "vip": True,
            "categories": ["network", "software"],
            "channels": ["chat", "phone"],
            "calendar": "business",
            "targets": {"high": dict.fromkeys(TARGETS, within_an_hour), "low": {"resolution": within_an_hour}},
        },
        "phoned": {"name": "Phoned", "channels": ["phone"], "calendar": "always"},
    }
    data["exemptions"] = [
        {"why": "Planned.", "clocks": ["resolution", "next_update"], "categories": ["software", "network"]},
        {"why": "Late at night.", "channels": ["chat", "phone"], "received_outside": "business"},
    ]
    waited = {"target": "40 h", "calendar": "business"}
    data["closing"]["unanswered"] = {"after": waited, "cause": "No answer.", "solution": "Nothing was done."}


def _fill_escalation(data: dict[str, Any]) -> None:
    data["escalation"][0] |= {"priorities": ["critical"], "categories": ["network"], "teams": ["service_desk"]}
    data["escalation"].append(
        {
            "key": "executives",
            "clock": "age",
            "at": "start + 1 h",
            "calendar": "business",
            "every": "4 h",
            "kind": "hierarchical",
            "tell_teams": ["network_team", "specialists"],
        }
    )


def validated(data: Any) -> Procedure:
    return Procedure.model_validate(data)


def within(data: Any) -> list[tuple[str | int, Any]]:
    """What stands in a mapping or a list, each with its step."""
    if isinstance(data, dict):
        return [*data.items()]
    return [*enumerate(data)] if isinstance(data, list) else []


def leaves(data: Any, path: Path = ()) -> Iterator[Path]:
    """The path of everything that holds nothing below it."""
    below = within(data)
    if not below:
        yield path
    for key, value in below:
        yield from leaves(value, (*path, key))


def holders(data: Any, path: Path = ()) -> Iterator[Path]:
    """The path of each mapping and list that holds several things."""
    below = within(data)
    if len(below) > 1 and not shape.is_part(shape.kind_at(path)):
        yield path
    for key, value in below:
        yield from holders(value, (*path, key))


def at(data: Any, path: Path) -> Any:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return NOWHERE
    return data


def put(data: Any, path: Path, value: Any) -> Any:
    """The same data with another value at a path."""
    if not path:
        return value
    made = copy.copy(data)
    made[path[0]] = put(data[path[0]], path[1:], value)
    return made


def other_values(data: Any, path: Path) -> list[Any]:
    """What else might stand at a leaf; not all of it is allowed everywhere."""
    old, kind, term = at(data, path), shape.kind_at(path), term_at(path)
    if path[0] == "calendars":
        found: list[Any] = ["Europe/Berlin", "6 h", "08:30", "11:30", "2026-12-23", "DE", "BY", "another name"]
    elif shape.values_of(kind):
        found = list(shape.values_of(kind))
    elif term and term.of:
        found = [*data[term.of], "always", "specialists", "network.vpn"]
    elif kind is bool:
        found = [not old]
    elif kind is Moment:
        found = ["20%", "100%", "due + 1 h", "due - 5 min", "start + 30 min"]
    elif kind is date:
        found = ["2026-11-20"]
    elif kind is int:
        found = ["45 min", "48 h", "30 s", "35%", (old or 0) + 1 if not isinstance(old, str) else 3]
    else:
        found = [
            "x",
            f"{old} or else" if old else "anything",
            f"{old}_too",
            "Else <else@example.org>",
            "Another line.\n\nAnd one more.",
            "16:45",
        ]
    return [one for one in found if one != old]
