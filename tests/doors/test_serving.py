"""The ASGI application between server and pages: bodies whole or not at all, nobody holds a thread."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A page that answers with the size and digest of what was sent to it."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{len(body)} {hashlib.sha256(body).hexdigest()}".encode()]


@pytest.fixture(scope="module")
def asgi() -> ModuleType:
    """The module, imported late: it makes the pages ready."""
    return import_module("forthwith.config.asgi")


@pytest.fixture
def calls(asgi: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages replaced by `echo`; what was called."""
    seen: list[str] = []

    def page(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(environ["PATH_INFO"])
        return echo(environ, start_response)

    monkeypatch.setattr(asgi, "_pages", asgi.WSGIMiddleware(page, workers=2))
    return seen


def scope(*headers: tuple[bytes, bytes], method: str = "POST") -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": "/page/",
        "query_string": b"",
        "headers": list(headers),
    }


def ask(asgi: ModuleType, of: dict[str, Any], *messages: dict[str, Any], stop: bool = False) -> tuple[int, bytes]:
    """Status and body of the answer to a request that comes in as these messages."""

    async def run() -> tuple[int, bytes]:
        coming, sent = list(messages), []

        async def receive() -> dict[str, Any]:
            if coming:
                return coming.pop(0)
            if stop:
                await asgi.stop()
            await asyncio.sleep(60)
            raise AssertionError("nobody may wait for more")

        async def send(message: Any) -> None:
            sent.append(message)

        await asyncio.wait_for(asgi.application(of, receive, send), 20)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    return asyncio.run(run())


def part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 3_000_000])
def test_a_body_reaches_the_page_whole(asgi: ModuleType, calls: list[str], size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    parts = [body[i : i + 50_000] for i in range(0, len(body), 50_000)] or [b""]
    messages = [part(piece, more=i < len(parts) - 1) for i, piece in enumerate(parts)]
    status, answer = ask(asgi, scope((b"content-length", str(size).encode())), *messages)
    assert (status, answer) == (200, f"{size} {hashlib.sha256(body).hexdigest()}".encode())


def test_a_request_without_a_body_is_not_waited_for(asgi: ModuleType, calls: list[str]) -> None:
    status, answer = ask(asgi, scope(method="GET"))
    assert (status, answer.split()[0]) == (200, b"0")


def test_half_a_form_never_reaches_the_page(asgi: ModuleType, calls: list[str]) -> None:
    ask(asgi, scope((b"content-length", b"100")), part(b"text=half", more=True), {"type": "http.disconnect"})
    assert calls == []


def test_a_body_that_is_too_large_is_refused_before_any_page(
    asgi: ModuleType, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "LARGEST_BODY", 1000)
    status, answer = ask(asgi, scope((b"content-length", b"2000")), part(b"x" * 1500, more=True))
    assert status == 413
    assert b"too large" in answer
    assert calls == []


def test_a_request_that_is_still_coming_in_when_the_desk_stops_is_told_so(asgi: ModuleType, calls: list[str]) -> None:
    status, _ = ask(asgi, scope((b"content-length", b"100")), part(b"text=half", more=True), stop=True)
    assert status == 503
    assert calls == []
