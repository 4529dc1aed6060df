"""Drafts of the procedure: written, reviewed by somebody else, in force from an instant (SOP H1)."""

from __future__ import annotations

from functools import partial

import pytest

from forthwith.people.models import Person
from forthwith.procedure import document, editing
from forthwith.procedure.lifecycle import NotAllowed
from forthwith.record import drafting, drafts, procedures
from forthwith.record.drafting import Hand, Overtaken, Refused, Seen
from forthwith.record.drafts import Draft
from forthwith.record.models import Revision
from tests.desk_fixtures import Desk, after
from tests.plans import planned

pytestmark = [pytest.mark.django_db, pytest.mark.sop("H1")]
TARGET = ("priorities", "high", "first_response", "target")
SHORTER = partial(editing.put, path=TARGET, value="7 min")


def seen(draft: Draft) -> Seen:
    return Seen(draft.pk, draft.version)


def lea(desk: Desk, hours: float = 0) -> Hand:
    return Hand(desk.lea, after(hours))


def adam(desk: Desk, hours: float = 0) -> Hand:
    return Hand(desk.adam, after(hours))


def submitted(desk: Desk, title: str = "Faster") -> Draft:
    draft = drafting.begin(lea(desk), title)
    draft = drafting.change(lea(desk), seen(draft), SHORTER)
    draft = drafting.describe(lea(desk), seen(draft), title, "The customers asked for it.")
    return drafting.submit(lea(desk), seen(draft))


def test_a_draft_becomes_a_revision_in_force_from_its_instant(desk: Desk) -> None:
    first = procedures.in_force(after(1))
    made = drafting.approve(adam(desk, 1), seen(submitted(desk)), effective_at=after(24), answer="Good.")
    assert procedures.in_force(after(23)) == first
    assert procedures.in_force(after(24)) == made
    response = procedures.current(after(24)).priorities["high"].first_response
    assert response is not None
    assert response.target == 420
    assert (made.note, made.installed_by, made.reviewed_by) == ("The customers asked for it.", desk.lea, desk.adam)
    draft = Draft.objects.get()
    assert (draft.state, draft.became, draft.answer) == (drafts.APPROVED, made, "Good.")
    with pytest.raises(Refused, match="cannot be changed"):
        drafting.change(lea(desk), seen(draft), SHORTER)


def test_nobody_approves_what_they_wrote_part_of(desk: Desk) -> None:
    draft = submitted(desk)
    with pytest.raises(NotAllowed, match="somebody else"):
        drafting.approve(lea(desk), seen(draft))
    draft = drafting.take_back(adam(desk), seen(draft))
    draft = drafting.change(adam(desk), seen(draft), partial(editing.put, path=("title",), value="Ours"))
    draft = drafting.submit(lea(desk), seen(draft))
    with pytest.raises(NotAllowed, match="somebody else"):
        drafting.approve(adam(desk), seen(draft))
    assert Revision.objects.count() == 1


@pytest.mark.parametrize("who", ["ana", "sam", "olga"])
def test_only_leaders_and_administrators_write_and_decide(desk: Desk, who: str) -> None:
    person: Person = getattr(desk, who)
    with pytest.raises(NotAllowed, match="team leaders"):
        drafting.begin(Hand(person, after()), "Mine")
    draft = submitted(desk)
    for act in (drafting.approve, partial(drafting.refuse, why="No."), drafting.take_back, drafting.withdraw):
        with pytest.raises(NotAllowed, match="team leaders"):
            act(Hand(person, after()), seen(draft))


def test_who_changes_what_somebody_else_has_changed_is_told(desk: Desk) -> None:
    draft = drafting.begin(lea(desk), "Faster")
    drafting.change(adam(desk), seen(draft), SHORTER)
    with pytest.raises(Overtaken):
        drafting.change(lea(desk), seen(draft), partial(editing.put, path=("title",), value="Ours"))
    assert "7 min" in Draft.objects.get().text


def test_only_a_text_without_errors_that_says_something_new_is_submitted(desk: Desk) -> None:
    draft = drafting.begin(lea(desk), "Faster")
    with pytest.raises(Refused, match="what changes and why"):
        drafting.submit(lea(desk), seen(draft))
    draft = drafting.describe(lea(desk), seen(draft), "Faster", "Asked for.")
    with pytest.raises(Refused, match="says what revision"):
        drafting.submit(lea(desk), seen(draft))
    wrong = drafting.change(lea(desk), seen(draft), partial(editing.put, path=TARGET, value="soon"))
    with pytest.raises(Refused, match=r"no procedure yet: line \d+: priorities.high.first_response.target: 'soon'"):
        drafting.submit(lea(desk), seen(wrong))


