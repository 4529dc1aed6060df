"""`forthwith web`: the pages and the live streams."""

from __future__ import annotations

import argparse
import socket

from forthwith.config import environment
from forthwith.config.cli import Complaint
from forthwith.config.ready import refuse_unless_set_up
from forthwith.config.supervised import end_with_supervisor


def run(asked: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT."""
    refuse_unless_set_up()
    end_with_supervisor()
    from forthwith.config.serve import serve

    port = asked.port or environment.port_of(environment.read().url)
    return serve(listening(asked.host, port, "The pages cannot be served", "Choose another with --port."))


def listening(host: str, port: int, what: str, advice: str) -> socket.socket:
    """A listening socket, or a Complaint that says why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise Complaint(f"{what} on {host}:{port}: {error.strerror}. {advice}") from None
