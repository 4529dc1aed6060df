"""Formatted text that is large or hostile: reading it takes as long as its length warrants, and not for ever."""

from __future__ import annotations

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from forthwith.channels.email.html import LONGEST_READ, beginning, texts
from forthwith.channels.email.mail import Mail
from forthwith.channels.email.parse import parse
from tests import desk_fixtures as d
from tests.desk_fixtures import Desk, as_person
from tests.growth import TIMES, assert_in_proportion

PIECES = [
    "<b>", "<b>x</b>", "<div>", "<div>x</div>", "<p>", "<p><b>", "<br>", "<table>", "<table><b>", "<ul><li>",
    "<table><tr><td>x</td></tr></table>", "<tr><td>", "<blockquote>", "<blockquote>x</blockquote>", "<a href=x>",
    "<li>x", "&", "a&", "&amp;", "&nbsp;", "<", ">", "</b>", "<svg>", "<math><mi>", "<template>", "<!--", "<?x ",
    "<select><option>", "<img src='http://example.org/x.png' alt=x>", "<a href='http://example.org/'>link</a> ",
    "<p class='a' id=b style='color:red;margin-left:3px'>x</p>", "<dd><dt>", "<button>", "\0", "<body a=b>",
]  # fmt: skip


def read(html: str) -> Mail:
    head = b"From: Rui <rui@customer.example>\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n"
    return parse(head + html.encode())


@pytest.mark.parametrize("piece", PIECES)
def test_reading_grows_in_proportion_up_to_the_longest_that_is_read(piece: str) -> None:
    assert_in_proportion(lambda n: read(piece * n), LONGEST_READ // 2 // TIMES // len(piece))


@pytest.mark.parametrize("piece", ["<p ", "<p a='", "<!-- ", "<style>", "<p style='"])
def test_so_does_what_one_tag_holds(piece: str) -> None:
    for inside in ("a=b ", "x", "a{b:c}", "margin-left:3px;"):
        assert_in_proportion(lambda n, s=inside: read(piece + s * n), LONGEST_READ // 2 // TIMES // len(inside))


@pytest.mark.parametrize("piece", ["<div>", "&", "<a href='http://example.org/'>link</a> "])
def test_and_what_is_longer_than_that_costs_hardly_more(piece: str) -> None:
    # From 0.5 to 4 MB: the same beginning is read, and the rest only copied.
    assert_in_proportion(lambda n: read(piece * n), 500_000 // len(piece))


def test_more_bare_ampersands_than_anybody_writes_are_read_without_a_parser() -> None:
    # A parser would begin again at each of them: 400,000 take it seconds.
    assert read("<p>R&D & more</p>" * 1_000).html.startswith("<p>R&amp;D &amp; more</p>")
    assert read("<p>R&amp;D</p>" * 20_000).html.startswith("<p>R&amp;D</p>")
    many = read("<p>a&b</p>" * 20_000)
    assert many.html.startswith("<pre>")
    assert many.text.startswith("a&b")


def test_of_a_very_long_mail_the_beginning_is_shown_and_that_is_said() -> None:
    mail = read("<p>Please help.</p>" + "<p>An old line.</p>" * 100_000)
    assert mail.text.startswith("Please help.\n\nAn old line.")
    assert mail.reply_text.startswith("Please help.")
    assert len(mail.html) < 1.2 * LONGEST_READ
    assert mail.html.startswith("<p>Please help.</p>")
    assert mail.html.endswith("</p>")
    (note,) = mail.notes
    assert note.startswith("Its formatted text has more than 400,000 characters.")
    assert read("<p>Please help.</p>" + "<p>An old line.</p>" * 20_000).notes == ()


def test_pictures_written_into_the_text_do_not_count() -> None:
    picture = '<img alt="shot" src="data:image/png;base64,' + "QUJD\n" * 200_000 + '">'
    mail = read(f"<p>See here:</p>{picture}<p>It is red.</p>")
    assert mail.text == "See here:\n\n[shot]\n\nIt is red."
    assert (mail.notes, "base64" in mail.html) == ((), False)


def test_many_texts_of_one_mail_share_what_is_read() -> None:
    part = "--x\nContent-Type: text/html\n\n" + "<p>An old line.</p>" * 8_000 + "\n"
    raw = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + part * 6 + "--x--\n"
    mail = parse(raw.encode())
    assert len(mail.notes) == 1
    assert len(mail.html) < 1.2 * LONGEST_READ


@given(st.text(alphabet="<>/ab=\"'& \n", max_size=200), st.integers(0, 200))
@example("<<<", 2)
def test_a_beginning_never_ends_within_a_tag(html: str, most: int) -> None:
    found, whole = beginning(html, most)
    assert html.startswith(found)
    assert (found == html) == whole or not whole
    assert len(found) <= max(most, len(html) if whole else 0)
    if not whole:
        assert found.rfind("<") <= found.rfind(">") or "<" not in found


@given(st.lists(st.sampled_from([*PIECES, "x", "</div>", "</table>", "</blockquote>"]), max_size=40).map("".join))
def test_whatever_the_tags_are_both_texts_come_out(html: str) -> None:
    whole, new = texts(html)
    assert isinstance(whole, str)
    assert len(new) <= len(whole) + 1


def test_the_whole_is_one_click_away_as_its_source(desk: Desk) -> None:
    head = b"From: Rui <rui@customer.example>\nSubject: Long\nMessage-ID: <long@customer.example>\n"
    raw = (
        head
        + b"Content-Type: text/html\n\n<p>Please help.</p>"
        + b"<p>An old line.</p>" * 30_000
        + b"<p>The end.</p>\n"
    )
    receipt = d.arrive(raw, timezone.now())
    client = as_person(desk.ana)
    page = client.get(f"/tickets/{receipt.ticket}/").content.decode()
    assert "more than 400,000 characters" in page
    place = page.partition("/source/")[0].rpartition('"')[2] + "/source/"
    source = client.get(place)
    assert source.content == raw
    assert source["Content-Type"].startswith("text/plain")
    assert source["Content-Disposition"].startswith("attachment")
    assert "sandbox" in source["Content-Security-Policy"]
    assert as_person(desk.rui).get(place).status_code in (302, 403, 404)
    assert client.get(place.replace(f"/{receipt.ticket}/", "/999/")).status_code == 404
    other = d.new_ticket(timezone.now())
    assert "/source/" not in client.get(f"/tickets/{other}/").content.decode()
