"""A doubt about a procedure: what the lint reports."""

from __future__ import annotations

from dataclasses import dataclass

from forthwith.procedure.references import Path
from forthwith.procedure.said import Said


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that can hardly be meant: where in the document, why, and a likelier value if any."""

    path: Path
    message: Said
    suggestion: str = ""
