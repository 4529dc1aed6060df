"""What a person can do to a ticket: each deed with its button, its form, and the act that it calls.

Which of them are offered is the lifecycle's answer, not this table's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forthwith.desk import describing_forms, forms, joining_forms, triage_forms
from forthwith.desk.forms import ActForm
from forthwith.procedure import facts as f
from forthwith.procedure.case import Case
from forthwith.procedure.fields import fields_of
from forthwith.procedure.lifecycle import allowed
from forthwith.procedure.model import Procedure
from forthwith.steps import acts, describing, writing
from forthwith.ui.said import spoken


class Undo(NamedTuple):
    """A deed that undoes another: on which ticket, and the one value that its form takes, if it takes one."""

    key: str
    number: int
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed. `letter` is its key; `said` what the toast says; `offered` narrows what the lifecycle allows.

    `beside` says that its form stands beside what it is about, and not in the sheet. `shown` is the ticket to show
    afterwards, from the ticket's number, the form, and what the act returned; `undo` is the deed on the shown ticket,
    or on this one, that the toast offers.
    """

    key: str
    fact: type[f.Fact]
    label: str | Promise
    button: str | Promise
    form: type[ActForm]
    do: Callable[..., Any]
    said: str | Promise
    letter: str = ""
    main: bool = False
    offered: Callable[[Case, int], bool] = lambda case, person: True
    beside: bool = False
    shown: Callable[[int, ActForm, Any], int] = lambda number, form, result: number
    undo: Callable[[int, ActForm, Any], Undo | None] = lambda number, form, result: None

    @property
    def immediate(self) -> bool:
        """Whether pressing its button is all there is."""
        return self.form in (forms.NothingForm, forms.TakeForm) or issubclass(self.form, triage_forms.AcceptForm)

    @property
    def in_the_sheet(self) -> bool:
        """Whether its form is shown in the sheet."""
        return not self.immediate and not self.beside

    def tells(self, number: int, form: ActForm, result: Any) -> str:
        """What the toast says once it is done."""
        if isinstance(result, acts.Told):
            sent = gettext("Sent on %(count)d of its children.") % {"count": result.sent}
            return " ".join(
                (sent, *(gettext("Not on %(ticket)s.") % {"ticket": spoken(one)} for one in result.left_out))
            )
        return str(self.said).format(number=number, shown=self.shown(number, form, result))


def _unacknowledged(case: Case, _: int) -> bool:
    return case.acknowledged_at is None and not case.acknowledgement_withheld


def _has_lost_mail(case: Case, _: int) -> bool:
    return bool(case.undelivered)


def _was_split(case: Case, _: int) -> bool:
    return case.split_from is not None


def _has_children(case: Case, _: int) -> bool:
    return any(link.relation == "child" for link in case.links)


def _follows_not(case: Case, person: int) -> bool:
    return person not in case.followers


def _follows(case: Case, person: int) -> bool:
    return person in case.followers


def _has_participants(case: Case, _: int) -> bool:
    return bool(case.participants)


def _has_promise(case: Case, _: int) -> bool:
    return any(not (made.kept_at or made.withdrawn_at) for made in case.promises.values())


