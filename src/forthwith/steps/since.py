"""What happened on a ticket since the page was made from which somebody acts on it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.people import directory
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.record.door import Conflict, OpenCase

CATEGORISED = gettext_lazy(
    "%(who)s chose a category since you looked. See how it is now; then do it again if it still has to be."
)
PRIORITISED = gettext_lazy(
    "%(who)s set the priority since you looked. See how it is now; then do it again if it still has to be."
)
ASSIGNED = gettext_lazy(
    "%(who)s assigned it since you looked. See how it is now; then do it again if it still has to be."
)
TAKEN = gettext_lazy(
    "%(who)s assigned it or took it since you looked. See how it is now; then do it again if it still has to be."
)


class Unread(Conflict):
    """Somebody wrote to the requester, or the requester wrote, since the page was made."""


def first(case: OpenCase, seen: int | None, kind: type[f.Fact], said: str | Promise) -> None:
    """Conflict when somebody decided the same since the page was made; other news is none of this act's business."""
    since = [fact for fact in case.facts[seen:] if isinstance(fact, kind)] if seen is not None and seen >= 0 else []
    if since:
        raise Conflict(str(said) % {"who": directory.person(since[-1].by) or "Forthwith"})


def read(case: OpenCase, seen: int | None, by: Actor, kinds: tuple[type[f.Fact], ...]) -> None:
    """Unread when one of these was written since by somebody else: who answers should know of it first."""
    since = case.facts[seen:] if seen is not None and seen >= 0 else []
    news = [fact for fact in since if isinstance(fact, kinds) and fact.by != by.person]
    if not news:
        return
    who = directory.person(news[-1].by) or _("Somebody")
    if isinstance(news[-1], f.Replied):
        raise Unread(_("%(who)s has replied since you looked.") % {"who": who})
    raise Unread(_("%(who)s has written again since you looked.") % {"who": who})
