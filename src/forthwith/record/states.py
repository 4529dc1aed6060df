"""What pages call the states of a ticket: as the procedure in force says it, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.utils.translation import get_language, gettext

from forthwith.procedure.lifecycle import STATUSES
from forthwith.procedure.model import Procedure
from forthwith.procedure.said import Said
from forthwith.procedure.statuses import FOR_REQUESTERS, label_of, told_of

States = Mapping[str, str]


def desk_states(procedure: Procedure | None) -> States:
    """What each status is called at the desk; without a procedure, what is usual."""
    return _states(procedure, get_language() or "", for_requesters=False)


def requester_states(procedure: Procedure | None) -> States:
    """What each status is called on the pages of who asked."""
    return _states(procedure, get_language() or "", for_requesters=True)


@lru_cache(maxsize=64)
def _states(procedure: Procedure | None, language: str, *, for_requesters: bool) -> States:
    # Hundreds of rows say them: once for a language is enough.
    usual, said = (FOR_REQUESTERS, told_of) if for_requesters else (STATUSES, label_of)
    labels = {key: said(procedure, key, language) if procedure else name for key, name in usual.items()}
    return {key: gettext(label) if isinstance(label, Said) else label for key, label in labels.items()}
