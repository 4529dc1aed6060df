"""What following adds to a case. `case.fold` takes these steps like all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forthwith.procedure import facts as f
from forthwith.procedure.case_joining import said_here
from forthwith.procedure.case_state import Case


def _followed(case: Case, fact: f.Followed) -> None:
    said_here(case, "followers", fact.person)
    if fact.person not in case.followers:
        case.followers = (*case.followers, fact.person)


def _unfollowed(case: Case, fact: f.Unfollowed) -> None:
    said_here(case, "followers", fact.person)
    case.followers = tuple(one for one in case.followers if one != fact.person)


STEPS: dict[type[f.Fact], Callable[[Case, Any], None]] = {
    f.Followed: _followed,
    f.Unfollowed: _unfollowed,
}
