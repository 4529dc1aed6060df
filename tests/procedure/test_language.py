"""Languages of the procedure: whole mails or none, moments in words, and which language a text is in (SOP 2.2, D3)."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.procedure.document import ProcedureError, read, standard, standard_text, write
from forthwith.procedure.language import READ, moment_in, spoken_in
from forthwith.procedure.lint import check
from forthwith.procedure.model import Procedure
from forthwith.procedure.wording import TEMPLATES, TO_STAFF, variables

TEXT = standard_text()
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ENGLISH_MAIL = "The printer on floor two prints blank pages since this morning. Could you please look at it? Thanks"
GERMAN_MAIL = "Der Drucker im zweiten Stock druckt seit heute Morgen nur leere Seiten. Können Sie bitte helfen? Danke"


def changed(old: str, new: str, text: str = TEXT) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def without_message(name: str, language: str) -> str:
    """The standard procedure without one message in one language."""
    head, mark, rest = TEXT.partition(f"\n  {language}:\n")
    return head + mark + re.sub(rf"(?m)^    {name}:\n(?:      .*\n|\n)+", "", rest, count=1)


def moment(hours: float, language: str = "de") -> str:
    spoken = standard().spoken_as(language)
    return moment_in(spoken, spoken.phrases, MONDAY + timedelta(hours=hours), MONDAY)


@pytest.mark.sop("2.2", "4.3", "5.2", "7.1")
def test_the_standard_procedure_speaks_english_and_german_to_requesters() -> None:
    procedure = standard()
    assert {key: language.name for key, language in procedure.spoken.items()} == {"en": "English", "de": "Deutsch"}
    for name in (name for name in TEMPLATES if not name.startswith(TO_STAFF)):
        english, german = procedure.words(name, "en"), procedure.words(name, "de")
        assert german.text != english.text, name
        # `{rating_link}` and its like must not be lost in translation.
        assert set(variables(german.text)) == set(variables(english.text)), name
        assert variables(german.subject) == variables(english.subject), name


def test_every_name_has_one_in_german() -> None:
    procedure = standard()
    german = procedure.spoken["de"]
    assert set(german.categories) == set(procedure.category_paths)
    assert (set(german.priorities), set(german.teams)) == (set(procedure.priorities), set(procedure.teams))
    assert set(german.details) == set(procedure.details)
    assert procedure.named("priorities", "critical", "de") == "Kritisch"
    assert procedure.named("priorities", "critical", "en") == "Critical"
    assert procedure.named("teams", "no_such_team", "de") == ""


@pytest.mark.parametrize(
    ("hours", "german", "english"),
    [
        (1, "heute, Montag, 2. März, 11:00 Uhr", "today, Monday 2 March, 11:00"),
        (24.25, "morgen, Dienstag, 3. März, 10:15 Uhr", "tomorrow, Tuesday 3 March, 10:15"),
        (48, "Mittwoch, 4. März, 10:00 Uhr", "Wednesday 4 March, 10:00"),
        (-24, "Sonntag, 1. März, 10:00 Uhr", "Sunday 1 March, 10:00"),
    ],
)
def test_a_moment_is_worded_in_its_language(hours: float, german: str, english: str) -> None:
    assert (moment(hours), moment(hours, "en")) == (german, english)


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(["en", "de"]))
def test_every_moment_names_its_day_month_and_time(at: datetime, language: str) -> None:
    spoken = standard().spoken_as(language)
    said = moment_in(spoken, spoken.phrases, at, MONDAY)
    for part in (spoken.weekdays[at.weekday()], spoken.months[at.month - 1], str(at.day), f"{at:%H:%M}"):
        assert part in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH_MAIL, "en"),
        (GERMAN_MAIL, "de"),
        (f"Printer [urgent]\n{GERMAN_MAIL}", "de"),
        ("Guten Tag,\n\nich kann mich nicht anmelden. Bitte helfen Sie mir.\n\nMit freundlichen Grüßen", "de"),
        ("", ""),
        ("Help!", ""),
        ("Drucker kaputt", ""),
        ("VPN VPN VPN und und und", ""),
        (f"{ENGLISH_MAIL}\n\n{GERMAN_MAIL}", ""),
        ("L'imprimante du deuxième étage n'imprime que des pages blanches depuis ce matin. Merci de votre aide.", ""),
        ("De printer op de tweede verdieping drukt sinds vanochtend alleen lege pagina's af. Kunt u helpen?", ""),
        ("La impresora de la segunda planta solo imprime páginas en blanco desde esta mañana. Gracias.", ""),
        ("Printeren på anden sal printer kun blanke sider siden i morges. Kan I hjælpe mit team? Det er der.", ""),
        ("Drukarka na drugim piętrze drukuje tylko puste strony od dzisiaj rano. Proszę o pomoc.", ""),
    ],
)
def test_the_language_of_a_text_is_known_or_left_open(text: str, language: str) -> None:
    assert spoken_in(text, standard().spoken) == language


def test_with_one_language_nothing_is_looked_for() -> None:
    assert spoken_in(ENGLISH_MAIL, {"en": standard().spoken["en"]}) == ""


@given(st.text(max_size=400))
def test_any_text_is_of_a_language_that_there_is_or_of_none(text: str) -> None:
    assert spoken_in(text, standard().spoken) in ("", "en", "de")


def test_to_hear_a_language_costs_little_however_long_the_mail() -> None:
    spoken_in(GERMAN_MAIL, standard().spoken)
    began = time.process_time()
    for _ in range(100):
        spoken_in("und das ist nicht " * 250_000, standard().spoken)
    assert (time.process_time() - began) / 100 < 0.01
    assert len("und das ist nicht " * 250_000) > READ


@pytest.mark.sop("2.2")
def test_a_message_that_a_language_lacks_goes_out_whole_in_the_desks_own() -> None:
    text = without_message("closed", "de")
    procedure = read(text)
    assert procedure.language_for("de", "closed") == "en"
    assert procedure.language_for("de", "reply") == "de"
    assert procedure.language_for("de", "reply", "closed") == "en"
    [warning] = check(text).warnings
    assert warning.path == "wording.de"
    assert "has no 'closed': that message goes out in 'en', the procedure's language" in warning.message
    assert text.splitlines()[warning.line - 1] == "  de:"


def test_a_message_that_only_another_language_has_goes_out_whole_in_that() -> None:
    procedure = read(without_message("closed", "en"))
    assert [procedure.language_for(wanted, "closed") for wanted in ("en", "de", "")] == ["de", "de", "de"]
    assert procedure.words("closed", procedure.language_for("en", "closed")) == procedure.wording["de"]["closed"]


def test_a_question_that_a_language_lacks_keeps_the_whole_mail_in_the_desks_own() -> None:
    text = re.sub(r"(?m)^      device:\n        name: Welches Gerät\n        ask: .*\n", "", TEXT)
    procedure = read(text)
    assert procedure.language_for("de", "acknowledgement", details=("urgency",)) == "de"
    assert procedure.language_for("de", "acknowledgement", details=("urgency", "device")) == "en"
    [warning] = check(text).warnings
    assert (warning.path, "how to ask for device" in warning.message) == ("languages.de.details", True)


def test_a_language_without_its_phrases_is_not_written_at_all() -> None:
    text = changed("      soon: so bald wie möglich\n", "")
    procedure = read(text)
    assert list(procedure.spoken) == ["en"]
    assert procedure.language_for("de", "reply") == "en"
    [warning] = check(text).warnings
    assert (warning.path, "lack soon" in warning.message) == ("languages.de.phrases", True)


def test_a_language_that_is_only_worded_is_doubted() -> None:
    text = TEXT[: TEXT.index("languages:\n")] + TEXT[TEXT.index("# D2 and D3 are related") :]
    assert list(read(text).spoken) == ["en"]
    assert [warning.path for warning in check(text).warnings] == ["wording.de"]


def test_names_and_words_that_a_language_lacks_are_doubted() -> None:
    text = changed("    priorities: {critical: Kritisch, high: Hoch, medium: Mittel, low: Niedrig}\n", "")
    assert check(text).lines() == [], "no German mail says a priority"
    text = changed("Ihre Anfrage {number} dauert länger", "Ihre Anfrage {number} ({priority}) dauert länger", text)
    assert [warning.path for warning in check(text).warnings] == ["languages.de.priorities"]
    assert read(text).named("priorities", "low", "de") == "Low"
    text = re.sub(r"    words: \[der, das[^\]]*\]\n", "", TEXT)
    assert [warning.path for warning in check(text).warnings] == ["languages.de"]


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("bis {first_response_due}. Bis", "bis {first_response_duo}. Bis", "wording.de.acknowledgement.text",
         "'first_response_duo' is no variable of this text, and would stay empty; did you mean 'first_response_due'? "
         "Allowed: number, subject"),
        ('"{weekday}, {day}. {month}', '"{weekdy}, {day}. {month}', "languages.de.phrases.moment",
         "'weekdy' is no variable of this text, and would stay empty; did you mean 'weekday'? Allowed: weekday, day"),
        ("critical: Kritisch", "kritical: Kritisch", "languages.de.priorities.kritical",
         "'kritical' is no priority; did you mean 'critical'? Allowed: critical, high"),
        ("hardware.laptop: Laptop oder", "hardware.leptop: Laptop oder", "languages.de.categories.hardware.leptop",
         "'hardware.leptop' is no category; did you mean 'hardware.laptop'?"),
        ("      service_desk: Service Desk", "      service_desc: Service Desk", "languages.de.teams.service_desc",
         "'service_desc' is no team"),
        ("      unnamed: und guten Tag", "      unamed: und guten Tag", "languages.de.phrases.unamed",
         "'unamed' is no key here; did you mean 'unnamed'? Allowed: unnamed, soon"),
        ("[Montag, Dienstag, ", "[Montag, ", "languages.de.weekdays", "at least 7 items"),
        ("  de:\n    name: Deutsch", "  fr:\n    name: Français", "languages.fr",
         "'fr' is no language of `wording`. Allowed: en, de"),
        ("    closed:\n      subject: \"Re: {subject} [{number}]\"\n      text: |\n        Hallo",
         "    closd:\n      subject: \"Re: {subject} [{number}]\"\n      text: |\n        Hallo", "wording.de.closd",
         "'closd' is no message that the desk sends; did you mean 'closed'?"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_translation_is_named_with_line_and_what_is_allowed(
    old: str, new: str, path: str, said: str
) -> None:
    text = changed(old, new)
    with pytest.raises(ProcedureError) as refused:
        read(text)
    problem = refused.value.problems[0]
    assert problem.path == path
    assert said in str(problem)
    assert 0 <= text[: text.index(new)].count("\n") + 1 - problem.line <= 6
    assert check(text).errors


def test_an_installed_revision_with_an_unknown_variable_can_still_be_read() -> None:
    text = changed("Its number is {number}.", "Its number is {nummber}.")
    with pytest.raises(ProcedureError):
        read(text)
    assert read(text, today=MONDAY.date()).title


def test_translations_read_back_equal() -> None:
    assert read(write(standard())) == standard()


def test_a_procedure_of_before_there_were_languages_says_what_it_said() -> None:
    data = standard().model_dump(mode="json", exclude={"languages", "macros"})
    data["wording"] = {"en": data["wording"]["en"]}
    old = Procedure.model_validate(data)
    assert (old.phrases(), list(old.spoken)) == (standard().phrases("en"), ["en"])


def test_two_teams_with_one_address_are_refused() -> None:
    text = TEXT
    for team in ("network_team", "identity"):
        text = changed(f"  {team}:\n", f"  {team}:\n    mail_from: Nets <Net@desk.example>\n", text)
    with pytest.raises(ProcedureError, match=r"teams\.identity\.mail_from: 'net@desk.example' is the address of 'net"):
        read(text)
