"""In which language the pages of the desk are: the one that the person chose, else the best that the browser names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

_SCRIPTS = Path(__file__).parents[1]
_SAID = re.compile(r'\bword\(\s*"((?:[^"\\]|\\.)*)"')


class PageLanguage:
    """Middleware: a page is made in one language from its first word to its last."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(_of(request)):
            return self._get_response(request)


def _of(request: HttpRequest) -> str:
    there = dict(settings.LANGUAGES)
    person = request.user
    chosen = person.language if person.is_authenticated and person.language_chosen else ""
    return chosen if chosen in there else browsers(request, there) or settings.LANGUAGE_CODE


def browsers(request: HttpRequest, among: Collection[str]) -> str | None:
    """The first of these languages that the browser asks for, by its own order; None when it asks for none of them."""
    named = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500])
    wanted = (tag.partition("-")[0] for tag, weight in named if weight > 0)
    return next((key for key in wanted if key in among), None)


def said_in(script: str) -> list[str]:
    """What a script says: the texts that it hands to `word`."""
    return [json.loads(f'"{text}"') for text in _SAID.findall(script)]


@lru_cache
def script_words(language: str) -> str:
    """What the scripts say, in that language, as JSON for `ui/words.js`; nothing for English, which they hold."""
    if language == "en":
        return ""
    with translation.override(language):
        texts = {text for path in _SCRIPTS.glob("**/static/**/*.js") for text in said_in(path.read_text("utf-8"))}
        return json.dumps({text: translation.gettext(text) for text in sorted(texts)}, ensure_ascii=False)
