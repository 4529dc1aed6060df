"""What is new in a reply, in many languages and from many mail clients."""

from __future__ import annotations

import pytest

from forthwith.channels.email.html import new_part_html
from forthwith.channels.email.replies import new_part
from tests.growth import assert_in_proportion

NEW = "It prints again now.\nThank you"
OLD = "Is the cable in place?\nPlease look."

# How clients introduce a quote; "/" stands for a line break.
INTRODUCTIONS = """
On Mon, Apr 2, 2012 at 6:26 PM, Ann Lee <ann@example.org> wrote:
On Mon, Apr 2, 2012 at 6:26 PM, Ann Lee of Administration <|ann.lee@administration.example.org> wrote:
On 2 Apr 2012,|at 18:26,|Ann Lee <ann@example.org> wrote:
Ann Lee <ann@example.org> wrote on 04/02/2012 06:26:11 PM:
Am 02.04.2012 um 18:26 schrieb Ann Lee <ann@example.org>:
Am Mo., 2. Apr. 2012 um 18:26 Uhr schrieb Ann Lee|<ann@example.org>:
Le lun. 2 avr. 2012 à 18:26, Ann Lee <ann@example.org> a|écrit :
El lun, 2 abr 2012 a las 18:26, Ann Lee (<ann@example.org>) escribió:
Il giorno lun 2 apr 2012 alle ore 18:26 Ann Lee <ann@example.org> ha scritto:
Op ma 2 apr. 2012 om 18:26 schreef Ann Lee <ann@example.org>:
Em seg., 2 de abr. de 2012 às 18:26, Ann Lee <ann@example.org> escreveu:
pon., 2 kwi 2012 o 18:26 Ann Lee <ann@example.org> napisał(a):
Den mån 2 apr. 2012 kl 18:26 skrev Ann Lee <ann@example.org>:
man. 2. apr. 2012 kl. 18.26 skrev Ann Lee <ann@example.org>:
ma 2. huhtik. 2012 klo 18.26 Ann Lee (ann@example.org) kirjoitti:
po 2. 4. 2012 v 18:26 odesílatel Ann Lee <ann@example.org> napsal:
пн, 2 апр. 2012 г. в 18:26, Ann Lee <ann@example.org>:
02.04.2012 18:26, Ann Lee пишет:
2012年4月2日(月) 18:26 Ann Lee <ann@example.org>:
2012/04/02 18:26、Ann Lee <ann@example.org>のメール：
Ann Lee <ann@example.org> 于2012年4月2日周一 18:26写道：
2012년 4월 2일 (월) 오후 6:26, Ann Lee <ann@example.org>님이 작성:
Ann Lee <ann@example.org>, 2 Nis 2012 Pzt, 18:26 tarihinde şunu yazdı:
02.04.2012, 18:26, "Ann Lee" <ann@example.org>:
From: Ann Lee <ann@example.org>|Sent: Monday, April 2, 2012 6:26 PM|To: Desk|Subject: Printer
*From:* Ann Lee [mailto:ann@example.org]|*Sent:* Monday, April 2, 2012 6:26 PM|*To:* Desk|*Subject:* Printer
____________________|Von: Ann Lee <ann@example.org>|Gesendet: Montag, 2. April 2012|An: Desk|Betreff: Drucker
De : Ann Lee <ann@example.org>|Envoyé : lundi 2 avril 2012 18:26|À : Desk|Objet : imprimante
Van: Ann Lee <ann@example.org>|Verzonden: maandag 2 april 2012 18:26|Aan: Desk|Onderwerp: printer
Da: Ann Lee <ann@example.org>|Inviato: lunedì 2 aprile 2012 18:26|A: Desk|Oggetto: stampante
De: Ann Lee <ann@example.org>|Enviada em: segunda-feira, 2 de abril de 2012|Para: Desk|Assunto: impressora
Od: Ann Lee <ann@example.org>|Wysłano: poniedziałek, 2 kwietnia 2012 18:26|Do: Desk|Temat: drukarka
Från: Ann Lee <ann@example.org>|Skickat: den 2 april 2012 18:26|Till: Desk|Ämne: skrivare
差出人: Ann Lee <ann@example.org>|送信日時: 2012年4月2日 18:26|宛先: Desk|件名: プリンター
发件人: Ann Lee <ann@example.org>|发送时间: 2012年4月2日 18:26|收件人: Desk|主题: 打印机
Xzyk: Ann Lee <ann@example.org>|Qwerl: 2 zork 2012 18:26|Vlum: Desk|Drom: printer
-----Original Message-----|From: Ann Lee
-----Ursprüngliche Nachricht-----|Von: Ann Lee
-------- Message d'origine --------|De : Ann Lee
---- On Mon, 02 Apr 2012 18:26:11 +0200 Ann Lee <ann@example.org> wrote ----
##- Please type your reply above this line -##
""".strip().split("\n")


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_the_history_is_cut_off(introduction: str, mark: str) -> None:
    quoted = "\n".join(mark + line for line in OLD.split("\n"))
    text = f"{NEW}\n\n{introduction.replace('|', chr(10))}\n\n{quoted}\n"
    assert new_part(text) == NEW


