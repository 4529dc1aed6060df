"""`forthwith reindex`: write the indexes of the search anew from what is kept."""

from __future__ import annotations

import argparse
import sys

from forthwith.config.ready import set_up_desk


def run(asked: argparse.Namespace) -> int:
    """Write every ticket, person and article into the index again, and say how many that were."""
    with set_up_desk():
        from forthwith.knowledge import index
        from forthwith.record.search import filling

        filling.begin_anew()
        shown = sys.stderr.isatty() and not asked.quiet
        done = 0
        while filled := filling.turn():
            done += filled
            if shown:
                print(f"\r{done} written", end="", file=sys.stderr, flush=True)
        if shown:
            print(file=sys.stderr)
        articles = index.rebuild()
    print(f"The search knows every ticket and person again: {done} written. Articles: {articles}.")
    return 0