_ALL = (
    Deed("take", f.Assigned, _("Take"), _("Take it"), forms.TakeForm, acts.take, _("It is yours."), "t", True,
         lambda case, person: case.assignee != person),
    Deed("assign", f.Assigned, _("Assign"), _("Assign"), triage_forms.AssignForm, acts.assign, _("Assigned."), "a",
         True),
    Deed("priority", f.Prioritised, _("Priority"), _("Set priority"), triage_forms.PriorityForm, acts.prioritise,
         _("Priority set; the clocks follow it."), "p", True),
    Deed("category", f.Categorised, _("Category"), _("Set category"), triage_forms.CategoryForm, acts.categorise,
         _("Category set."), "c", True),
    Deed("escalate", f.Escalated, _("Escalate"), _("Escalate"), forms.EscalateForm, acts.escalate_by_hand,
         _("Escalated; the requester is told."), "e", True),
    Deed("resolve", f.Resolved, _("Resolve"), _("Resolve and ask to confirm"), forms.ResolveForm, writing.resolve,
         _("Resolved; the requester is asked to confirm."), "s", True),
    Deed("confirm", f.Confirmed, _("Record confirmation"), _("Record confirmation"), forms.NothingForm, acts.confirm,
         _("Confirmed and closed."), "", True),
    Deed("reopen", f.Reopened, _("Reopen"), _("Reopen"), forms.WhyForm, acts.reopen, _("Reopened."), "", True),
    Deed("resume", f.Resumed, _("Resume"), _("Resume work"), forms.PerhapsWhyForm, acts.resume, _("Work goes on."), "",
         True),
    Deed("follow", f.Followed, _("Follow"), _("Follow"), forms.NothingForm, writing.follow,
         _("You follow this ticket: you are told what happens on it."), "f", True, offered=_follows_not),
    Deed("unfollow", f.Unfollowed, _("Stop following"), _("Stop following"), forms.NothingForm, writing.unfollow,
         _("You follow this ticket no more."), "f", True, offered=_follows),
    Deed("wait", f.WaitingOnRequester, _("Wait for requester"), _("Wait"), forms.PerhapsWhyForm, acts.wait,
         _("Waiting for the requester.")),
    Deed("hold", f.PutOnHold, _("Put on hold"), _("Put on hold"), forms.HoldForm, acts.hold, _("On hold.")),
    Deed("acknowledge", f.Acknowledged, _("Record acknowledgement"), _("Record acknowledgement"), forms.NothingForm,
         acts.acknowledge_by_hand, _("Acknowledgement recorded."), offered=_unacknowledged),
    Deed("promise", f.Promised, _("Promise"), _("Promise"), forms.PromiseForm, acts.promise,
         _("Promised; it has its own clock.")),
    Deed("keep-promise", f.PromiseKept, _("Promise kept"), _("Promise kept"), forms.PromiseKeptForm, acts.keep_promise,
         _("Promise kept."), offered=_has_promise),
    Deed("withdraw-promise", f.PromiseWithdrawn, _("Withdraw promise"), _("Withdraw promise"),
         forms.PromiseWithdrawnForm, acts.withdraw_promise, _("Promise withdrawn."), offered=_has_promise),
    Deed("language", f.LanguageChosen, _("Requester's language"), _("Set language"), forms.LanguageForm,
         acts.choose_language, _("Mails to the requester are in that language from now on.")),
    Deed("add-in-copy", f.ParticipantAdded, _("Add somebody in copy"), _("Add"), forms.AddInCopyForm,
         writing.add_in_copy, _("In copy from now on.")),
    Deed("take-off", f.ParticipantRemoved, _("Take somebody off the copies"), _("Take off"), forms.TakeOffCopyForm,
         writing.take_off_copy, _("In copy no more."), offered=_has_participants),
    Deed("send-again", f.SentAgain, _("Send a lost mail again"), _("Send again"), forms.SendAgainForm, acts.send_again,
         _("On its way again; its delivery shows beneath it."), offered=_has_lost_mail),
    Deed("close", f.Closed, _("Close"), _("Close"), forms.WhyForm, acts.end, _("Closed.")),
    Deed("unmerge", f.Unmerged, _("Undo merge"), _("Undo merge"), forms.NothingForm, acts.unmerge,
         _("#{number} goes on by itself again."), "", True),
    Deed("merge", f.MergedInto, _("Merge into another ticket"), _("Look at both"), joining_forms.MergeForm, acts.merge,
         _("#{number} is merged into this ticket."), "m", shown=lambda number, form, result: form.arguments()["into"],
         undo=lambda number, form, result: Undo("unmerge", number)),
    Deed("split", f.SplitOff, _("Make a ticket of some messages"), _("Make a ticket"), joining_forms.SplitForm,
         acts.split, _("This is a ticket of its own now; its requester is told."), shown=lambda number, form,
         result: int(result), undo=lambda number, form, result: Undo("merge-back", int(result))),
    Deed("merge-back", f.MergedInto, _("Merge back"), _("Merge back"), forms.NothingForm, acts.merge_back,
         _("Merged back into the ticket that it was split from."), offered=_was_split),
    Deed("link", f.Linked, _("Link a ticket"), pgettext_lazy("to link", "Link"), joining_forms.LinkForm, acts.link,
         _("Linked."), "l",
         undo=lambda number, form, result: Undo("unlink", number, "to", str(form.arguments()["to"]))),
    Deed("answer-children", f.Replied, _("Answer on all children"), _("Send on all children"),
         joining_forms.AnswerChildrenForm, acts.answer_children, "", offered=_has_children),
    Deed("tags", f.Tagged, _("Tags"), _("Set tags"), describing_forms.TagsForm, describing.retag, _("Tags set."), "#"),
    Deed("fields", f.FieldSet, _("Fields"), _("Keep"), describing_forms.FieldsForm, describing.fill_in,
         _("Kept on the ticket."), "d"),
    Deed("time", f.TimeSpent, _("Record time"), _("Record"), describing_forms.TimeForm, describing.spend,
         _("Time recorded.")),
)  # fmt: skip
_BESIDE = (
    Deed("tick", f.Ticked, _("Tick"), _("Done"), forms.TickForm, acts.tick, _("Step recorded."), beside=True),
    Deed("unlink", f.Unlinked, _("Remove link"), _("Remove link"), joining_forms.UnlinkForm, acts.unlink,
         _("The link is removed."), beside=True),
    Deed("untag", f.Untagged, _("Remove tag"), _("Remove tag"), describing_forms.RemoveTagsForm, describing.remove_tags,
         _("Tag removed."), beside=True, undo=lambda number, form,
         result: Undo("tag", number, "names", ",".join(result))),
    Deed("tag", f.Tagged, _("Tag"), _("Tag"), describing_forms.AddTagsForm, describing.add_tags, _("Tagged."),
         beside=True),
)  # fmt: skip
ACCEPT = {
    "category": Deed("accept-category", f.Categorised, _("Accept"), _("Accept the category"),
                     triage_forms.AcceptCategoryForm, acts.categorise, _("Category set as suggested."), "y",
                     beside=True),
    "priority": Deed("accept-priority", f.Prioritised, _("Accept"), _("Accept the priority"),
                     triage_forms.AcceptPriorityForm, acts.prioritise,
                     _("Priority set as suggested; the clocks follow it."), "u", beside=True),
    "team": Deed("accept-team", f.Assigned, _("Accept"), _("Accept the team"), triage_forms.AcceptTeamForm, acts.assign,
                 _("It is in that team's queue."), "g", beside=True),
}  # fmt: skip
"""What accepts a suggestion, by what it is of."""
DEEDS: dict[str, Deed] = {deed.key: deed for deed in (*_ALL, *_BESIDE, *ACCEPT.values())}


def offered(case: Case, role: str, person: int, procedure: Procedure) -> list[Deed]:
    """The deeds that the lifecycle and the role allow now, and that make sense on this case."""
    kinds = {act.fact for act in allowed(case.status, role)}
    if not any(fields_of(procedure, case.category or "", case.fields)):
        kinds.discard(f.FieldSet)
    return [deed for deed in _ALL if deed.fact in kinds and deed.offered(case, person)]


def may(kind: type[f.Fact], case: Case, role: str) -> bool:
    """Whether this role could log such a fact now."""
    return any(act.fact is kind for act in allowed(case.status, role))
