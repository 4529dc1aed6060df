"""By what rates the procedure knows a machine that does not say it is one (SOP 2.2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from forthwith.procedure.part import Duration, Part


class Rate(Part):
    """At most so many within so many seconds."""

    most: Annotated[int, Field(ge=1, le=400)]
    within: Annotated[Duration, Field(ge=60)]


class Loops(Part):
    """By what rates a machine is known that does not say it is one (SOP 2.2); each for one pair of addresses.

    `acknowledgements` to one address; above it the next is withheld. `quiet`: new requests of one address to one of
    the desk's; those above it are taken for a machine's, which no automatic mail answers. `ignored`: mails of any
    kind; those above it are kept in the ledger, and open no ticket.
    """

    acknowledgements: Rate = Rate.model_construct(most=10, within=3_600)
    quiet: Rate = Rate.model_construct(most=20, within=86_400)
    ignored: Rate = Rate.model_construct(most=100, within=3_600)
