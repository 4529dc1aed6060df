"""Pages say nothing that cannot be translated, and German has all of it, compiled."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import polib
import pytest

from forthwith.procedure.facts import KINDS
from tools import translations

PACKAGE = translations.PACKAGE
# Rooms in which a sentence of a module is read by a person.
SPEAKING = {"portal", "desk", "floor", "ui", "setup", "channels/email/pages"}
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
MODULES = sorted(path for room in SPEAKING for path in (PACKAGE / room).rglob("*.py"))
_TRANSLATED = re.compile(r"{%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}", re.DOTALL)
_OF_THE_BODY = re.compile(r"{%\s*block body_\w+\s*%}.*?{%\s*endblock\s*%}")
_TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>", re.DOTALL)
_PRODUCT = re.compile(r"\bForthwith\b")
_NAMED = re.compile(r"(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"")


@pytest.mark.parametrize("path", translations.languages(), ids=lambda path: path.parents[1].name)
def test_every_text_is_translated_and_compiled(path: Path) -> None:
    assert translations.wrong(path) == []


@pytest.mark.parametrize(
    ("text", "translation", "wrong"),
    [
        ("%(count)s of %(most)d", "%(most)s, davon %(count)s", False),
        ("%(count)s of %(most)d", "%(count)s von %(meist)d", True),
        ("%(count)s of %(most)d", "%(count)s", True),
        ("%(percent)s %%", "%(percent)s %", True),
        ("%(percent)s %%", "%(percent)s %%", False),
        ("75 % of the target", "75 % der Zeit", False),
        ("{} h {} min", "{} Std. {} Min.", False),
        ("{} h {} min", "{} Std.", True),
        ("#{number}, {who}", "{who}, #{number}", False),
        ("#{number}", "#{nummer}", True),
    ],
)
def test_a_translation_has_the_values_of_its_text(text: str, translation: str, wrong: bool) -> None:
    assert translations._odd(polib.POEntry(msgid=text, msgstr=translation)) is wrong


def test_a_form_of_a_plural_may_leave_out_what_one_of_the_text_does() -> None:
    plural = {"msgid": "One of %(name)s", "msgid_plural": "%(count)d of %(name)s"}
    right = {0: "Eines von %(name)s", 1: "%(count)d von %(name)s"}
    assert not translations._odd(polib.POEntry(**plural, msgstr_plural=right))
    assert translations._odd(polib.POEntry(**plural, msgstr_plural={**right, 1: "%(count)d"}))


def test_there_is_german() -> None:
    assert [path.parents[1].name for path in translations.languages()] == ["de"]


def unmarked(template: str) -> list[str]:
    """The words of a template that stand outside of what is translated."""
    rest = _PRODUCT.sub("", _OF_THE_BODY.sub("", _TRANSLATED.sub("", template)))
    named = [_TAG.sub("", value) for value in _NAMED.findall(re.sub(r"{%.*?%}", "", rest))]
    texts = [text.strip() for text in (*_TAG.sub("\n", rest).splitlines(), *named)]
    # A single letter is a key.
    return [text for text in texts if len(text) > 1 and re.search(r"[^\W\d_]", text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_template_says_nothing_unmarked(path: Path) -> None:
    assert unmarked(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "template", ["<p>Hello</p>", '<ul aria-label="Files">', "{% if a %}Send{% endif %}", "<p>{{ n }} questions</p>"]
)
def test_unmarked_words_are_seen(template: str) -> None:
    assert unmarked(template)


def test_marked_words_are_left_alone() -> None:
    said = '<p title="{{ a }}">{% blocktranslate %}A {{ b }}{% endblocktranslate %}</p>'
    assert unmarked('{% translate "Hello" %}' + said) == []


def sentences(source: str) -> list[str]:
    """Texts in a module that read like sentences or labels and are not marked: no docstring, no key."""
    tree = ast.parse(source)
    marked, aside = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in translations._MARKS:
            marked |= {id(one) for one in ast.walk(node)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            aside.add(id(node.value))
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    bare = [str(one.value) for one in texts if id(one) not in marked | aside]
    return [text for text in bare if re.match(r"[A-Z][a-z]+(?: [a-z]|[.?!]|$)", text)]


# Names: of the product, the desk where it has none, types, headers, kinds of letters, a person in a sample.
NO_WORDS = {
    *("From", "To", "Subject", "Location"),
    "Forthwith",
    "Support",
    "Visit",
    "Names",
    "Line",
    "Sheet",
    "Referer",
    "Cf",
    "Me",
    "Mn",
    "Sk",
    "So",
    "Bo",
    *KINDS,
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_that_speaks_says_nothing_unmarked(path: Path) -> None:
    assert set(sentences(path.read_text("utf-8"))) <= NO_WORDS


def test_a_stray_sentence_is_seen() -> None:
    assert sentences('"""Docs here."""\nx = "Write to us"\ny = _("Not this one")\n') == ["Write to us"]
