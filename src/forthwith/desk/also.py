"""What else happens when a reply is sent, as a macro proposes it: shown beside Send, taken back there (SOP 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from forthwith.desk.names import Names
from forthwith.procedure.model import Procedure
from forthwith.record import procedures


class Act(NamedTuple):
    """One thing that happens: its name, how it is said, and the fields by which the form says it."""

    name: str
    says: str
    fields: Mapping[str, str]


def acts(also: Mapping[str, str], names: Names, in_force: Procedure | None) -> list[Act]:
    """What is to happen, in the order in which it does."""
    found = []
    if name := procedures.macro_called(also.get("macro", ""), names.procedure, in_force):
        found.append(Act("macro", _("record the macro '%(name)s'") % {"name": name}, _some(also, "macro")))
    if also.get("category"):
        said = _("category %(category)s") % {"category": names.category(also["category"])}
        found.append(Act("category", said, _some(also, "category")))
    if also.get("impact") and also.get("urgency"):
        level = names.level(f"{also['impact']}/{also['urgency']}")
        said = _("priority %(priority)s") % {"priority": level}
        found.append(Act("priority", said, _some(also, "impact", "urgency")))
    if said := said_then(also.get("then", "")):
        found.append(Act("then", said, {"also_then": also["then"]}))
    return found


def without(also: Mapping[str, str], name: str) -> dict[str, str]:
    """The rest, when one act is taken back."""
    gone = ("impact", "urgency") if name == "priority" else (name,)
    return {key: value for key, value in also.items() if key not in gone}


def said_then(then: str) -> str:
    """How a ticket is left behind a reply."""
    return {
        "wait": _("wait for the requester"),
        "hold": _("wait for a third party"),
        "resolve": _("resolve it, with these words as the solution"),
    }.get(then, "")


def _some(also: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: also[name] for name in names if also.get(name)}
