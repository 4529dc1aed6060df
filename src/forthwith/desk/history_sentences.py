"""What a fact says, after the name of who made it so (SOP 6.1).

Some sentences differ in English by nothing but who is meant, and in other languages by more: they are texts apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forthwith.desk.names import Names, numbered
from forthwith.procedure import facts as f
from forthwith.procedure.clocks import NAMES as CLOCK_NAMES
from forthwith.procedure.joining_facts import relation_name
from forthwith.record.stored import recorded
from forthwith.ui.recorded import purpose_name
from forthwith.ui.said import spoken, within
from forthwith.ui.times import plain


def sentence(fact: f.Fact, names: Names) -> str:
    """What the fact says, after the name of who made it so."""
    return _SENTENCES[type(fact)](fact, names)


def _details(keys: Iterable[str], names: Names) -> str:
    return ", ".join(within(names.detail(key)) for key in keys)


def _received(fact: f.Received, names: Names) -> str:
    said = _("asked by %(channel)s to %(team)s") if fact.team else _("asked by %(channel)s")
    parts = [said % {"channel": within(names.channel(fact.channel)), "team": names.team(fact.team or "")}]
    if fact.follows:
        parts.append(_("following #%(number)s") % {"number": fact.follows})
    if fact.passed_on_by:
        parts.append(_("passed on by %(person)s") % {"person": names.person(fact.passed_on_by)})
    if fact.quotes:
        parts.append(_("naming #%(number)s") % {"number": fact.quotes})
    return ", ".join(parts)


def _wrote(fact: f.RequesterWrote, names: Names) -> str:
    said = _("wrote, not on this ticket before") if fact.newcomer else _("wrote")
    other = _("under another subject: %(subject)s") % {"subject": fact.other_subject}
    return f"{said}, {other}" if fact.other_subject else said


def _checked(fact: f.Checked, names: Names) -> str:
    if not fact.missing:
        return _("verified that the request is complete")
    return _("verified the request; missing: %(details)s") % {"details": _details(fact.missing, names)}


def _acknowledged(fact: f.Acknowledged, names: Names) -> str:
    return _("acknowledged the request (%(how)s)") % {"how": recorded(fact.how)}


def _not_delivered(fact: f.DeliveryFailed, names: Names) -> str:
    said = _("could not deliver the %(mail)s to %(address)s")
    return said % {"mail": purpose_name(fact.purpose), "address": fact.address}


def _sent_again(fact: f.SentAgain, names: Names) -> str:
    said = _("sent the %(mail)s again, to %(address)s")
    return said % {"mail": purpose_name(fact.purpose), "address": fact.address}


def _categorised(fact: f.Categorised, names: Names) -> str:
    said = _("chose the category %(category)s") % {"category": names.category(fact.category)}
    if not fact.suggested or fact.suggested == fact.category:
        return said
    other = names.category(fact.suggested)
    if fact.confidence is None:
        return f"{said}, " + _("before: %(other)s") % {"other": other}
    return f"{said}, {_suggested(other, fact.confidence)}"


def _suggested(choice: str, confidence: int | None) -> str:
    return _("suggested: %(choice)s, %(percent)s %%") % {"choice": choice, "percent": confidence or 0}


def _prioritised(fact: f.Prioritised, names: Names) -> str:
    impacts, urgencies = names.procedure.impacts, names.procedure.urgencies
    impact = impacts[fact.impact].name if fact.impact in impacts else fact.impact
    urgency = urgencies[fact.urgency].name if fact.urgency in urgencies else fact.urgency
    said = _("set the priority %(priority)s (%(impact)s; %(urgency)s)") % {
        "priority": names.priority(fact.priority),
        "impact": within(impact),
        "urgency": within(urgency),
    }
    if not fact.suggested or fact.suggested == f"{fact.impact}/{fact.urgency}":
        return said
    return f"{said}, {_suggested(names.level(fact.suggested), fact.confidence)}"


def _assigned(fact: f.Assigned, names: Names) -> str:
    values = {"team": names.team(fact.team)}
    if fact.assignee is None:
        return _("put it in the queue of %(team)s") % values
    if fact.assignee == fact.by:
        return _("assigned it to %(taker)s, %(team)s") % {**values, "taker": names.person(fact.assignee)}
    if fact.assignee == names.me:
        return _("assigned it to you, %(team)s") % values
    return _("assigned it to %(person)s, %(team)s") % {**values, "person": names.person(fact.assignee)}


def _noted(fact: f.Noted, names: Names) -> str:
    said = f"{_('wrote an internal note')}{_minutes(fact)}"
    if not fact.mentioned:
        return said
    called = ", ".join(names.person(one) for one in fact.mentioned)
    return _("%(said)s, calling in %(people)s") % {"said": said, "people": called}


def _minutes(fact: Any) -> str:
    return ", " + _("%(minutes)s min") % {"minutes": fact.minutes} if fact.minutes else ""


def _replied(fact: f.Replied, names: Names) -> str:
    said = _("answered")
    if fact.macro:
        said = _("answered with the macro '%(macro)s'") % {"macro": names.macro(fact.macro)}
    said += _minutes(fact)
    return f"{said}; " + _("next step: %(step)s") % {"step": fact.next_step} if fact.next_step else said


def _language(fact: f.LanguageChosen, names: Names) -> str:
    return _("chose %(language)s for mails to the requester") % {"language": names.language(fact.language)}


def _held(fact: f.PutOnHold, names: Names) -> str:
    return _("put it on hold until %(moment)s") % {"moment": plain(fact.until)} if fact.until else _("put it on hold")


def _escalated(fact: f.Escalated, names: Names) -> str:
    said = _("escalated it")
    if fact.to_team and not fact.moot:
        said = _("escalated it to %(team)s") % {"team": names.team(fact.to_team)}
    if fact.told:
        said += ", " + _("told %(people)s") % {"people": ", ".join(names.person(one) for one in fact.told)}
    return f"{said}; {_('its clock had ended by then')}" if fact.moot else said


def _told(fact: f.RequesterTold, names: Names) -> str:
    parts = [_("told the requester of the escalation")]
    if fact.next_update:
        parts.append(_("next news by %(moment)s") % {"moment": plain(fact.next_update)})
    if fact.resolution_estimate:
        parts.append(_("solved by about %(moment)s") % {"moment": plain(fact.resolution_estimate)})
    return "; ".join(parts)


def _promised(fact: f.Promised, names: Names) -> str:
    return _("promised '%(what)s' by %(moment)s") % {"what": fact.what, "moment": plain(fact.due)}


def _resolved(fact: f.Resolved, names: Names) -> str:
    return _("resolved it: %(cause)s") % {"cause": fact.cause} + _minutes(fact)


def _knowledge(fact: f.KnowledgeReviewed, names: Names) -> str:
    said = _("decided on the knowledge base: %(decision)s") % {"decision": recorded(fact.decision)}
    return said + (f" ({fact.article})" if fact.article else "")


def _article_used(fact: f.ArticleUsed, names: Names) -> str:
    # English has had its marks from Python; another language sets its own around the bare title.
    said = _("worked by the article %(quoted)s; it helped: %(helped)s")
    return said % {"quoted": repr(fact.title), "title": fact.title, "helped": recorded(fact.helped)}


def _article_written(fact: f.ArticleWritten, names: Names) -> str:
    return _("wrote the article %(quoted)s, revision %(revision)s") % {
        "quoted": repr(fact.title),
        "title": fact.title,
        "revision": fact.revision,
    }


def _linked(fact: f.Linked, names: Names) -> str:
    relation = within(spoken(relation_name(fact.relation)))
    return _("linked #%(number)s (%(relation)s)") % {"number": fact.ticket, "relation": relation}


def _merged_from(fact: f.MergedFrom, names: Names) -> str:
    said = _("merged #%(number)s into this ticket") % {"number": fact.ticket}
    if fact.came_along:
        said = _("merged #%(number)s and with it %(others)s into this ticket") % {
            "number": fact.ticket,
            "others": numbered(fact.came_along),
        }
    parts = [said]
    if fact.participants:
        parts.append(_("%(people)s may read along") % {"people": ", ".join(fact.participants)})
    if fact.unanswered_since:
        parts.append(_("it waits for an answer since %(moment)s") % {"moment": plain(fact.unanswered_since)})
    if fact.tags:
        parts.append(_("with its tags: %(tags)s") % {"tags": ", ".join(fact.tags)})
    return "; ".join(parts)


def _split_off(fact: f.SplitOff, names: Names) -> str:
    if len(fact.messages) == 1:
        return _("made a message a ticket of its own: #%(number)s") % {"number": fact.ticket}
    said = _("made %(count)d messages a ticket of its own: #%(number)s")
    return said % {"count": len(fact.messages), "number": fact.ticket}


def _split_from(fact: f.SplitFrom, names: Names) -> str:
    if len(fact.messages) == 1:
        said = _("made this ticket of a message of #%(number)s") % {"number": fact.ticket}
    else:
        made = _("made this ticket of %(count)d messages of #%(number)s")
        said = made % {"count": len(fact.messages), "number": fact.ticket}
    if not fact.counted_anew:
        return said
    anew = ", ".join(spoken(CLOCK_NAMES.get(name, name)) for name in fact.counted_anew)
    return f"{said}; " + _("counted from now, so that nobody is late by it: %(clocks)s") % {"clocks": anew}


def _followed(fact: f.Followed, names: Names) -> str:
    if fact.person == fact.by:
        return _("follows the ticket")
    return _("let %(person)s follow the ticket") % {"person": names.person(fact.person)}


def _unfollowed(fact: f.Unfollowed, names: Names) -> str:
    if fact.person == fact.by:
        return _("follows the ticket no more")
    return _("let %(person)s follow the ticket no more") % {"person": names.person(fact.person)}


def _field_set(fact: f.FieldSet, names: Names) -> str:
    if not fact.value:
        return _("cleared %(field)s") % {"field": names.field(fact.field)}
    return _("filled in %(field)s: %(value)s") % {
        "field": names.field(fact.field),
        "value": names.value(fact.field, fact.value),
    }


def _said(text: str | Promise) -> Callable[[Any, Names], str]:
    return lambda fact, names: str(text)


def _with(text: str | Promise, **of: str) -> Callable[[Any, Names], str]:
    """A sentence with fields of the fact in its places."""
    return lambda fact, names: str(text) % {name: getattr(fact, field) for name, field in of.items()}


_SENTENCES: dict[type[f.Fact], Callable[[Any, Names], str]] = {
    f.Received: _received,
    f.Checked: _checked,
    f.DetailsAsked: lambda fact, names: (
        _("asked the requester for %(details)s") % {"details": _details(fact.details, names)}
    ),
    f.DetailsGiven: lambda fact, names: _("gave %(details)s") % {"details": _details(fact.details, names)},
    f.Acknowledged: _acknowledged,
    f.AcknowledgementWithheld: _said(gettext_lazy("sent no acknowledgement")),
    f.DeliveryFailed: _not_delivered,
    f.SentAgain: _sent_again,
    f.Categorised: _categorised,
    f.Prioritised: _prioritised,
    f.Assigned: _assigned,
    f.Ticked: _with(gettext_lazy("did: %(step)s"), step="step"),
    f.Noted: _noted,
    f.Replied: _replied,
    f.RequesterWrote: _wrote,
    f.MachineWrote: _said(gettext_lazy("kept a message that answers nothing")),
    f.ParticipantAdded: _with(gettext_lazy("added %(address)s to the conversation"), address="address"),
    f.ParticipantRemoved: _with(gettext_lazy("took %(address)s off the conversation"), address="address"),
    f.Followed: _followed,
    f.Unfollowed: _unfollowed,
    f.LanguageChosen: _language,
    f.WaitingOnRequester: _said(gettext_lazy("set it to wait for the requester")),
    f.PutOnHold: _held,
    f.Resumed: _said(gettext_lazy("resumed work")),
    f.Escalated: _escalated,
    f.RequesterTold: _told,
    f.Promised: _promised,
    f.PromiseKept: _said(gettext_lazy("kept a promise")),
    f.PromiseWithdrawn: _said(gettext_lazy("withdrew a promise")),
    f.Resolved: _resolved,
    f.KnowledgeReviewed: _knowledge,
    f.ArticleUsed: _article_used,
    f.ArticleWritten: _article_written,
    f.ConfirmationAsked: _said(gettext_lazy("asked the requester whether it is solved")),
    f.Confirmed: lambda fact, names: _("confirmed that it is solved (%(how)s)") % {"how": recorded(fact.how)},
    f.Reopened: _said(gettext_lazy("reopened it")),
    f.Closed: _said(gettext_lazy("closed it")),
    f.Rated: _with(gettext_lazy("rated the handling %(score)s"), score="score"),
    f.Linked: _linked,
    f.Unlinked: _with(gettext_lazy("removed the link to #%(number)s"), number="ticket"),
    f.MergedInto: _with(gettext_lazy("merged this ticket into #%(number)s"), number="ticket"),
    f.MergedFrom: _merged_from,
    f.Unmerged: _with(gettext_lazy("took this ticket out of #%(number)s again"), number="ticket"),
    f.MergeUndone: _with(gettext_lazy("took #%(number)s out of this ticket again"), number="ticket"),
    f.SplitOff: _split_off,
    f.SplitFrom: _split_from,
    f.Tagged: _with(gettext_lazy("put on the tag %(tag)s"), tag="tag"),
    f.Untagged: _with(gettext_lazy("took off the tag %(tag)s"), tag="tag"),
    f.FieldSet: _field_set,
    f.TimeSpent: _with(gettext_lazy("worked %(minutes)s min"), minutes="minutes"),
    f.MovedToRevision: _with(
        gettext_lazy("moved it from revision %(was)s of the procedure to %(revision)s"), was="was", revision="revision"
    ),
}
