"""Pages hold no inline code and escape everything: what the content security policy forbids is not written.

As in test_architecture.py, each rule is shown to bite on a small wrong example.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.html import format_html

from forthwith.ui.filled import filled, joined

SOURCE = Path(__file__).resolve().parents[1] / "src" / "forthwith"


def trusts_text(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
        named = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if {"mark_safe", "SafeString"} & {*names, named}:
            yield f"line {node.lineno}: text is declared safe"


def inline_code(text: str) -> Iterator[str]:
    """What the content security policy forbids, or what switches escaping off, in a template."""
    text = re.sub(r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}|<!--.*?-->", "", text, flags=re.DOTALL)
    if re.search(r"\|\s*safe(seq)?\b", text):
        yield "|safe"
    if re.search(r"\{%\s*autoescape\s+off", text):
        yield "autoescape off"
    # A tag's end is looked for only after template code is gone, as that may hold a '>'.
    markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    for tag in re.findall(r"<[a-zA-Z](?:[^>\"']|\"[^\"]*\"|'[^']*')*>", markup):
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", '""', tag)
        if re.search(r"\s:?style\s*=", bare) or re.match(r"<style\b", bare, re.IGNORECASE):
            yield f"inline style in {tag}"
        if re.search(r"\s(on[a-z]+|(data-)?hx-on[:\w-]*)\s*=", bare, re.IGNORECASE):
            yield f"inline handler in {tag}"
        if re.search(r"=\s*[\"']?\s*javascript:", tag, re.IGNORECASE):
            yield f"javascript: in {tag}"
        data = re.search(r"type=[\"']application/json[\"']", tag)
        if re.match(r"<script\b", tag, re.IGNORECASE) and not re.search(r"\ssrc\s*=", tag) and not data:
            yield f"inline script {tag}"


def test_no_text_is_declared_safe() -> None:
    escapes = SOURCE / "ui" / "filled.py"
    found = {path.name: list(trusts_text(path.read_text())) for path in SOURCE.rglob("*.py") if path != escapes}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("typed", ["<script>x</script>", "\"' onclick='go()", "&lt;", "{0} {}", "<b>"])
def test_what_is_filled_in_is_escaped_once(typed: str) -> None:
    once = filled('<p title="{}">{}</p>', typed, 7)
    assert once == format_html('<p title="{}">{}</p>', typed, 7)
    assert filled("<i>{}{}</i>", once, joined([once, once], " & ")) == f"<i>{once}{once} &amp; {once}</i>"


def test_templates_hold_no_inline_code() -> None:
    found = {path.name: list(inline_code(path.read_text())) for path in SOURCE.rglob("*.html")}
    assert {name: tags for name, tags in found.items() if tags} == {}


@pytest.mark.parametrize(
    "wrong",
    [
        "{{ body|safe }}",
        "{{ body | safe }}",
        "{% autoescape off %}",
        '<p style="color: red">',
        "<style>p {}</style>",
        '<button class="a" onclick="go()">',
        "<button\n  {% if a > b %}disabled{% endif %} onClick=go()>",
        '<div hx-on:click="go()">',
        '<a href="javascript:go()">',
        "<script>go()</script>",
        '<script type="module" nonce="{{ n }}">go()</script>',
    ],
)
def test_inline_code_is_seen(wrong: str) -> None:
    assert len(list(inline_code(wrong))) == 1


@pytest.mark.parametrize(
    "right",
    [
        '<script type="module" src="{% static \'live.js\' %}"></script>',
        '<script type="application/json" id="state"></script>',
        '<p title="style=x onclick=y" data-style="x">safe</p>',
        '{# <p style="x"> #}<!-- <script> -->',
        '<c-button :value="x" hx-post="/on/">',
    ],
)
def test_clean_markup_is_left_alone(right: str) -> None:
    assert list(inline_code(right)) == []


@pytest.mark.parametrize("wrong", ["from django.utils.safestring import mark_safe", "x = safestring.SafeString('')"])
def test_text_declared_safe_is_seen(wrong: str) -> None:
    assert len(list(trusts_text(wrong))) == 1
