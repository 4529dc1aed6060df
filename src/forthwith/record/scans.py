"""The virus scanner's verdict on each file, when a scanner is configured (FORTHWITH_CLAMD)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from forthwith.record import clamd, files
from forthwith.record.models import Attachment

WITHIN_S = 60.0
"""How long one file may take in the background."""
WHILE_WAITED_FOR_S = 8.0
"""How long when a person waits for their download."""


def waiting(most: int = 20) -> list[Attachment]:
    """Files that were not looked at yet, the oldest first."""
    return list(Attachment.objects.filter(scan=Attachment.WAITING).order_by("pk")[:most])


def scan(file: Attachment, *, now: datetime, within_s: float = WITHIN_S) -> None:
    """Have one file looked at, and keep the verdict on all that have the same content. Raises clamd.Unreachable.

    A file that the scanner refuses to look at, as too large for it, is not asked about again.
    """
    at, path = settings.CLAMD, files.path_of(file.digest)
    if at is None:
        raise clamd.Unreachable("No virus scanner is configured (FORTHWITH_CLAMD).")
    if not path.is_file():
        verdict, found = Attachment.SKIPPED, "the file is not there"
    else:
        answer = clamd.scan(path, at=at, within_s=within_s)
        verdict = Attachment.INFECTED if answer.virus else Attachment.SKIPPED if answer.trouble else Attachment.CLEAN
        found = answer.virus or answer.trouble
    alike = Attachment.objects.filter(digest=file.digest)
    alike.update(scan=verdict, found=found, scanned_at=now)
    file.scan, file.found, file.scanned_at = verdict, found, now


def before_download(file: Attachment, *, now: datetime) -> bool:
    """Whether a file may be given out; one that waits for the scanner is looked at first, if the scanner answers."""
    if settings.CLAMD is not None and file.scan == Attachment.WAITING:
        try:
            scan(file, now=now, within_s=WHILE_WAITED_FOR_S)
        except clamd.Unreachable:
            # A scanner that is down must not close the desk: the download says that nobody has looked.
            return True
    return file.scan != Attachment.INFECTED
