"""`forthwith reindex`: write the index of the search anew from what is kept."""

from __future__ import annotations

import argparse
import sys

from forthwith.config.ready import set_up_desk


def run(asked: argparse.Namespace) -> int:
    """Write every ticket and person into the index again, the newest first, and say how many that were."""
    with set_up_desk():
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
    print(f"The search knows every ticket and person again: {done} written.")
    return 0
