"""What people do on a ticket with the desk's articles: work by one, write one, decide that none is needed.

Each opens the door once, so that the ticket's facts and the library's rows are committed together (SOP 4.2, 6.2). What
the acts raise is as in `acts.py`, and Overtaken where somebody revised the article meanwhile.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from forthwith.knowledge import reading, uses, writing
from forthwith.knowledge.models import Article
from forthwith.knowledge.writing import Text, Writer
from forthwith.people.permits import Actor
from forthwith.procedure import facts as f
from forthwith.procedure.knowledge_facts import HELPED
from forthwith.procedure.lifecycle import permit
from forthwith.record import procedures
from forthwith.record.door import OpenCase
from forthwith.steps import document
from forthwith.steps.opening import Refused, acting, opened


def use(number: int, *, by: Actor, now: datetime, article: int, helped: str) -> None:
    """Record that one worked by a published article, and whether it helped (SOP 4.2)."""
    if helped not in HELPED:
        raise Refused(_("Say whether it helped: %(choices)s.") % {"choices": ", ".join(HELPED)})
    person = acting(by)
    with opened(number, by, now) as case:
        permit(f.ArticleUsed, case.case.status, by.role)
        found = reading.article_for(person, article)
        if found is None or not found.published:
            raise Refused(_("That article is not published any more. Look for another one."))
        fact = f.ArticleUsed(
            at=now, by=person.pk, article=found.pk, revision=found.shown, helped=helped, title=found.title
        )
        case.log(fact)
        uses.record(case.case.articles[-1], ticket=number, by=person.pk, now=now)


def write(number: int, text: Text, *, by: Actor, now: datetime) -> Article:
    """Begin an article with what a ticket taught, as a draft (SOP 6.2)."""
    with opened(number, by, now) as case:
        article = writing.begin(_writer(case), text, ticket=number)
        _written(case, article, text)
    return article


def revise(  # noqa: PLR0913 - the fields of the form
    number: int, article: int, text: Text, *, by: Actor, now: datetime, base: int, why: str
) -> Article:
    """Revise an article with what a ticket taught (SOP 6.2)."""
    with opened(number, by, now) as case:
        revised = writing.revise(_writer(case), article, text, base=base, why=why)
        _written(case, revised, text)
    return revised


def decide(number: int, *, by: Actor, now: datetime, decision: str, article: str = "") -> None:
    """Decide anew whether an article is needed (SOP 6.2)."""
    with opened(number, by, now) as case:
        document.review_knowledge(case, decision, article.strip())


def _writer(case: OpenCase) -> Writer:
    # The library goes by the procedure in force, not by the one that the ticket was received under.
    return Writer(acting(case.by), procedures.current(), case.now)


def _written(case: OpenCase, article: Article, text: Text) -> None:
    title = text.title.strip()
    case.log(f.ArticleWritten(at=case.now, by=case.by.person, article=article.pk, revision=article.latest, title=title))
    uses.want_no_more(case.number)
