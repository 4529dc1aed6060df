"""The press: JSON on standard input, its PDF by the template named as argument on standard output. It knows no Django.

What comes from strangers is data of the template and never its source, so nothing in it can be a command. A letter that
no font has would be an empty box without a word: it is found by asking Typst, which refuses such a letter under PDF/A.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ARCHIVAL = ["a-2u"]
_BOX = "\N{WHITE SQUARE}"
_JOINS = {
    "\N{ZERO WIDTH JOINER}",
    "\N{ZERO WIDTH NON-JOINER}",
    "\N{VARIATION SELECTOR-15}",
    "\N{VARIATION SELECTOR-16}",
}
# How Typst names a letter that it has no font for; one that cannot be read by its number.
_REFUSED = re.compile(r'the text `"(\\u\{([0-9a-f]+)\}|[^"]+)"` could not be displayed')
_PROBE = b'#set text(font: "Libertinus Serif")\n#for letter in json("letters.json") [#letter \\ ]'


def main() -> None:
    """Print what stands on standard input."""
    content = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(printed(content, Path(sys.argv[1])))


def printed(content: dict[str, Any], template: Path, *, system_fonts: bool = True) -> bytes:
    """The PDF. Letters that no font has are put otherwise, and `replaced` tells the template which."""
    import typst  # noqa: PLC0415 (only here: an extra of the installation)

    # Files by their names, all of them in memory, are not in its types yet.
    compiler: Any = typst.Compiler(ignore_system_fonts=not system_fonts)
    letters = sorted({letter for text in _texts(content) for letter in text if ord(letter) > 0x7E})
    lost = _lost(compiler, letters)
    content = _put_otherwise(content, {ord(letter): spelled(letter) for letter in lost})
    content["replaced"] = sorted({_script(letter) for letter in lost})
    files = {"main.typ": template.read_bytes(), "content.json": json.dumps(content).encode()}
    try:
        return bytes(compiler.compile(input=files, pdf_standards=ARCHIVAL))
    except typst.TypstError:
        # A letter that is only missing beside another one: an ordinary PDF shows the rest.
        return bytes(compiler.compile(input=files))


def spelled(letter: str) -> str:
    """A letter that cannot be shown: a picture by its name, anything else as a box, and what only joins as nothing."""
    if letter in _JOINS or unicodedata.category(letter) in ("Mn", "Me", "Cf", "Sk"):
        return ""
    name = unicodedata.name(letter, "")
    return f"[{name.lower()}]" if name and unicodedata.category(letter) == "So" else _BOX


def _script(letter: str) -> str:
    """What a letter belongs to, as people call it: the first word of its name is its script."""
    if unicodedata.category(letter)[0] not in "LM":
        return "signs and pictures"
    return unicodedata.name(letter, "UNKNOWN").split()[0].replace("CJK", "CJK ideographs").lower()


def _lost(compiler: Any, letters: list[str]) -> set[str]:
    """Those of these letters that no font has: one document of them all is refused with a line for each."""
    import typst  # noqa: PLC0415

    files = {"main.typ": _PROBE, "letters.json": json.dumps(letters).encode()}
    try:
        compiler.compile(input=files, pdf_standards=ARCHIVAL)
    except typst.TypstError as refused:
        found = _REFUSED.findall(refused.diagnostic)
        named = {chr(int(code, 16)) if code else letter for letter, code in found}
        return named.intersection(letters)
    return set()


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict | list):
        for one in _within(content):
            yield from _texts(one)


def _within(content: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return content.values() if isinstance(content, dict) else content


def _put_otherwise(content: Any, spellings: dict[int, str]) -> Any:
    if isinstance(content, str):
        return content.translate(spellings) if spellings else content
    if isinstance(content, dict):
        return {key: _put_otherwise(value, spellings) for key, value in content.items()}
    return [_put_otherwise(one, spellings) for one in content] if isinstance(content, list) else content


if __name__ == "__main__":
    main()
