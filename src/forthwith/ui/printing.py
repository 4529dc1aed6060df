"""Making a PDF in a process of its own: it is bounded in time, and gives back all the memory that it took."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from forthwith.record.links import SIGNED

LONGEST_S = 30
AT_ONCE = 1
"""Documents that one web process prints at the same time; a large one takes a second and 400 MiB."""
_PRESSES = threading.BoundedSemaphore(AT_ONCE)

# A word longer than a line would run off the paper: it may break after each so many letters.
_LONG_WORD = re.compile(r"\S{40,}")
_PART = 20
# No part of a text: control characters, and those that turn the direction of what follows.
_COMMANDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")


class NotThere(RuntimeError):
    """What makes PDFs is not installed."""


class NotPrinted(RuntimeError):
    """It took too long, or failed."""


class Busy(NotPrinted):
    """Another document is being printed: whoever waited for it would keep a thread of the web process from others."""


def printed(content: dict[str, Any], template: Path, *, instead: str, within_s: float = LONGEST_S) -> bytes:
    """The PDF that a Typst template makes of this content. `instead` is a sentence: what can be done without a PDF.

    Raises NotThere, Busy and NotPrinted, each with a sentence for who asked.
    """
    if find_spec("typst") is None:
        needs = _("PDF needs the package typst. An administrator adds it with: pip install 'forthwith[pdf]'.")
        raise NotThere(f"{needs} {instead}")
    if not _PRESSES.acquire(blocking=False):
        raise Busy(_("Other documents are being printed just now. Try again in a minute."))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "forthwith.ui.press", str(template)],
            input=json.dumps(content).encode(),
            capture_output=True,
            timeout=within_s,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise NotPrinted(f"{_('It took too long to print.')} {instead}") from None
    except subprocess.CalledProcessError as failed:
        last = failed.stderr.decode(errors="replace").strip().splitlines()[-1:]
        said = _("It could not be printed (%(why)s).") % {"why": " ".join(last)[:300]}
        raise NotPrinted(f"{said} {instead}") from None
    finally:
        _PRESSES.release()
    return done.stdout


def clean(text: str) -> str:
    """A text as paper can show it: without what commands a reader, and with places to break its longest words."""
    shown = _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", SIGNED.sub(r"\1…/", text.expandtabs(4).replace("\r", "")))
    return _LONG_WORD.sub(_breakable, shown)


def cleaned(content: Any) -> Any:
    """Every text in what a template is given, as paper can show it."""
    if isinstance(content, str):
        return clean(content)
    if isinstance(content, dict):
        return {key: cleaned(value) for key, value in content.items()}
    return [cleaned(one) for one in content] if isinstance(content, list | tuple) else content


def _breakable(word: re.Match[str]) -> str:
    whole = word.group()
    return "\N{ZERO WIDTH SPACE}".join(whole[at : at + _PART] for at in range(0, len(whole), _PART))
