"""How good suggestions are: counted by hand on a few tickets (SOP 3.1)."""

from __future__ import annotations

import pytest

from forthwith.suggestions import measures

pytestmark = pytest.mark.sop("3.1")
TRUTH = ["vpn", "vpn", "printer", "mail"]
RANKED = [
    [("vpn", 0.95), ("mail", 0.03)],
    [("printer", 0.6), ("vpn", 0.3)],
    [("printer", 0.9), ("vpn", 0.1)],
    [("vpn", 0.4), ("printer", 0.3)],
]


def test_what_is_right_at_once_and_among_three() -> None:
    found = measures.measured(TRUTH, RANKED)
    assert (found["tickets"], found["top1"], found["top3"]) == (4, 0.5, 0.75)
    assert found["coverage"] == 0.5, "the two surest are right, the third is wrong"


def test_precision_and_recall_of_each_choice() -> None:
    assert measures.lines(TRUTH, [one[0][0] for one in RANKED]) == [
        ("vpn", 2, 0.5, 0.5),
        ("mail", 1, None, 0.0),
        ("printer", 1, 0.5, 1.0),
    ]


def test_what_a_confidence_reaches() -> None:
    found = {percent: (share, right) for percent, share, right in measures.measured(TRUTH, RANKED)["reached"]}
    assert found[90] == (0.5, 1.0)
    assert found[60] == (0.75, pytest.approx(2 / 3))
    assert found[10] == (1.0, 0.5)


def test_equally_sure_ones_are_covered_together() -> None:
    assert measures.coverage([0.5] * 10, [True] * 9 + [False]) == 1.0
    assert measures.coverage([0.5] * 10, [True] * 8 + [False] * 2) == 0.0
    assert measures.coverage([], []) == 0.0
