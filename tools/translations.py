"""The translations in src/forthwith/locale: collected from the sources, and compiled for Django.

    python tools/translations.py            add what is new to each .po, take out what is gone, write the .mo files
    python tools/translations.py --check    say what is missing, and exit 1 if anything is

The .mo files are kept beside the .po files, so that an installation needs neither gettext nor this program.
A new language: make its folder with an empty LC_MESSAGES/django.po, run this, translate, run it again, and name it in
`LANGUAGES` of config/settings.py.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

from forthwith.ui.language import said_in

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "forthwith"
LOCALE = PACKAGE / "locale"
_MARKS = {"_": 1, "say": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
_MARKS |= {"pgettext": 2, "pgettext_lazy": 2}
_OF = "\x04"
"""Stands between the sense of a word and the word, as in a .mo file, where English has one word for two."""
_AT_WILL = {"quoted", "title", "taker"}
"""Values that are always there, of which each language takes what its sentence needs."""
Message = tuple[str, str]
"""The text, and its plural or nothing."""


def messages() -> dict[Message, list[str]]:
    """Every text that is marked, with the files it stands in."""
    found: dict[Message, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix == ".py":
            texts = _in_python(path.read_text("utf-8"))
        elif path.suffix == ".html":
            texts = in_template(path.read_text("utf-8"))
        elif path.suffix == ".js":
            texts = ((text, "") for text in said_in(path.read_text("utf-8")))
        else:
            continue
        name = path.relative_to(PACKAGE).as_posix()
        for message in texts:
            found.setdefault(message, [])
            if name not in found[message]:
                found[message].append(name)
    return found


def in_template(text: str) -> Iterator[Message]:
    """What a template marks, as Django itself reads it."""
    for call in re.findall(r"\b(?:[np]?gettext|_)\((?:[^()]|\([^()]*\))*\)", templatize(text)):
        yield from _in_python(call)


def _in_python(text: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MARKS:
            given = [one.value for one in node.args[: _MARKS[node.func.id]] if isinstance(one, ast.Constant)]
            if given and all(isinstance(one, str) for one in given):
                said = [str(one) for one in given]
                yield (_OF.join(said), "") if node.func.id.startswith("p") else (said[0], said[1] if said[1:] else "")


def languages() -> list[Path]:
    """The .po file of each language."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def wrong(path: Path) -> list[str]:
    """What is not in order in a .po file and its .mo: one sentence each."""
    wanted, book = messages(), polib.pofile(str(path))
    entries = {_key(entry): entry for entry in book if not entry.obsolete}
    found = [f"{key[0]!r} ({', '.join(files)}) is missing" for key, files in wanted.items() if key not in entries]
    found += [f"{key[0]!r} is marked nowhere any more" for key in entries if key not in wanted]
    found += [f"{entry.msgid!r} is not translated" for entry in entries.values() if not entry.translated()]
    found += [f"{entry.msgid!r} has other values in its translation" for entry in entries.values() if _odd(entry)]
    compiled = path.with_suffix(".mo")
    if not compiled.is_file() or compiled.read_bytes() != book.to_binary():
        found.append(f"{compiled.name} is not what {path.name} says; run tools/translations.py")
    return found


def _odd(entry: polib.POEntry) -> bool:
    """Whether a translation has a value that the text has not, or lacks one: that breaks the page, or says half.

    Each form of a plural has what either form of the text has.
    """
    plural = bool(entry.msgid_plural)
    wanted = [_values(text) for text in ([entry.msgid, entry.msgid_plural] if plural else [entry.msgid])]
    said = [_values(text) for text in (entry.msgstr_plural.values() if plural else [entry.msgstr]) if text]
    return not all(set.intersection(*wanted) <= one <= set.union(*wanted) for one in said)


def _values(text: str) -> set[str]:
    """The places of a text that are filled in; a percent sign that is none of them is one that breaks it."""
    bare = text.replace("%%", "") if "%(" in text else ""
    found = {name for name in re.findall(r"%(?:\((\w+)\)[sd])?", bare) if name not in _AT_WILL}
    return found | {name or str(place) for place, name in enumerate(re.findall(r"{(\w*)}", text))}


def _key(entry: polib.POEntry) -> Message:
    return f"{entry.msgctxt}{_OF}{entry.msgid}" if entry.msgctxt else entry.msgid, entry.msgid_plural


def update(path: Path) -> None:
    """Bring a .po file to what the sources mark, and compile it."""
    wanted, book = messages(), polib.pofile(str(path), wrapwidth=110)
    known = {_key(entry): entry for entry in book}
    fresh = polib.POFile(wrapwidth=110)
    language = path.parents[1].name
    fresh.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": book.metadata.get("Plural-Forms", "nplurals=2; plural=(n != 1);"),
    }
    for (text, plural), files in wanted.items():
        *sense, word = text.split(_OF)
        entry = known.get((text, plural)) or polib.POEntry(
            msgid=word, msgid_plural=plural, msgctxt=sense[0] if sense else None
        )
        if plural and not entry.msgstr_plural:
            entry.msgstr_plural = {0: "", 1: ""}
        entry.occurrences = [(name, "") for name in files]
        entry.obsolete = False
        entry.flags = ["python-format"] if re.search(r"%\(\w+\)[sd]", text + plural) else []
        fresh.append(entry)
    fresh.save(str(path))
    path.with_suffix(".mo").write_bytes(fresh.to_binary())


def main() -> int:
    """Update all languages, or check them."""
    if "--check" not in sys.argv[1:]:
        for path in languages():
            update(path)
        return 0
    found = [f"{path.relative_to(LOCALE)}: {sentence}" for path in languages() for sentence in wrong(path)]
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
