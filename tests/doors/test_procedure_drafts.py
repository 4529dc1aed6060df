"""Drafts of the procedure in the browser: forms for every place, lint beside them, review and approval (SOP H1)."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from forthwith.floor.draft_names import address_of, is_page
from forthwith.procedure import document, yaml_text
from forthwith.procedure.editing import value_at
from forthwith.procedure.references import Path
from forthwith.record import drafting, procedures
from forthwith.record.drafting import Hand
from forthwith.record.drafts import Draft
from forthwith.record.models import Revision
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk

pytestmark = pytest.mark.sop("H1")


class Drafting:
    """A browser with a draft before it."""

    def __init__(self, client: Client, number: int) -> None:
        self.client, self.number = client, number
        self.at = f"/procedure/drafts/{number}/"

    def page(self, below: str = "", status: int = 200) -> str:
        answer = self.client.get(self.at + below)
        assert answer.status_code == status, (below, answer.status_code)
        return answer.content.decode()

    def fields(self, below: str) -> dict[str, Any]:
        """What a browser would send from the form of a page, as it is shown."""
        html = self.page(below)
        form = html[html.index("<form", html.index("<main")) :]
        found: dict[str, Any] = {"version": self.draft.version}
        for name, value in re.findall(r'<input id="([^"]+)" name="[^"]+" value="([^"]*)"', form):
            found[name] = unescape(value)
        for name, text in re.findall(r'<textarea id="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
            found[name] = unescape(text).replace("\n", "\r\n")
        for name, options in re.findall(r'<select (?:id="[^"]+" )?name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
            chosen = re.search(r'<option value="([^"]*)" selected', options)
            first = re.search(r'<option value="([^"]*)"', options)
            found[name] = (chosen or first)[1] if first else ""  # type: ignore[index]
        for name, value in re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]+)" checked', form):
            found.setdefault(name, []).append(value)
        return {key: value for key, value in found.items() if key not in ("key", "like", "new-key", "new-like")}

    def keep(self, below: str, status: int = 302, **changed: Any) -> HttpResponse:
        answer = self.client.post(self.at + below, {**self.fields(below), **changed})
        assert answer.status_code == status, answer.content.decode()[:4000]
        return answer  # type: ignore[return-value]

    def name_of(self, below: str, label: str) -> str:
        """The name of the input with that label."""
        found = re.search(rf'<label for="([^"]+)">{re.escape(label)}</label>', self.page(below))
        assert found, label
        return found[1]

    def press(self, below: str, **posted: Any) -> HttpResponse:
        return self.client.post(self.at + below, {"version": self.draft.version, **posted})  # type: ignore[return-value]

    @property
    def draft(self) -> Draft:
        return Draft.objects.get(pk=self.number)

    def said(self, *path: str | int) -> Any:
        return value_at(yaml_text.load(self.draft.text).data, path)


@pytest.fixture
def lea(desk: Desk) -> Drafting:
    made = drafting.begin(Hand(desk.lea, timezone.now()), "Faster at night")
    return Drafting(d.as_person(desk.lea), made.pk)


def pages(value: Any, path: Path = ()) -> list[Path]:
    """Every place of a document that has a page."""
    found = [path] if is_page(path) else []
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*found, *(one for key, item in below for one in pages(item, (*path, key)))]


def test_every_place_has_a_form_and_what_is_left_as_it_is_changes_nothing(lea: Drafting) -> None:
    before, places = lea.draft, pages(yaml_text.load(document.standard_text()).data)
    assert len(places) > 100
    seen: set[tuple[str, int]] = set()
    for path in places:
        # One of a kind is enough for those that look alike.
        kind = (str(path[0]) if path else "", len(path))
        if kind in seen:
            continue
        seen.add(kind)
        lea.keep(f"at/{address_of(path)}/")
    assert (lea.draft.text, lea.draft.version) == (before.text, before.version)


def test_a_target_is_changed_in_a_form_and_said_in_words(lea: Drafting) -> None:
    at = "at/priorities/high/"
    name = re.findall(r'<label for="([^"]+)">Length</label>', lea.page(at))[0]
    lea.keep(at, **{name: "7 min"})
    assert lea.said("priorities", "high", "first_response", "target") == "7 min"
    assert "7 min" in lea.page("changes/")
    assert "7 min" in lea.page("changes/?as=yaml")
    # A target of which the length is emptied is taken out, its calendar too.
    lea.keep(at, **{name: ""})
    assert lea.said("priorities", "high", "first_response") is None


def test_a_draft_may_be_wrong_on_the_way_and_says_where(lea: Drafting) -> None:
    at = "at/priorities/high/"
    name = re.findall(r'<label for="([^"]+)">Length</label>', lea.page(at))[0]
    lea.keep(at, **{name: "soon"})
    html = lea.page(at)
    assert f'id="{name}-wrong"' in html
    assert "is not a length such as" in html
    assert (
        f'href="/procedure/drafts/{lea.number}/at/priorities/high/" title="priorities.high.first_response.target">'
        in lea.page()
    )
    assert "The draft has errors" in lea.page("changes/")
    assert lea.press("do/submit/").status_code == 422


def test_entries_are_added_copied_moved_and_taken_out(lea: Drafting) -> None:
    added = lea.press("at/teams/", add="1", key="Night shift", like="")
    assert added["Location"].endswith("/at/teams/night_shift/")
    assert lea.said("teams", "night_shift") == {"name": "Night shift"}
    assert "is missing" in lea.page("at/teams/night_shift/")
    first = next(iter(lea.said("teams")))
    lea.press("at/teams/", add="1", key="Copied", like=first)
    assert lea.said("teams", "copied") == {**lea.said("teams", first), "name": "Copied"}
    assert lea.press("at/teams/", add="1", key="Copied").status_code == 422
    assert lea.press("at/teams/", add="1", key=" ").status_code == 422
    keys = list(lea.said("priorities"))
    lea.press("at/priorities/", down=keys[0])
    assert list(lea.said("priorities"))[:2] == [keys[1], keys[0]]
    lea.press("at/teams/", remove="copied")
    assert lea.said("teams", "copied") is None
    rungs = len(lea.said("escalation"))
    lea.press("at/escalation/", add="1", key="Last call", like="0")
    assert lea.said("escalation", rungs, "key") == "last_call"
    lea.press("at/escalation/", up=str(rungs))
    assert lea.said("escalation", rungs - 1, "key") == "last_call"
    assert lea.press("at/escalation/", remove="900").status_code == 422


def test_an_entry_says_in_words_what_it_is(lea: Drafting) -> None:
    html = " ".join(lea.page("at/escalation/").split())
    assert "first response, 25%, hierarchical: to a leader, nobody has the ticket, the team, the team leader<" in html
    assert "the assignee, the team leader, tells the requester<" in html
    german = lea.client.get(f"{lea.at}at/escalation/", headers={"Accept-Language": "de"}).content.decode()
    assert "erste Antwort, 25%" in german
    assert "&quot;" not in " ".join(
        re.findall(r'<span class="quiet small" dir="auto">(.*?)</span>', lea.page("at/categories/"))
    )


def test_a_calendar_is_written_as_people_write_hours(lea: Drafting) -> None:
    lea.press("at/calendars/", add="1", key="night")
    at = "at/calendars/night/"
    lea.keep(
        at,
        **{
            "c-timezone": "Europe/Berlin",
            "c-mon": "9-12:30, 13:30 – 18:00",
            "c-sat": "22:00-06:00+1",
            "c-holidays": "DE-BY\r\n2026-12-24 Christmas Eve\r\n2026-12-31",
            "c-date_hours": "2026-12-30: 09:00-12:00",
            "c-date_breaks": "2026-12-29 10:00-11:00",
        },
    )
    assert lea.said("calendars", "night") == {
        "timezone": "Europe/Berlin",
        "hours": {"mon": [["09:00", "12:30"], ["13:30", "18:00"]], "sat": [["22:00", "06:00+1"]]},
        "holidays": [
            {"country": "DE", "subdivision": "BY"},
            {"date": "2026-12-24", "name": "Christmas Eve"},
            "2026-12-31",
        ],
        "date_hours": {"2026-12-30": [["09:00", "12:00"]]},
        "date_breaks": {"2026-12-29": [["10:00", "11:00"]]},
    }  # fmt: skip
    assert lea.fields(at)["c-mon"] == "09:00-12:30, 13:30-18:00"
    lea.keep(at)
    lea.keep(at, **{"c-tue": "whenever"})
    assert "is not a window" in lea.page(at)
    assert lea.fields(at)["c-tue"] == "whenever"


def test_the_matrix_is_a_table(lea: Drafting) -> None:
    matrix = lea.said("matrix")
    impact, row = next(iter(matrix.items()))
    urgency, was = next(iter(row.items()))
    other = next(key for key in lea.said("priorities") if key != was)
    lea.keep("at/matrix/", **{"m0-0": other})
    assert lea.said("matrix", impact, urgency) == other


def test_yaml_goes_in_and_out_whole_and_by_section(lea: Drafting) -> None:
    assert lea.client.get(lea.at + "file/").content.decode() == lea.draft.text
    text = lea.page("yaml/?section=replies")
    assert "replies:" in text
    kept = lea.press("yaml/?section=replies", text="replies:\n  undo: 30 s\n")
    assert kept.status_code == 302
    assert lea.said("replies", "undo") == "30 s"
    for wrong in ("replies: [", "title: x\nreplies: {}\n", "x"):
        assert lea.press("yaml/?section=replies", text=wrong).status_code == 422
    file = SimpleUploadedFile("ours.yaml", b"# our own words\n" + document.standard_text().encode())
    assert lea.press("yaml/", file=file).status_code == 302
    assert lea.draft.text.startswith("# our own words")
    assert lea.press("yaml/", file=SimpleUploadedFile("x.yaml", b"\xff\xfe\xff")).status_code == 422
    assert lea.client.get(lea.at + "yaml/?section=nothing").status_code == 404


def test_who_changes_what_another_has_changed_sees_their_own_words_again(lea: Drafting, desk: Desk) -> None:
    at = "at/general/"
    name, fields = lea.name_of(at, "Title"), lea.fields(at)
    other = Drafting(d.as_person(desk.adam), lea.number)
    other.keep(at, **{name: "Adam's"})
    answer = lea.client.post(lea.at + at, {**fields, name: "Lea's"})
    assert answer.status_code == 409
    assert "Somebody changed this draft meanwhile" in answer.content.decode()
    assert "Lea&#x27;s" in answer.content.decode()
    assert lea.said("title") == "Adam's"


def test_it_is_submitted_reviewed_and_in_force_from_its_instant(lea: Drafting, desk: Desk) -> None:
    first = procedures.in_force()
    lea.keep("at/general/", **{lea.name_of("at/general/", "Title"): "Ours"})
    assert lea.press("do/submit/").status_code == 422
    lea.press("", title="Our name", note="It is ours.")
    assert lea.press("do/submit/").status_code == 302
    assert "somebody else decides" in lea.page()
    assert lea.press("do/approve/").status_code == 403
    assert lea.press("at/general/").status_code == 422
    adam = Drafting(d.as_person(desk.adam), lea.number)
    html = adam.page()
    assert "In force from" in html
    assert "Ours" in html[html.index('class="differences"') : html.index("In force from")]
    assert adam.press("do/refuse/", answer="").status_code == 422
    assert adam.press("do/approve/", effective_at="tomorrow").status_code == 422
    assert adam.press("do/approve/", effective_at="2020-01-01T10:00").status_code == 422
    later = timezone.now() + timedelta(days=365)
    assert adam.press("do/approve/", effective_at=f"{later:%Y-%m-%dT%H:%M}", answer="Fine.").status_code == 302
    assert procedures.in_force() == first
    assert procedures.current(later + timedelta(days=1)).title == "Ours"
    assert f"revision {Revision.objects.latest('pk').pk}" in lea.page()
    assert "is approved and in force from" in lea.client.get("/procedure/drafts/").content.decode()


def test_a_draft_is_begun_from_an_earlier_revision_and_from_a_file(desk: Desk) -> None:
    client = d.as_person(desk.lea)
    new = "/procedure/drafts/new/"
    assert client.get(new).status_code == 200
    back = client.post(new, {"title": "Back", "begun_from": "revision", "revision": procedures.in_force().pk})
    assert back.status_code == 302
    file = SimpleUploadedFile("ours.yaml", b"format: 1\ntitle: Ours\n")
    ours = client.post(new, {"title": "Ours", "begun_from": "file", "file": file})
    assert ours.status_code == 302
    page = client.get(ours["Location"]).content.decode()
    assert "is missing" in page
    for posted in (
        {"title": "", "begun_from": "in_force"},
        {"title": "x", "begun_from": "revision"},
        {"title": "x", "begun_from": "file"},
        {"title": "x", "begun_from": "file", "file": SimpleUploadedFile("x", b"[")},
    ):
        assert client.post(new, posted).status_code == 422
    assert client.get("/procedure/drafts/?after=nonsense").status_code == 200
    assert client.get("/procedure/drafts/999999/").status_code == 404


def test_who_audits_reads_and_nobody_else_comes(lea: Drafting, desk: Desk) -> None:
    olga = Drafting(d.as_person(desk.olga), lea.number)
    assert "It can only be read" in olga.page("at/priorities/high/")
    assert "Submit for review" not in olga.page()
    assert olga.press("at/general/", f0="x").status_code == 403
    assert olga.press("do/submit/").status_code == 404
    assert Drafting(d.as_person(desk.ana), lea.number).page(status=404)


@pytest.mark.parametrize(
    "where", ["nothing", "priorities/none", "escalation/-1", "escalation/900", "title", "a/b/c", "matrix/many"]
)
def test_a_place_that_is_not_there(lea: Drafting, where: str) -> None:
    lea.page(f"at/{where}/", status=404)


def test_a_hostile_text_costs_no_more_than_its_length(lea: Drafting) -> None:
    steps = "".join(f"  s{i}: [x]\n" for i in range(3_000))
    teams = "".join(f"  t{i}: {{}}\n" for i in range(1_500))
    made = lea.press("yaml/", file=SimpleUploadedFile("x.yaml", f"steps:\n{steps}teams:\n{teams}".encode()))
    assert made.status_code == 302
    for below in ("", "at/steps/", "at/teams/", "at/general/", "changes/"):
        assert len(lea.page(below)) < 3_000_000


def test_a_target_by_a_time_of_day_stands_in_the_same_form(lea: Drafting) -> None:
    at = "at/priorities/high/"
    html = lea.page(at)
    length = re.findall(r'<label for="([^"]+)">Length</label>', html)[0]
    next_day = re.findall(r'<label for="([^"]+)">[^<]*next (?:business )?day[^<]*</label>', html, re.IGNORECASE)[0]
    assert 'class="seldom" open' not in html, "most have none"
    lea.keep(at, **{length: "", next_day: "12:00"})
    assert lea.page(at).count('class="seldom" open') == 1
    assert lea.said("priorities", "high", "first_response", "by") == {"next_day": "12:00"}
    assert lea.said("priorities", "high", "first_response", "target") is None
    lea.keep(at, **{length: "2 h", next_day: ""})
    assert lea.said("priorities", "high", "first_response", "by") is None
    assert lea.said("priorities", "high", "first_response", "target") == "2 h"


def test_what_this_desk_can_hardly_keep_stands_apart_and_in_nobodys_way(lea: Drafting, desk: Desk) -> None:
    html = lea.page()
    assert "What this desk can hardly keep" in html
    place = 'at/teams/identity/" title="teams.identity">Team Identity and access</a>: '
    assert f"{place}<span>has nobody in it, and escalations lead there" in html
    assert "What is wrong" not in html
    at = "at/priorities/high/"
    lea.keep(at, **{re.findall(r'<label for="([^"]+)">Length</label>', lea.page(at))[0]: "7 min"})
    lea.press("", title="Faster", note="We can.")
    lea.press("do/submit/")
    assert lea.draft.state == "submitted"
    assert "What this desk can hardly keep" in d.as_person(desk.adam).get(lea.at).content.decode()
    assert "What this desk can hardly keep" not in lea.page("changes/")
    lea.press("do/withdraw/")
    assert "What this desk can hardly keep" not in lea.page()


def test_what_lint_finds_is_said_in_the_language_of_the_page(lea: Drafting, desk: Desk) -> None:
    lea.press("yaml/", text=lea.draft.text.replace("decide_from: 80%", "decide_from: 40%", 1).replace(
        "next_reply: {target: 2 h", "next_reply: {target: soon", 1))  # fmt: skip
    german = {"accept-language": "de"}
    html = lea.client.get(lea.at, headers=german).content.decode()
    assert "<span>&#x27;soon&#x27; ist nicht eine Dauer wie „15 min“" in html
    html = lea.client.get(f"{lea.at}at/priorities/high/", headers=german).content.decode()
    assert re.search(r'-wrong"><p class="wrong">&#x27;soon&#x27; ist nicht eine Dauer', html)
    lea.press("yaml/", text=lea.draft.text.replace("target: soon", "target: 2 h", 1))
    html = lea.client.get(lea.at, headers=german).content.decode()
    assert "wirkt nicht unter den 50%, ab denen etwas vorgeschlagen wird" in html
    assert "hat niemanden, und dorthin führen Eskalationen: to_specialists" in html
    lea.press("yaml/", text=lea.draft.text.replace("09:00", "29:00", 1))
    assert '<span lang="en">' in lea.client.get(lea.at, headers=german).content.decode()


def test_the_names_of_statuses_are_changed_in_a_form(lea: Drafting) -> None:
    at = "at/statuses/"
    assert lea.page(at).count('value="Closed"') == 2
    name = re.search(r'id="([^"]+)" name="[^"]+" value="On hold"', lea.page(at))
    assert name
    lea.keep(at, **{name[1]: "Parked"})
    assert lea.said("statuses", "desk", "on_hold") == "Parked"
    assert "Parked" in lea.page("changes/")
    assert "have no name for on_hold" in lea.page("at/languages/de/")
    lea.press("at/languages/de/statuses/", add="1", key="on_hold")
    name = re.search(r'<label for="([^"]+)">On hold</label>', lea.page("at/languages/de/statuses/"))
    assert name
    lea.keep("at/languages/de/statuses/", **{name[1]: "Geparkt"})
    assert lea.said("languages", "de", "statuses") == {"on_hold": "Geparkt"}


def test_a_draft_that_follows_a_planned_revision_hears_of_no_other(desk: Desk, lea: Drafting) -> None:
    now = timezone.now()
    planned = Revision.objects.create(
        text=lea.draft.text.replace("title:", "title: Planned", 1),
        digest="p",
        installed_at=now,
        effective_at=now + timedelta(days=1),
    )
    assert f"Let it follow revision {planned.pk}" in lea.page()
    lea.press("do/rebase/", onto=planned.pk)
    page = lea.page()
    assert f"begun from revision {planned.pk}" in page
    assert "has been in force since" not in page
    assert "Let it follow" not in page
