"""The procedures that the project gives as examples are sound, and say what they are there to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from forthwith.procedure.document import read, standard
from forthwith.procedure.lint import check
from tests.procedure.test_policies import PARTIAL

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "procedures"


# What these policies leave open is in test_policies.py.
WHOLE = [path for path in sorted(EXAMPLES.glob("*.yaml")) if path.stem not in PARTIAL]


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_an_example_has_neither_errors_nor_warnings(path: Path) -> None:
    assert check(path.read_text("utf-8")).lines() == []


def test_five_seconds_is_the_standard_but_for_criticals_first_response() -> None:
    quick = read((EXAMPLES / "five-seconds.yaml").read_text("utf-8"))
    target = quick.target("first_response", "critical")
    assert target is not None
    assert (target.target, target.calendar) == (5, "always")
    differing = {name for name in type(quick).model_fields if getattr(quick, name) != getattr(standard(), name)}
    assert differing == {"title", "version", "priorities", "revisions"}


@pytest.mark.sop("3.2")
def test_a_desk_may_have_five_priorities_and_axes_of_its_own() -> None:
    university = read((EXAMPLES / "university.yaml").read_text("utf-8"))
    grid = [[university.priority_for(i, u) for u in university.urgencies] for i in university.impacts]
    assert grid == [["p1", "p2", "p3"], ["p2", "p3", "p4"], ["p3", "p4", "p5"]]
    assert list(university.ranks) == ["p1", "p2", "p3", "p4", "p5"]
    assert university.target("next_update", "p1") is None
