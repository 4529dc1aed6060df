"""Making a PDF in a process of its own: it is bounded in time, and gives back all the memory that it took."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from importlib.util import find_spec
from typing import Any

from django.utils.translation import gettext as _

LONGEST_S = 30
AT_ONCE = 1
"""Records that one web process prints at the same time; a large one takes a second and 400 MiB."""
_PRESSES = threading.BoundedSemaphore(AT_ONCE)


class NotThere(RuntimeError):
    """What makes PDFs is not installed."""


class NotPrinted(RuntimeError):
    """It took too long, or failed."""


class Busy(NotPrinted):
    """Another record is being printed: whoever waited for it would keep a thread of the web process from others."""


def printed(content: dict[str, Any], *, within_s: float = LONGEST_S) -> bytes:
    """The PDF of a ticket's record. Raises NotThere, Busy and NotPrinted, each with a sentence for who asked."""
    if find_spec("typst") is None:
        raise NotThere(
            _("PDF needs the package typst. An administrator adds it with: pip install 'forthwith[pdf]'. ")
            + _("Until then, save the ticket as JSON, or print its page from the browser.")
        )
    if not _PRESSES.acquire(blocking=False):
        raise Busy(_("Other records are being printed just now. Try again in a minute."))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "forthwith.desk.press"],
            input=json.dumps(content).encode(),
            capture_output=True,
            timeout=within_s,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise NotPrinted(_("The record took too long to print. Save the ticket as JSON: that always works.")) from None
    except subprocess.CalledProcessError as failed:
        last = failed.stderr.decode(errors="replace").strip().splitlines()[-1:]
        said = {"why": " ".join(last)[:300]}
        raise NotPrinted(_("The record could not be printed (%(why)s). Save the ticket as JSON.") % said) from None
    finally:
        _PRESSES.release()
    return done.stdout
