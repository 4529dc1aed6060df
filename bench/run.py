"""Runs the benchmarks beside this file and prints each number with its baseline and its target.

    python bench/run.py [--json FILE] [NAME ...]

A benchmark is a module in this folder with `run() -> list[dict]`; each dict is one row of the table:

    name      what was measured
    value     the number (None: could not be measured here, the reason in "note")
    unit      of value, baseline and target
    baseline  the number to compare with: another program's or another size's (may be missing)
    ratio     how many times better than the baseline, or what the benchmark compares (may be missing)
    target    what is asked for, such as ">= 1000000" or "<= 20" (may be missing)
    ok        whether the target is met (may be missing: then it is worked out from value and target)

`FORTHWITH_TEST_POSTGRES_URL` names the PostgreSQL server to use. A missed target is printed but is no error:
the machine may be busy. The exit code is 1 when a benchmark breaks.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import operator
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
COLUMNS = ("name", "value", "unit", "baseline", "ratio", "target", "ok")
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

Row = dict[str, Any]


def benchmarks(names: Sequence[str]) -> list[Path]:
    found = {path.stem: path for path in sorted(FOLDER.glob("*.py")) if path != Path(__file__).resolve()}
    unknown = [name for name in names if name not in found]
    if unknown:
        sys.exit(f"bench: there is no {', '.join(unknown)} in bench/; there is {', '.join(found) or 'nothing'}")
    return [path for name, path in found.items() if name in names or not names]


def rows_of(path: Path) -> list[Row]:
    """The rows of one benchmark; a module without `run` is none, and has none."""
    description = importlib.util.spec_from_file_location(f"bench.{path.stem}", path)
    if description is None or description.loader is None:
        return []
    module = importlib.util.module_from_spec(description)
    # Where pickle and multiprocessing look for it.
    sys.modules[description.name] = module
    description.loader.exec_module(module)
    return [completed(row) for row in module.run()] if hasattr(module, "run") else []


def completed(row: Row) -> Row:
    if row.get("ok") is None:
        row["ok"] = meets(row.get("value"), row.get("target"))
    return row


def meets(value: object, target: object) -> bool | None:
    """Whether 812.5 meets ">= 800"; None when there is nothing to compare."""
    sign, _, limit = str(target or "").partition(" ")
    if not isinstance(value, (int, float)) or sign not in COMPARISONS:
        return None
    return COMPARISONS[sign](value, float(limit.replace(",", "").replace("_", "")))


def shown(column: str, value: object) -> str:
    if value is None:
        return "-"
    if column == "ok":
        return "yes" if value else "MISSED"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)


def table(rows: Sequence[Row]) -> Iterator[str]:
    cells = [COLUMNS, *(tuple(shown(column, row.get(column)) for column in COLUMNS) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        first, *others = (
            cell.ljust(width) if name in {"name", "unit"} else cell.rjust(width)
            for name, cell, width in zip(COLUMNS, line, widths, strict=True)
        )
        yield "  ".join([first, *others]).rstrip()


def report(rows: Sequence[Row]) -> None:
    print("\n".join(table(rows)))
    for row in rows:
        if row.get("note"):
            print(f"note: {row['name']}: {row['note']}")
    missed = [str(row["name"]) for row in rows if row["ok"] is False]
    print(f"missed: {'; '.join(missed)}" if missed else "missed: none")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="the benchmarks to run; all without one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows there")
    asked = parser.parse_args()
    # A benchmark may import another one, and the builders of the tests.
    sys.path.insert(0, str(FOLDER.parent))

    rows: list[Row] = []
    broken = []
    for path in benchmarks(asked.names):
        print(f"bench: {path.stem}", file=sys.stderr, flush=True)
        try:
            rows += rows_of(path)
        except Exception:  # one broken benchmark must not hide the others' numbers
            traceback.print_exc()
            broken.append(path.stem)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    report(rows)
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=2))
    if broken:
        print(f"broken: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