SIGNATURES = """
Sent from my iPhone
Von meinem iPad gesendet
Envoyé de mon iPhone
Enviado desde mi iPhone
Inviato da iPhone
Verstuurd vanaf mijn iPhone
Wysłane z iPhone'a
Skickat från min iPhone
Lähetetty iPhonesta
Отправлено с iPhone
iPhoneから送信
发自我的iPhone
Get Outlook for Android<https://example.org/app>
Sent from my Galaxy smartphone.
""".strip().split("\n")


@pytest.mark.parametrize("signature", [*SIGNATURES, "-- \nBob\nAccounts", "--\nBob"])
@pytest.mark.parametrize("history", ["", "\n\nOn 2 Apr 2012, Ann Lee <ann@example.org> wrote:\n> Hello\n"])
def test_a_signature_is_cut_off(signature: str, history: str) -> None:
    assert new_part(f"{NEW}\n\n{signature}{history}") == NEW


def test_answers_between_the_quoted_lines_are_kept_with_them() -> None:
    text = "Hi,\n\nOn 2 Apr 2012, Ann wrote:\n> Is it on?\n\nYes.\n\n> Which model?\n\nA 4200.\n\n> Bye\n> Ann\n"
    assert new_part(text) == "Hi,\n\n> Is it on?\n\nYes.\n\n> Which model?\n\nA 4200."


def test_an_answer_below_the_quote_is_the_new_part() -> None:
    assert new_part("On 2 Apr 2012, Ann wrote:\n> Is it on?\n> Ann\n\nYes, it is.\n") == "Yes, it is."


def test_a_quoted_line_wrapped_on_its_way_stays_quoted() -> None:
    long = "> this line of the quoted mail was too long for the server that carried it and"
    assert new_part(f"{NEW}\n\nOn 2 Apr 2012, Ann <a@example.org> wrote:\n{long}\nwas wrapped here\n> end\n") == NEW


def test_a_forward_with_nothing_above_is_kept_whole() -> None:
    text = "---------- Forwarded message ---------\nFrom: Ann <ann@example.org>\nSubject: Help\n\nThe lift is stuck."
    assert new_part(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "On Thursday:\n\nthe printer stopped.\n\nOn Friday:\n\nit began to smoke.",
        "You wrote: restart it. I did.\nIt still hangs.",
        "Please book:\n\nFrom: Berlin\nTo: Paris\nDate: 2024-05-03\n\nThank you.",
        "I get this error:\n\nname: printer\nstate: off\njobs: 3\n\nWhat now?",
        "These are broken:\n-- first floor\n-- second floor\n\nThanks",
        "Name      Since\n---------------\nPrinter   Monday\n\nPlease mend it.",
        "Sent from my desk, because the phone is broken too.",
        "The mail was sent from the server at 10:15.\nIt never arrived.",
        "Meet me on 2024-05-03 at 10:15.\n\nAgenda:\n1. printers",
    ],
)
def test_what_a_person_writes_is_not_taken_for_history(text: str) -> None:
    assert new_part(text) == text


def test_between_the_lines_that_other_desks_draw() -> None:
    text = "Above.\n\n== write above this line ==\n\nticket text\n\n== write under this line ==\n\nBelow."
    assert new_part(text) == "Above.\n\n\n\nBelow."


@pytest.mark.parametrize(
    "html",
    [
        '<div dir="ltr">Yes.</div><div class="gmail_quote">X-Z 12:<blockquote>old</blockquote></div>',
        '<p>Yes.</p><blockquote type="cite">old</blockquote>',
        "<p>Yes.</p><hr id='stopSpelling'>Date: yesterday<br>old",
        '<p>Yes.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>old</p></div><p>older</p>',
        '<p>Yes.</p><div id="appendonsend"></div><hr><div>old</div>',
        '<p>Yes.</p><div class="yahoo_quoted"><div>old</div></div>',
        '<p>Yes.</p><div class="moz-cite-prefix">Qx 12:</div><blockquote>old</blockquote>',
    ],
)
def test_the_history_of_an_html_reply_is_known_by_its_markup(html: str) -> None:
    assert new_part(new_part_html(html)) == "Yes."


def test_an_indented_block_in_html_is_no_quote() -> None:
    html = '<p>I did:</p><blockquote style="margin:0 0 0 40px;border:none">restart</blockquote>'
    assert new_part(new_part_html(html)) == "I did:\n\nrestart"


@pytest.mark.parametrize(
    "piece",
    ["On ", "On\n", "> ", ">\n", "> a\nb\n", "a", "wrote:\n", "On 2 May 2012 a@b.c wrote:\n", "From: a@b.c\n", "-",
     "--\n",
     "____\n", "write above this line\n", "\nsent from my x\n", " ", " \n", "-- original ", "<a@b.c>:\n",
     "a@", "\t",
     "quoting ", "zitat von a@b.c", ">>> 1 10:10 ", "sent k-9 ", "から送信", "a --- 1/1/11 1:11"],
)  # fmt: skip
def test_time_grows_with_the_length_only(piece: str) -> None:
    assert_in_proportion(lambda count: new_part(piece * count), 250)
