"""How good suggestions are on tickets of others, how long learning and suggesting take, and what it holds in memory.

The sets are read from `FORTHWITH_TEST_DATA`/tickets. Each is split once by a hash of the text: four fifths to learn
from, one to measure on, so that the same text is never on both sides; the row "with repeats" splits by the line
instead, as a desk would see it that gets the same alert again and again. Out of scope: requests of no known kind.
Times are the processor's: learning stands back behind all else, and the machine may be busy.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zlib import crc32

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("FORTHWITH_TEST_DATA", ROOT.parent / "shared" / "data")) / "tickets"
PARTS = 5
LARGE = 50_000
Row = tuple[str, str, str]


def run() -> list[dict[str, Any]]:
    """Rows for each set, then those of cost."""
    if not DATA.is_dir():
        return [{"name": "suggestions", "value": None, "unit": "%", "note": f"no tickets at {DATA}"}]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forthwith.config.settings")
    with tempfile.TemporaryDirectory(prefix="forthwith-bench-") as home:
        command = [sys.executable, str(Path(__file__)), "measure"]
        variables = {**os.environ, "FORTHWITH_HOME": home, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, text=True)
        rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        memory = subprocess.run([*command[:2], "memory"], env=variables, check=True, stdout=subprocess.PIPE, text=True)
    held = {"name": "memory of suggesting, 74 groups", "value": float(memory.stdout.split()[-1]), "unit": "MiB"}
    return [*rows, {**held, "target": "<= 12"}]


def it_tickets() -> list[Row]:
    """Tickets of an IT service desk, with the group that got each."""
    with gzip.open(DATA / "it_tickets_6000.csv.gz", "rt") as file:
        return [(row["Short description"], row["Description"], row["Assignment group"]) for row in csv.DictReader(file)]


def endava(*names: str) -> list[Row]:
    """Tickets of a software house, stop words taken out, with these of its columns."""
    with gzip.open(DATA / "endava_tickets_4000.csv.gz", "rt") as file:
        return [(row["title"], row["body"], "/".join(row[name] for name in names)) for row in csv.DictReader(file)]


def banking() -> list[Row]:
    """Short questions to a bank, of 77 kinds."""
    with (DATA / "banking77_train.csv").open() as file:
        return [(row["text"], "", row["category"]) for row in csv.DictReader(file)]


def clinc(*parts: str) -> list[Row]:
    """Short requests of 150 kinds, or out of scope."""
    found = json.loads(gzip.decompress((DATA / "clinc150_dev.json.gz").read_bytes()))
    return [(text, "", kind) for part in parts for text, kind in found[part]]


def by_text(row: Row, _: int) -> int:
    """The part of a row by what it says, so that repeats stay together."""
    return crc32(" ".join(f"{row[0]} {row[1]}".casefold().split()).encode()) % PARTS


def by_line(row: Row, number: int) -> int:
    """The part of a row by where it stands."""
    return crc32(f"{number}".encode()) % PARTS


def measure() -> list[dict[str, Any]]:
    """Learn from each set and measure on its held-out part."""
    import django

    django.setup()
    sets: list[tuple[str, list[Row], Callable[[Row, int], int]]] = [
        ("IT tickets, group of 74", it_tickets(), by_text),
        ("IT tickets with repeats", it_tickets(), by_line),
        ("endava, category of 7", endava("category"), by_text),
        ("endava, subcategory", endava("category", "sub_category2"), by_text),
        ("banking, intent of 77", banking(), by_text),
        ("clinc, intent of 150", clinc("train", "val"), by_text),
    ]
    rows: list[dict[str, Any]] = []
    for name, tickets, part in sets:
        print(f"bench: suggestions: {name}", file=sys.stderr, flush=True)
        rows += _of_set(name, tickets, part)
    return [*rows, _large()]


def _of_set(name: str, tickets: list[Row], part: Callable[[Row, int], int]) -> list[dict[str, Any]]:
    from forthwith.suggestions import measures
    from forthwith.suggestions.vectors import bag_of, words_of

    parts = [part(row, number) for number, row in enumerate(tickets)]
    train = [row for row, one in zip(tickets, parts, strict=True) if one]
    held = [row for row, one in zip(tickets, parts, strict=True) if not one]
    began = time.process_time()
    model = _learnt(train)
    took = time.process_time() - began
    ranked = [model.ranked("category", bag_of(words_of(subject, text))) for subject, text, _ in held]
    found = measures.measured([truth for *_, truth in held], ranked)
    began = time.process_time()
    for subject, text, _ in held:
        model.guesses(words_of(subject, text))
    each = 1000 * (time.process_time() - began) / len(held)
    reached = {percent: f"{share:.1%} of tickets, {right:.1%} right" for percent, share, right in found["reached"]}
    note = f"{len(train)} learnt, {len(held)} held out; at 50 % {reached[50]}; at 80 % {reached[80]}"
    rows = [
        {"name": f"{name}: right at once", "value": 100 * found["top1"], "unit": "%", "note": note},
        {"name": f"{name}: among three", "value": 100 * found["top3"], "unit": "%"},
        {"name": f"{name}: coverage at 90 %", "value": 100 * found["coverage"], "unit": "%"},
        {"name": f"{name}: to learn", "value": took, "unit": "s"},
        {"name": f"{name}: to suggest", "value": each, "unit": "ms", "target": "<= 2"},
    ]
    return [*rows, *_out_of_scope(model)] if name.startswith("clinc") else rows


def _out_of_scope(model: Any) -> list[dict[str, Any]]:
    """Of requests that are of no known kind, how many are suggested something, or even decided."""
    from forthwith.suggestions.vectors import words_of

    strange = clinc("oos_train", "oos_val")
    best = [model.guesses(words_of(subject, text)).get("category", [])[:1] for subject, text, _ in strange]
    return [
        {
            "name": f"clinc, out of scope: at {percent} %",
            "value": 100 * sum(bool(one) and one[0].confidence >= percent for one in best) / len(best),
            "unit": "%",
            "note": "of requests that are of no known kind; less is better",
        }
        for percent in (50, 80)
    ]


def _large() -> dict[str, Any]:
    """As many tickets as the procedure has learnt from at most: the IT tickets again and again, each a little other."""
    base = it_tickets()
    began = time.process_time()
    _learnt(
        (f"{subject} {number % 997}", f"{text} case {number}", group)
        for number, (subject, text, group) in enumerate(base * (LARGE // len(base) + 1))
        if number < LARGE
    )
    took = time.process_time() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"name": f"to learn from {LARGE:,}", "value": took, "unit": "s", "note": f"at most {most:.0f} MiB"}


def _learnt(tickets: Iterable[Row]) -> Any:
    from forthwith.suggestions import kept, learning
    from forthwith.suggestions.examples import Example
    from forthwith.suggestions.vectors import bag_of, words_of

    found = [
        Example(number, bag_of(words_of(subject, text)), {"category": kind, "priority": "", "team": ""})
        for number, (subject, text, kind) in enumerate(tickets)
    ]
    learning.learn(found, kept.path(), least=5, head={"revision": 1}, told=lambda _: None)
    return kept.model()


def memory() -> float:
    """What opening a model and suggesting by it adds to a process, in MiB."""
    import django

    django.setup()
    from forthwith.suggestions import alike, kept
    from forthwith.suggestions.vectors import words_of

    tickets = it_tickets()[:1000]
    before = _resident()
    for subject, text, _ in tickets:
        words, model = words_of(subject, text), kept.model()
        assert model is not None
        model.guesses(words)
        alike.like(model, words, 5)
    return _resident() - before


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


if __name__ == "__main__":
    print(json.dumps(measure()) if sys.argv[1] == "measure" else memory())
