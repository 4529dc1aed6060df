"""What every part of the procedure's document shares, and the names that its parts have."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
CategoryPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=200)]


class Part(BaseModel):
    """A part of the document: immutable, and nothing unknown is let through."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        # So that `version: 2` need not be quoted: a reader of YAML sees a text there.
        coerce_numbers_to_str=True,
        arbitrary_types_allowed=True,
    )
