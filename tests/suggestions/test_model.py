"""What is learnt and what it says: sure of what it knows, silent on what it does not (SOP 3.1, 3.2)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.suggestions import alike, model_file
from forthwith.suggestions.examples import Example
from forthwith.suggestions.fitting import TooFew
from forthwith.suggestions.model import Model
from forthwith.suggestions.model_file import Unreadable
from forthwith.suggestions.vectors import bag_of, words_of
from tests import learnt
from tests.growth import assert_in_proportion

pytestmark = pytest.mark.sop("3.1", "3.2")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return learnt.learnt(learnt.examples(240), tmp_path_factory.mktemp("learnt"))


def test_it_says_what_such_tickets_were_and_which_of_their_own_words_spoke_for_it(model: Model) -> None:
    chance = random.Random(99)
    for kind in learnt.KINDS:
        words = words_of(*learnt.request(kind, chance))
        best = model.guesses(words)["category"][0]
        assert best.choice == kind
        assert best.confidence >= 80
        assert best.words
        assert set(best.words) <= set(words)
    words = words_of("The tunnel drops", "globalprotect asks for the gateway")
    found = model.guesses(words)
    assert (found["team"][0].choice, found["priority"][0].choice) == ("network_team", "several/hindered")
    assert {"tunnel", "gateway"} & set(found["category"][0].words)


def test_it_is_measured_on_tickets_that_it_did_not_learn_from(model: Model) -> None:
    found = model.head["measures"]["category"]
    assert found["tickets"] == 48
    assert found["top1"] > 0.95
    assert found["coverage"] > 0.95
    assert {choice for choice, *_ in found["lines"]} == set(learnt.KINDS)


@given(st.lists(st.text(alphabet="qxzjvwy0123456789ßøж", min_size=5, max_size=12), min_size=1, max_size=30))
def test_words_that_it_never_saw_suggest_nothing_that_could_decide(words: list[str]) -> None:
    found = SHARED.guesses(words_of("", " ".join(words)))
    assert all(best[0].confidence < 80 for best in found.values())


@given(st.text(max_size=400), st.text(max_size=4_000))
def test_no_text_breaks_it_and_shares_are_shares(subject: str, text: str) -> None:
    words = words_of(subject, text)
    for found in SHARED.guesses(words).values():
        assert all(0 <= one.confidence <= 99 for one in found)
        assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)
        assert set(found[0].words) <= set(words)
    assert all(0 <= how <= 1 for _, how in alike.like(SHARED, words, 5))


@pytest.fixture(scope="module", autouse=True)
def _shared(model: Model) -> None:
    global SHARED  # noqa: PLW0603 - hypothesis and fixtures of a function do not mix
    SHARED = model


SHARED: Model


def test_the_sums_of_bytes_are_those_of_the_weights(model: Model, tmp_path: Path) -> None:
    """What is read without numpy scores as what was fitted with it, but for the rounding to a byte."""
    from forthwith.suggestions.fitting import Vocabulary, fit

    found = learnt.examples(240)
    bags = [one.bag for one in found]
    rows = Vocabulary.of(bags).matrix(bags)
    line = fit(rows, [one.choices["category"] for one in found])
    target = model._targets["category"]
    assert target.choices == line.choices
    for bag, scores in zip(bags[:50], line.scores(rows)[:50], strict=True):
        assert target._scores(model.vector(bag)) == pytest.approx(scores.tolist(), abs=0.01)


def test_the_same_tickets_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        learnt.learn(learnt.examples(100), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"], "no draft is left behind"


def test_two_choices_are_enough_and_one_is_not(tmp_path: Path) -> None:
    found = [
        one for one in learnt.examples(300) if one.choices["category"] in ("account_access.password", "network.vpn")
    ]
    model = learnt.learnt(found, tmp_path)
    assert model.guesses(words_of("the tunnel drops", "gateway"))["category"][0].choice == "network.vpn"
    same = [one for one in found if one.choices["category"] == "account_access.password"]
    with pytest.raises(TooFew, match=f"of the {len(same) - len(same) // 5} tickets that are learnt from, no two"):
        learnt.learn(same, tmp_path / "same")
    assert not (tmp_path / "same").exists()


def test_what_cannot_be_learnt_is_said_whichever_half_finds_it(tmp_path: Path) -> None:
    def ended(each: int, texts: list[str]) -> list[Example]:
        """The newest `each` in one way, the others in another."""
        return [
            Example(30 - n, bag_of(words_of(text, text)), {"category": "ab"[n < each], "priority": "", "team": ""})
            for n, text in enumerate(texts)
        ]

    with pytest.raises(TooFew, match="of the 24 tickets"):
        learnt.learn(ended(6, ["the tray jams"] * 30), tmp_path / "newest differ")
    with pytest.raises(TooFew, match="no words in common"):
        learnt.learn(ended(15, [f"w{n}x{n}" for n in range(30)]), tmp_path / "nothing shared")
    assert list(tmp_path.iterdir()) == []


def test_reading_a_hostile_text_takes_time_in_proportion(model: Model) -> None:
    def work(size: int) -> None:
        for text in ("a " * size, "b" * size, "ab-" * size, "the tunnel drops " * size):
            model.guesses(words_of(text, text))
            alike.like(model, words_of(text, text), 5)

    assert_in_proportion(work, 5_000)


def test_tickets_that_are_alike_are_found_the_likest_first(model: Model) -> None:
    found = alike.like(model, words_of("The tunnel drops again", "remote gateway rejects the certificate"), 5)
    kinds = {one.number: one.choices["category"] for one in learnt.examples(240)}
    assert len(found) == 5
    assert {kinds[number] for number, _ in found} == {"network.vpn"}
    assert [how for _, how in found] == sorted((how for _, how in found), reverse=True)
    # Of those that are as alike as each other, of which there are more than a page shows, the newest.
    everything = alike.like(model, words_of("The tunnel drops again", "remote gateway rejects the certificate"), 10_000)
    assert everything[:5] == found
    for most in (1, 2, 7):
        same = alike.like(model, ["tunnel"], most)
        assert same == alike.like(model, ["tunnel"], 10_000)[:most]
    assert alike.like(model, words_of("", "qqqqq zzzzz"), 5) == []


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda content: b"", "not a file of a model"),
        (lambda content: content[:10], "not a file of a model"),
        (lambda content: content[:40], "head is damaged"),
        (lambda content: content[:-1], "cut off"),
        (lambda content: content + b"x", "added to it"),
        (lambda content: content[: len(content) // 2], "cut off"),
        (lambda content: content[:-9] + b"X" + content[-8:], "damaged"),
        (lambda content: content.replace(b'"format": 1', b'"format": 9'), "another version"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence(tmp_path: Path, harm, says: str) -> None:  # type: ignore[no-untyped-def]
    at = tmp_path / "model"
    learnt.learn(learnt.examples(60), at)
    content = at.read_bytes()
    assert content[-9:-8] != b"X"
    at.write_bytes(harm(content))
    with pytest.raises(Unreadable, match=says):
        model_file.read(at)


def test_a_model_in_use_survives_its_file_being_replaced(tmp_path: Path) -> None:
    model = learnt.learnt(learnt.examples(120), tmp_path)
    before = model.guesses(words_of("the tunnel drops", ""))
    learnt.learn(learnt.examples(60, seed=5), tmp_path / "model")
    assert model.guesses(words_of("the tunnel drops", "")) == before


def test_a_bag_counts_words_pairs_and_pieces() -> None:
    bag = bag_of(["vpn", "down", "vpn"])
    assert len(bag.words) == 2
    assert max(bag.counts) == 2
    assert bag_of([]).keys.tolist() == []
