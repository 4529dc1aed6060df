"""The model that this desk has, if it has one: read once, and again when a newer one was learnt."""

from __future__ import annotations

import importlib.util
import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from forthwith.procedure.said import say
from forthwith.suggestions import model_file
from forthwith.suggestions.model import Model
from forthwith.suggestions.model_file import Unreadable

NEEDS = say("scikit-learn is not installed. Run: pip install 'forthwith[suggestions]'")
_NAME = "model"

_log = logging.getLogger(__name__)


def path() -> Path:
    """Where the model is, or will be."""
    return Path(settings.HOME) / "suggestions" / _NAME


def model() -> Model | None:
    """The model that was learnt last; None when none was, or when its file cannot be read: then the words decide."""
    return _present()[0]


def trouble() -> str:
    """Why there is a file but no model, in a sentence; empty when all is well."""
    return _present()[1]


def can_learn() -> bool:
    """Whether what learning needs is installed. Without loading it."""
    return importlib.util.find_spec("sklearn") is not None


def _present() -> tuple[Model | None, str]:
    at = path()
    try:
        stat = at.stat()
    except OSError:
        return None, ""
    return _read(at, stat.st_ino, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1)
def _read(at: Path, inode: int, changed_ns: int, size: int) -> tuple[Model | None, str]:
    """By what tells one file from the next. A file that cannot be read is tried again only when it changes."""
    try:
        return Model(model_file.read(at)), ""
    except (Unreadable, OSError, KeyError, TypeError, ValueError) as error:
        words = say(
            "The model %(path)s cannot be read: %(why)s Learn anew; until then the procedure's words decide alone.",
            path=at,
            why=error.args[0] if isinstance(error, Unreadable) else str(error),
        )
        _log.warning("%s", words)
        return None, words
