"""YAML as the procedure uses it: text to plain data with the line of every key, and back.

Of YAML 1.1 only what cannot surprise is left: `09:00`, `on`, `no`, `1.10` and `2026-12-24` are texts; `true`,
`false`, `null` and whole numbers are what they look like. No tags, no merging, no key twice, and bounded
nesting and aliases, so that a hostile text costs no more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from forthwith.procedure.references import Path

MAX_CHARACTERS = 2_000_000
MAX_VALUES = 100_000
MAX_DEPTH = 40

_STR, _INT, _BOOL, _NULL = (f"tag:yaml.org,2002:{name}" for name in ("str", "int", "bool", "null"))
_SEQ, _MAP = "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"
_WIDTH = 110
_FLOW_WIDTH = 90
_WORD = 30
_PAIRS = 4
_ODD_BREAK = re.compile("[\r\x85\u2028\u2029]")


class YamlProblem(ValueError):
    """A text that cannot be read as YAML of this kind: where, and why."""

    def __init__(self, line: int, message: str, *, path: Path = (), value: str = "") -> None:
        self.line = line
        self.message = message
        self.path = path
        self.value = value
        super().__init__(f"line {line}: {message}")


@dataclass(frozen=True, slots=True)
class Source:
    """A document's plain data, and the line (from 1) of each path in it."""

    data: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)
    taken_over: frozenset[str] = frozenset()
    """Sections that are not in the text: those of the procedure that it is based on."""

    def line(self, path: Path) -> int:
        """The line of a path's key or list item; where it is missing, of what should hold it."""
        if path and path[0] in self.taken_over:
            return self.lines.get(("based_on",), 1)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def at(self, path: Path) -> Any:
        """What stands at a path; an empty mapping where nothing does."""
        here: Any = self.data
        for part in path:
            try:
                here = here[part]
            except (KeyError, IndexError, TypeError):
                return {}
        return here


def dotted(path: Path) -> str:
    """A path as people read it: `escalation.3.move_to`."""
    return ".".join(map(str, path))


class _Loader(yaml.SafeLoader):
    """Composes nodes with trimmed resolvers and bounded nesting."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.depth >= MAX_DEPTH:
            raise YamlProblem(self._line(), f"is nested more than {MAX_DEPTH} deep; no procedure needs that")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _line(self) -> int:
        return int(self.line) + 1


_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(_INT, re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
_Loader.add_implicit_resolver(_NULL, re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])


def load(text: str) -> Source:
    """Plain data of a YAML mapping, with lines. Raises YamlProblem."""
    if len(text) > MAX_CHARACTERS:
        raise YamlProblem(1, f"is longer than {MAX_CHARACTERS:,} characters; no procedure needs that")
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _syntax(error) from None
    except yaml.YAMLError as error:
        raise YamlProblem(1, f"is no YAML: {_first_line(str(error))}") from None
    if not isinstance(node, yaml.MappingNode):
        raise YamlProblem(1, "is no procedure: a mapping is expected, beginning with 'format: 1'")
    reader = _Reader()
    return Source(reader.value(node, ()), reader.lines)


def _syntax(error: yaml.MarkedYAMLError) -> YamlProblem:
    mark = error.problem_mark or error.context_mark
    words = ", ".join(part for part in (error.context, error.problem) if part)
    return YamlProblem(mark.line + 1 if mark else 1, f"is no YAML: {words}; check indentation, colons and quotes")


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


class _Reader:
    """Turns nodes into plain data and notes the line of every path."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self._count = 0
        self._above: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        if self._count > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values, counting each use of an alias; write fewer"
            raise YamlProblem(_line(node), message, path=path)
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node, path)
        if id(node) in self._above or len(path) > MAX_DEPTH:
            raise YamlProblem(_line(node), "contains itself through an alias; write it out", path=path)
        self._above.add(id(node))
        try:
            return self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._sequence(node, path)
        finally:
            self._above.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        _refuse_tag(node, path, "map")
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlProblem(_line(key_node), "has a key that is no text", path=path)
            key = str(key_node.value)
            if key in found:
                first = self.lines[(*path, key)]
                message = f"stands here a second time; the first is in line {first}. Keep one of them"
                raise YamlProblem(_line(key_node), message, path=(*path, key))
            self.lines[(*path, key)] = _line(key_node)
            found[key] = self.value(value_node, (*path, key))
        return found

    def _sequence(self, node: yaml.Node, path: Path) -> list[Any]:
        _refuse_tag(node, path, "seq")
        found = []
        for i, item in enumerate(node.value):
            self.lines[(*path, i)] = _line(item)
            found.append(self.value(item, (*path, i)))
        return found


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _refuse_tag(node: yaml.Node, path: Path, kind: str) -> None:
    if node.tag != f"tag:yaml.org,2002:{kind}":
        raise YamlProblem(_line(node), f"has the tag {node.tag!r}; leave tags out", path=path)


def _scalar(node: yaml.ScalarNode, path: Path) -> Hashable:
    text = str(node.value)
    if node.tag == _STR:
        return text
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if node.tag == _INT and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    raise YamlProblem(_line(node), f"has the tag {node.tag!r}; leave tags out", path=path, value=text[:60])


class _Dumper(yaml.SafeDumper):
    """Writes what reads well: short things on one line, texts of several lines as blocks, no anchors.

    The resolvers are YAML 1.1's, wider than those of `_Loader`: it quotes `09:00`, `no` and `1.0` for other
    readers.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def write_plain(self, text: str, split: bool = True) -> None:
        """Never break a line within one of several words of a list."""
        super().write_plain(text, split and not self.flow_level)

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_str(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Other characters that YAML takes for the end of a line would be folded into a space: escape them.
    style = '"' if _ODD_BREAK.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar(_STR, text, style=style)


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    words = all(isinstance(item, str) and len(item) <= _WORD and "\n" not in item for item in items)
    return dumper.represent_sequence(_SEQ, items, flow_style=words or _fits(items))


def _represent_dict(dumper: yaml.SafeDumper, items: dict[str, Any]) -> yaml.MappingNode:
    nested = any(isinstance(value, dict | list) for value in items.values())
    flow = not nested and len(items) <= _PAIRS and _fits(items)
    return dumper.represent_mapping(_MAP, items.items(), flow_style=flow)


def _represent_whole(dumper: yaml.SafeDumper, document: _Whole) -> yaml.MappingNode:
    return dumper.represent_mapping(_MAP, document.items(), flow_style=False)


class _Whole(dict[str, Any]):
    """The outermost mapping, which is never on one line."""


_Dumper.add_representer(str, _represent_str)
_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(dict, _represent_dict)
_Dumper.add_representer(_Whole, _represent_whole)


def _fits(value: Any) -> bool:
    """Whether it may stand on one line: short, and without texts of several lines in it."""
    leaves = list(_leaves(value))
    return sum(len(leaf) + 2 for leaf in leaves) <= _FLOW_WIDTH and not any("\n" in leaf for leaf in leaves)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield str(key)
            yield from _leaves(below)
    elif isinstance(value, list):
        for below in value:
            yield from _leaves(below)
    else:
        yield str(value)


def dump(data: dict[str, Any]) -> str:
    """YAML of plain data, keys in their order; an empty line before each part of several lines."""
    text = ""
    for key, value in data.items():
        part = str(yaml.dump(_Whole({key: value}), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH))
        text += f"\n{part}" if text and "\n" in part.rstrip("\n") else part
    return text
