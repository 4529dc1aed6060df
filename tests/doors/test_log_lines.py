"""The log keeps no requester's link, and no traceback for what is nobody's mistake here."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from forthwith.config.log_lines import Discreet, hide_keys
from forthwith.record import links
from tests.desk_fixtures import hire, install, new_ticket


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the desk's own handler writes."""
    [handler] = [h for h in logging.getLogger().handlers if isinstance(h.formatter, Discreet)]
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    # Not by setStream: that flushes what was there, which may be the closed capture of another test.
    before, handler.stream = handler.stream, written
    yield written
    handler.stream = before


@pytest.fixture
def token(db: None) -> str:
    """The key of a requester's link."""
    install()
    rui = hire().rui
    return links.token(new_ticket(), rui.pk)


@pytest.mark.parametrize("path", ["/t/{}/nowhere/", "/T/{}/", "/elsewhere/{}/", "/t/{}x/../"])
def test_an_address_that_is_not_found_is_logged_without_its_key(token: str, log: io.StringIO, path: str) -> None:
    assert Client().get(path.format(token)).status_code == 404
    assert "Not Found" in log.getvalue()
    assert token.partition(":")[2] not in log.getvalue()
    assert "…" in log.getvalue()


def test_a_form_that_is_refused_as_forged_is_logged_without_its_key(token: str, log: io.StringIO) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/t/{token}/", {"text": "Hello"})
    assert answer.status_code == 403
    assert "/t/…/" in log.getvalue()
    assert token.partition(":")[2] not in log.getvalue()


def test_an_error_is_logged_with_its_traceback_and_without_the_key(
    token: str, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(signed: str) -> None:
        raise RuntimeError(f"cannot read {signed}")

    monkeypatch.setattr(links, "read_token", broken)
    assert Client(raise_request_exception=False).get(f"/t/{token}/").status_code == 500
    assert "Traceback" in log.getvalue()
    assert "RuntimeError: cannot read …" in log.getvalue()
    assert token.partition(":")[2] not in log.getvalue()


def test_a_host_that_is_not_ours_is_one_line(db: None, log: io.StringIO) -> None:
    assert Client().get("/account/login/", headers={"host": "evil.example"}).status_code == 400
    [line] = [line for line in log.getvalue().splitlines() if "HTTP_HOST" in line]
    assert " WARNING django.security.DisallowedHost " in line
    assert "Traceback" not in log.getvalue()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Not Found: /account/password/reset/key/3-abc-def/", "Not Found: /account/password/reset/key/…/"),
        ("https://help.example/t/1-2:abc/files/3/?x=1", "https://help.example/t/…/files/3/?x=1"),
        ("/tickets/12/ at 10:15:00, 3-4", "/tickets/12/ at 10:15:00, 3-4"),
    ],
)
def test_only_keys_are_hidden(said: str, shown: str) -> None:
    assert hide_keys(said) == shown


def test_long_lines_take_no_long_time() -> None:
    assert len(hide_keys("1" * 300_000 + "-" * 300_000 + "/t/" * 100_000)) > 300_000