def test_another_revision_came_between_and_the_reviewer_takes_the_draft_as_it_is(desk: Desk) -> None:
    one, two = submitted(desk), submitted(desk, "The same for another reason")
    other = drafting.approve(adam(desk, 1), seen(one))
    with pytest.raises(Refused, match=f"revision {other.pk} is in force then"):
        drafting.approve(adam(desk, 2), seen(two))
    two = drafting.rebase(adam(desk, 2), seen(two), other.pk)
    with pytest.raises(Refused, match="nothing to approve"):
        drafting.approve(adam(desk, 2), seen(two))
    with pytest.raises(Refused, match="no revision 99"):
        drafting.rebase(adam(desk, 2), seen(two), 99)


def test_going_back_is_a_new_revision_with_the_old_text(desk: Desk) -> None:
    first = procedures.in_force(after())
    drafting.approve(adam(desk, 1), seen(submitted(desk)))
    draft = drafting.begin(lea(desk, 2), "Back", revision=first.pk)
    draft = drafting.describe(lea(desk, 2), seen(draft), "Back", "It could not be kept.")
    back = drafting.approve(adam(desk, 3), seen(drafting.submit(lea(desk, 2), seen(draft))))
    assert back.pk not in (first.pk, first.pk + 1)
    assert (back.digest, back.text) == (first.digest, first.text)
    assert Revision.objects.count() == 3


def test_the_past_stays_as_it_was(desk: Desk) -> None:
    draft = submitted(desk)
    for instant in (after(0.5), after(days=4000)):
        with pytest.raises(Refused, match="from now on"):
            drafting.approve(adam(desk, 1), seen(draft), effective_at=instant)


def test_it_is_sent_back_with_a_reason_and_goes_on(desk: Desk) -> None:
    draft = submitted(desk)
    with pytest.raises(Refused, match="Say why"):
        drafting.refuse(adam(desk), seen(draft), " ")
    draft = drafting.refuse(adam(desk), seen(draft), "Too fast for us.")
    assert (draft.state, draft.answer, draft.reviewer) == (drafts.REFUSED, "Too fast for us.", desk.adam)
    draft = drafting.change(lea(desk), seen(draft), partial(editing.put, path=TARGET, value="20 min"))
    assert draft.state == drafts.DRAFT
    draft = drafting.withdraw(lea(desk), seen(draft))
    with pytest.raises(Refused):
        drafting.submit(lea(desk), seen(draft))


def test_a_text_of_ones_own_must_be_yaml_and_may_be_wrong_otherwise(desk: Desk) -> None:
    with pytest.raises(Refused, match="cannot be read: line 1"):
        drafting.begin(lea(desk), "Mine", text="title: [")
    draft = drafting.begin(lea(desk), "Mine", text="format: 1\n# ours\ntitle: Ours\n")
    assert "# ours" in draft.text
    draft = drafting.replace(lea(desk), seen(draft), document.standard_text())
    assert draft.text == document.standard_text()
    based = drafting.begin(lea(desk), "Ours", text="based_on: standard\nformat: 1\ntitle: Ours\nversion: '1'\n")
    assert "based_on" not in based.text
    assert drafting.read(based).data["priorities"]
    with pytest.raises(Refused, match="nothing to build on"):
        drafting.begin(lea(desk), "Ours", text="based_on: theirs\n")
    with pytest.raises(Refused, match="title"):
        drafting.begin(lea(desk), "  ")
    with pytest.raises(procedures.NoRevision):
        drafting.begin(lea(desk), "Back", revision=99)


def test_lists_are_read_by_an_index_and_go_on_by_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "PAGE", 1)
    first, second = submitted(desk), submitted(desk, "Another")
    assert [draft.pk for draft in drafts.page()] == [second.pk, first.pk]
    assert [draft.pk for draft in drafts.page(second)] == [first.pk]
    assert "draft_changed" in planned(Draft.objects.order_by("-changed_at", "-pk")[:51])
