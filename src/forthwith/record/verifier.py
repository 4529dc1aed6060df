"""Checks a bundle of evidence from a help desk: python verify.py [BUNDLE.zip or its unpacked folder]

It needs nothing but Python 3. It checks that every file is the one that was bundled, that the facts of each ticket form
an unbroken chain of hashes, that each message is the one that was vouched for, that nothing happened under a revision
that was called off, and that the verdicts add up to what the bundle says. Whoever wrote all of it anew is not seen:
compare the hash that it prints last with one kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

MESSAGE = ("kind", "incoming", "author", "address", "subject", "text", "new_text", "html", "mail_id", "written_at")
FILE = ("digest", "name", "type", "size", "inline", "content_id")


def digest(value: Any) -> str:
    """The hash of a value in its canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def faults_of(ticket: Any) -> list[str]:
    """What is wrong with the export of one ticket, as sentences."""
    number, previous = ticket["ticket"]["number"], ""
    for place, fact in enumerate(ticket["facts"], 1):
        said = {key: value for key, value in fact.items() if key != "hash"}
        if fact["seq"] != place or fact["hash"] != digest({**said, "ticket": number, "previous": previous}):
            return [f"#{number}: fact {place} does not fit the chain"]
        previous = fact["hash"]
    wrong = [] if previous == ticket["chain"]["head"] else [f"#{number}: the chain does not end in its head"]
    for message in ticket["messages"]:
        files = sorted([file[key] for key in FILE] for file in message["files"])
        if message["digest"] != digest({**{key: message[key] for key in MESSAGE}, "files": files}):
            wrong.append(f"#{number}: message {message['id']} is not what its digest says")
    kept = {message["id"]: message["digest"] for message in ticket["messages"]}
    vouched = [fact for fact in ticket["facts"] if "digest" in fact["data"]]
    other = [fact["seq"] for fact in vouched if kept.get(fact["data"].get("message")) != fact["data"]["digest"]]
    wrong += [f"#{number}: the message of fact {seq} is not the one that it vouches for" for seq in other]
    return wrong


def _within(name: str, content: bytes, called_off: Collection[str], counts: dict[str, dict[str, int]]) -> Iterator[str]:
    """What is wrong within the file of a ticket; its verdicts are counted."""
    try:
        ticket = json.loads(content)
        yield from faults_of(ticket)
        for fact in ticket["facts"]:
            if str(fact["revision"]) in called_off:
                yield f"{name}: fact {fact['seq']} is under revision {fact['revision']}, which was called off"
        for step, verdict in (ticket["ticket"]["conformance"] or {}).items():
            of_step = counts.setdefault(step, {})
            of_step[verdict["verdict"]] = of_step.get(verdict["verdict"], 0) + 1
    except (ValueError, KeyError, TypeError, AttributeError) as unreadable:
        yield f"{name} cannot be read ({unreadable!r})"


def check(names: Collection[str], read: Callable[[str], bytes]) -> Iterator[str]:
    """Everything that is wrong with a bundle, which holds files of these names."""
    manifest, tickets = json.loads(read("manifest.json")), 0
    listed: dict[str, str] = manifest["files"]
    counts: dict[str, dict[str, int]] = {}
    called_off = {one for one, told in manifest.get("revisions", {}).items() if told["called_off_at"]}
    for name in sorted(set(names) - listed.keys() - {"manifest.json", "verify.py"}):
        yield f"{name} is not in the manifest"
    for name, told in sorted(listed.items()):
        if name not in names:
            yield f"{name} is missing"
            continue
        content = read(name)
        if hashlib.sha256(content).hexdigest() != told:
            yield f"{name} was changed"
        if not name.startswith("tickets/"):
            continue
        tickets += 1
        yield from _within(name, content, called_off, counts)
    if tickets != manifest["tickets"]:
        yield f"there are {tickets} tickets, and the manifest says {manifest['tickets']}"
    if counts != manifest["verdicts"]:
        yield "the verdicts of the tickets do not add up to those of the manifest"


def main(where: Path) -> int:
    """Say what is wrong with the bundle at a path, and return how many things are."""
    if where.is_dir():
        names = {path.relative_to(where).as_posix() for path in where.rglob("*") if path.is_file()}
        faults, manifest = list(check(names, lambda name: (where / name).read_bytes())), where / "manifest.json"
        head = hashlib.sha256(manifest.read_bytes()).hexdigest()
    else:
        with zipfile.ZipFile(where) as bundle:
            faults = list(check(set(bundle.namelist()), bundle.read))
            head = hashlib.sha256(bundle.read("manifest.json")).hexdigest()
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults." if faults else "Everything fits.", f"The manifest's hash: {head}")
    return len(faults)


if __name__ == "__main__":
    try:
        sys.exit(1 if main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")) else 0)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as unreadable:
        print(f"The bundle cannot be read: {unreadable!r}")
        sys.exit(2)
