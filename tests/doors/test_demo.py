"""The demo desk is there whole, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forthwith.config import demo
from forthwith.people.models import Person
from forthwith.record.models import RawItem, Ticket
from forthwith.steps import acts
from tests import desk_fixtures as d


@pytest.fixture
def home(settings: Any, tmp_path: Path, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo's mail is caught; its story is cut short, to two requests."""
    settings.HOME = tmp_path
    d.install()
    whole = demo.story()
    monkeypatch.setattr(demo, "story", lambda: replace(whole, story=whole.story[:2]))
    return tmp_path


def test_a_load_that_was_interrupted_leaves_nothing_and_can_be_repeated(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(acts, "resolve", interrupted)
        with pytest.raises(KeyboardInterrupt):
            demo.load(d.MONDAY)
    assert [model.objects.count() for model in (Person, RawItem, Ticket)] == [0, 0, 0]
    assert list(home.glob("caught/*")) == []
    assert demo.load(d.MONDAY)
    assert Ticket.objects.count() == 2
    assert len(list(home.glob("caught/*.eml"))) > 4
    assert not demo.load(d.MONDAY)


def test_whoever_can_sign_in_is_told_with_the_password(home: Path) -> None:
    demo.load(d.MONDAY)
    for _, address, password in demo.logins():
        assert Person.objects.get(email=address).check_password(password)
