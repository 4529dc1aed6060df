"""Forthwith: the help desk that runs a written support procedure and proves that it was followed."""

__version__ = "0.1.0"
