"""Writes docs/traceability.md: which tests prove which step of the support procedure.

    python tools/traceability.py            writes the page
    python tools/traceability.py --check    write nothing; exit 1 when a step has no test

A test proves a step by its mark, as in `@pytest.mark.sop("2.2")`; on a class or as `pytestmark` it holds for
every test inside. The marks are read from the syntax tree, so nothing is imported or run.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "traceability.md"

# The procedure's own numbers and words.
STEPS = {
    "1.1": "Monitor all support channels during business hours",
    "1.2": "Log all received requests in the ticketing system",
    "2.1": "Verify completeness of the request",
    "2.2": "Acknowledge to the user within 15 minutes of receipt",
    "3.1": "Categorise the ticket",
    "3.2": "Assign priority by the defined criteria",
    "4.1": "Assign the ticket to an available support agent",
    "4.2": "Begin troubleshooting by articles and defined procedures",
    "4.3": "Communicate next steps within the target response time",
    "5.1": "Escalate by the escalation matrix",
    "5.2": "Notify the user about the escalation, with estimated timelines",
    "6.1": "Maintain detailed records in the ticket system",
    "6.2": "Update or create knowledge base articles",
    "7.1": "Confirm resolution with the user; obtain feedback",
    "7.2": "Mark the ticket as closed",
}
# Provable by a test, but not steps: a page without them is complete.
OTHERS = {
    "R1": "Support agents",
    "R2": "Support team leader",
    "R3": "Specialised teams",
    "D1": "Support escalation matrix",
    "D2": "Knowledge base usage guide",
    "D3": "Customer communication policy",
    "H1": "Revision history",
}
INTRODUCTION = """# Traceability

Which tests prove which step of the support procedure. Written by `make traceability` from the `sop` marks of
the tests; do not edit it by hand.
"""


class UnknownStep(Exception):
    """A mark names a step that the procedure does not have; the message says where."""


def steps_of_mark(node: ast.AST) -> Iterator[ast.Constant]:
    """The arguments of every `pytest.mark.sop(...)` inside `node`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and ast.unparse(part.func).endswith("mark.sop"):
            yield from (argument for argument in part.args if isinstance(argument, ast.Constant))


def marked(nodes: list[ast.expr], path: Path) -> frozenset[str]:
    found = set()
    for argument in (argument for node in nodes for argument in steps_of_mark(node)):
        if argument.value not in STEPS and argument.value not in OTHERS:
            raise UnknownStep(
                f"{path}:{argument.lineno}: there is no step {argument.value!r}; "
                f"the steps are {', '.join([*STEPS, *OTHERS])}, each in quotes"
            )
        found.add(str(argument.value))
    return frozenset(found)


def own_marks(body: list[ast.stmt], path: Path) -> frozenset[str]:
    """The `pytestmark` of a module or class."""
    values = [
        statement.value
        for statement in body
        if isinstance(statement, ast.Assign) and "pytestmark" in map(ast.unparse, statement.targets)
    ]
    return marked(values, path)


def proofs_in(body: list[ast.stmt], path: Path, inherited: frozenset[str], prefix: str) -> Iterator[tuple[str, str]]:
    """(step, name of a test) of every marked test in `body`."""
    inherited |= own_marks(body, path)
    for node in body:
        if isinstance(node, ast.ClassDef):
            marks = inherited | marked(node.decorator_list, path)
            # A state machine of Hypothesis is assigned its TestCase: the class itself stands for its rules.
            tests = list(proofs_in(node.body, path, marks, f"{prefix}{node.name}."))
            yield from tests or ((step, f"{prefix}{node.name}") for step in sorted(marks - inherited))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
            marks = inherited | marked(node.decorator_list, path)
            yield from ((step, f"{prefix}{node.name}") for step in sorted(marks))


def proofs(tests: Path) -> dict[str, list[tuple[Path, str]]]:
    """For each step the tests that prove it: (file, name), in order."""
    found: dict[str, list[tuple[Path, str]]] = {step: [] for step in (*STEPS, *OTHERS)}
    for path in sorted(tests.rglob("test_*.py")):
        for step, name in proofs_in(ast.parse(path.read_text()).body, path, frozenset(), ""):
            found[step].append((path, name))
    return found


def page(found: dict[str, list[tuple[Path, str]]]) -> str:
    parts = [INTRODUCTION, "| step | what it asks | tests |\n| --- | --- | --- |"]
    parts += [f"| {step} | {title} | {len(found[step])} |" for step, title in STEPS.items()]
    for step, title in {**STEPS, **OTHERS}.items():
        if found[step]:
            parts.append(f"\n## {step} {title}\n")
            parts += [f"- `{path.relative_to(ROOT).as_posix()}`: {name}" for path, name in found[step]]
    return "\n".join(parts) + "\n"


def problems(found: dict[str, list[tuple[Path, str]]]) -> Iterator[str]:
    missing = [step for step in STEPS if not found[step]]
    if missing:
        example = f"@pytest.mark.sop('{missing[0]}')"
        yield f"no test is marked with step {', '.join(missing)}; mark one, as in {example}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a step has no test")
    asked = parser.parse_args()
    try:
        found = proofs(TESTS)
    except UnknownStep as unknown:
        sys.exit(f"traceability: {unknown}")
    if asked.check:
        wrong = list(problems(found))
        for problem in wrong:
            print(f"traceability: {problem}", file=sys.stderr)
        return 1 if wrong else 0
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(found))
    proven = sum(bool(found[step]) for step in STEPS)
    print(f"{PAGE.relative_to(ROOT)}: {proven} of {len(STEPS)} steps have a test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
