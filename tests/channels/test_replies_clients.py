"""The new part of a reply as each of six mail clients writes it in each of ten languages, in text and in HTML."""

from __future__ import annotations

import itertools
import textwrap
from dataclasses import dataclass
from html import escape

import pytest

from forthwith.channels.email.parse import parse

WHO = "Ann Lee <ann.lee@example.org>"


@dataclass(frozen=True)
class Language:
    """`new` is what is answered, `old` what was asked; headers are Outlook's, with what stands over them."""

    new: str
    old: str
    gmail: str
    apple: str
    thunderbird: str
    yahoo: str
    original: str
    headers: str
    sent_from: str
    closing: str


LANGUAGES = {
    "en": Language(
        "Hello,\n\nit prints again now. Sent from the second floor: nothing yet.",
        "Is the cable in place?\nPlease look.",
        f"On Mon, Apr 2, 2012 at 6:26 PM {WHO} wrote:",
        f"On Apr 2, 2012, at 6:26 PM, {WHO} wrote:",
        "On 4/2/12 18:26, Ann Lee wrote:",
        f"On Monday, April 2, 2012 at 06:26:11 PM GMT+2, {WHO} wrote:",
        "Original Message",
        "From: %s|Sent: Monday, April 2, 2012 6:26 PM|To: Desk <desk@example.com>|Subject: RE: Printer",
        "Sent from my iPhone",
        "Best regards,\nBob",
    ),
    "de": Language(
        "Hallo,\n\nes geht wieder. Gesendet hatte ich es von unten:\nohne Erfolg.",
        "Steckt das Kabel?\nBitte nachsehen.",
        f"Am Mo., 2. Apr. 2012 um 18:26 Uhr schrieb {WHO}:",
        f"Am 02.04.2012 um 18:26 schrieb {WHO}:",
        "Am 02.04.12 um 18:26 schrieb Ann Lee:",
        f"Am Montag, 2. April 2012 um 18:26:11 MESZ hat {WHO} Folgendes geschrieben:",
        "Ursprüngliche Nachricht",
        "Von: %s|Gesendet: Montag, 2. April 2012 18:26|An: Desk <desk@example.com>|Betreff: AW: Drucker",
        "Von meinem iPhone gesendet",
        "Mit freundlichen Grüßen\nBob",
    ),
    "fr": Language(
        "Bonjour,\n\nelle marche à nouveau. Je n'ai rien changé :\nc'est étrange.",
        "Le câble est-il branché ?\nMerci de regarder.",
        f"Le lun. 2 avr. 2012 à 18:26, {WHO} a écrit :",
        f"Le 2 avr. 2012 à 18:26, {WHO} a écrit :",
        "Le 02/04/2012 à 18:26, Ann Lee a écrit :",
        f"Le lundi 2 avril 2012 à 18:26:11 UTC+2, {WHO} a écrit :",
        "Message d'origine",
        "De : %s|Envoyé : lundi 2 avril 2012 18:26|À : Desk <desk@example.com>|Objet : RE: Imprimante",
        "Envoyé de mon iPhone",
        "Cordialement,\nBob",
    ),
    "es": Language(
        "Hola:\n\nya imprime otra vez. De momento nada más.",
        "¿Está puesto el cable?\nPor favor, mire.",
        "El lun, 2 abr 2012 a las 18:26, Ann Lee (<ann.lee@example.org>) escribió:",
        f"El 2 abr 2012, a las 18:26, {WHO} escribió:",
        "El 2/4/12 a las 18:26, Ann Lee escribió:",
        f"El lunes, 2 de abril de 2012, 18:26:11 CEST, {WHO} escribió:",
        "Mensaje original",
        "De: %s|Enviado el: lunes, 2 de abril de 2012 18:26|Para: Desk <desk@example.com>|Asunto: RE: Impresora",
        "Enviado desde mi iPhone",
        "Saludos cordiales,\nBob",
    ),
    "it": Language(
        "Buongiorno,\n\nora stampa di nuovo. Da ieri:\nnessun errore.",
        "Il cavo è inserito?\nPer favore controlli.",
        f"Il giorno lun 2 apr 2012 alle ore 18:26 {WHO} ha scritto:",
        f"Il giorno 2 apr 2012, alle ore 18:26, {WHO} ha scritto:",
        "Il 02/04/2012 18:26, Ann Lee ha scritto:",
        f"Il lunedì 2 aprile 2012 alle ore 18:26:11 CEST, {WHO} ha scritto:",
        "Messaggio originale",
        "Da: %s|Inviato: lunedì 2 aprile 2012 18:26|A: Desk <desk@example.com>|Oggetto: R: Stampante",
        "Inviato da iPhone",
        "Cordiali saluti\nBob",
    ),
    "nl": Language(
        "Hallo,\n\nhij drukt weer af. Van morgen af:\neen nieuwe lade.",
        "Zit de kabel erin?\nGraag even kijken.",
        f"Op ma 2 apr 2012 om 18:26 schreef {WHO}:",
        f"Op 2 apr. 2012, om 18:26 heeft {WHO} het volgende geschreven:",
        "Op 02-04-2012 om 18:26 schreef Ann Lee:",
        f"Op maandag 2 april 2012 om 18:26:11 CEST schreef {WHO}:",
        "Oorspronkelijk bericht",
        "Van: %s|Verzonden: maandag 2 april 2012 18:26|Aan: Desk <desk@example.com>|Onderwerp: RE: Printer",
        "Verstuurd vanaf mijn iPhone",
        "Met vriendelijke groet,\nBob",
    ),
    "pt": Language(
        "Olá,\n\njá imprime outra vez. Em resumo:\nera o cabo.",
        "O cabo está ligado?\nPor favor, veja.",
        f"Em seg., 2 de abr. de 2012 às 18:26, {WHO} escreveu:",
        f"No dia 2 de abr. de 2012, às 18:26, {WHO} escreveu:",
        "Em 02/04/2012 18:26, Ann Lee escreveu:",
        f"Em segunda-feira, 2 de abril de 2012 18:26:11 BRT, {WHO} escreveu:",
        "Mensagem original",
        "De: %s|Enviada em: segunda-feira, 2 de abril de 2012 18:26|Para: Desk <desk@example.com>|Assunto: RES: Papel",
        "Enviado do meu iPhone",
        "Atenciosamente,\nBob",
    ),
    "pl": Language(
        "Dzień dobry,\n\ndrukarka znów działa. Do jutra:\nprzyjdzie nowy toner.",
        "Czy kabel jest podłączony?\nProszę sprawdzić.",
        f"pon., 2 kwi 2012 o 18:26 {WHO} napisał(a):",
        f"Wiadomość napisana przez {WHO} w dniu 2 kwi 2012, o godz. 18:26:",
        "W dniu 2.04.2012 o 18:26, Ann Lee pisze:",
        f"W dniu poniedziałek, 2 kwietnia 2012 18:26:11 CEST użytkownik {WHO} napisał:",
        "Wiadomość oryginalna",
        "Od: %s|Wysłano: poniedziałek, 2 kwietnia 2012 18:26|Do: Desk <desk@example.com>|Temat: RE: Drukarka",
        "Wysłane z iPhone'a",
        "Pozdrawiam,\nBob",
    ),
    "sv": Language(
        "Hej,\n\nden skriver ut igen. Från och med i dag:\nnytt papper.",
        "Sitter kabeln i?\nVar snäll och titta.",
        f"Den mån 2 apr. 2012 kl 18:26 skrev {WHO}:",
        f"2 apr. 2012 kl. 18:26 skrev {WHO}:",
        "Den 2012-04-02 kl. 18:26, skrev Ann Lee:",
        f"Den måndag 2 april 2012 18:26:11 CEST, {WHO} skrev:",
        "Ursprungligt meddelande",
        "Från: %s|Skickat: den 2 april 2012 18:26|Till: Desk <desk@example.com>|Ämne: SV: Skrivare",
        "Skickat från min iPhone",
        "Med vänlig hälsning\nBob",
    ),
    "ja": Language(
        "お世話になっております。\n\nまた印刷できました。\n件名: は変えていません。",
        "ケーブルは差さっていますか。\nご確認ください。",
        f"2012年4月2日(月) 18:26 {WHO}:",
        f"2012/04/02 18:26、{WHO}のメール:",
        "On 2012/04/02 18:26, Ann Lee wrote:",
        "2012年4月2日月曜日 18:26:11 JST、Ann Lee<ann.lee@example.org>さんは書きました:",
        "元のメッセージ",
        "差出人: %s|送信日時: 2012年4月2日 18:26|宛先: Desk <desk@example.com>|件名: RE: プリンター",
        "iPhoneから送信",
        "よろしくお願いいたします。\nBob",
    ),
}
CLIENTS = ("gmail", "apple", "thunderbird", "yahoo", "outlook desktop", "outlook bare", "outlook web", "outlook mac")
ENDS = ("bare", "signature", "phone")


def quoted(text: str, mark: str = "> ") -> str:
    return "\n".join((mark + line).rstrip() if mark == "> " else mark + line for line in text.split("\n"))


def header_block(language: Language, *, bold: bool = False) -> str:
    lines = (language.headers % WHO).split("|")
    return "\n".join(f"*{line.replace(':', ':*', 1)}" if bold else line for line in lines)


def history(language: Language, client: str, *, depth: int) -> str:
    """What the client puts below the answer; `depth` 2 has an older answer quoted in the quoted one."""
    old = language.old
    if depth > 1:
        old += "\n\n" + history(language, client, depth=depth - 1)
    match client:
        case "gmail" | "thunderbird" | "apple":
            said = getattr(language, client)
            return said + "\n" + ("\n" if client == "apple" else "") + quoted(old)
        case "yahoo":
            return "    " + language.yahoo + "  \n \n " + old.replace("\n", "\n ")
        case "outlook desktop":
            return f"-----{language.original}-----\n{header_block(language)}\n\n{old}"
        case "outlook bare":
            return f"{header_block(language, bold=True)}\n\n{old}"
        case "outlook web":
            return f"{'_' * 32}\n{header_block(language)}\n\n{old}"
        case _:
            date = {"en": "Date", "fr": "Date ", "de": "Datum", "nl": "Datum", "sv": "Datum", "es": "Fecha"}
            code = next(code for code, each in LANGUAGES.items() if each == language)
            lines = header_block(language).split("\n")
            lines[1] = f"{date.get(code, '日付' if code == 'ja' else 'Data')}: {lines[1].partition(':')[2].strip()}"
            return "\n".join(lines) + "\n\n" + old


def ended(language: Language, end: str) -> str:
    return {"bare": "", "signature": "\n\n-- \nBob Day\nAccounts, +1 555 0100", "phone": f"\n\n{language.sent_from}"}[
        end
    ]


def text_mail(body: str) -> bytes:
    return (
        "From: Bob <bob@example.org>\nSubject: Re: Printer\nContent-Type: text/plain; charset=utf-8\n\n" + body
    ).encode()


def wrapped(text: str, width: int = 60) -> str:
    """As a server or an old client folds it: only the line that introduces the quote is long enough."""
    return "\n".join(
        line
        if line.startswith(">")
        else textwrap.fill(line, width, break_long_words=False)
        if len(line) > width
        else line
        for line in text.split("\n")
    )


ALL = [
    pytest.param(code, client, end, depth, id=f"{code}-{client}-{end}-{depth}")
    for code, client, end, depth in itertools.product(LANGUAGES, CLIENTS, ENDS, (1, 2))
]


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(("code", "client", "end", "depth"), ALL)
def test_the_new_part_of_a_text_reply(code: str, client: str, end: str, depth: int) -> None:
    language = LANGUAGES[code]
    new = f"{language.new}\n\n{language.closing}"
    below = history(language, client, depth=depth)
    for body in (below, wrapped(below) if client in ("gmail", "apple", "thunderbird", "yahoo") else below):
        found = parse(text_mail(f"{new}{ended(language, end)}\n\n{body}\n"))
        assert found.reply_text == new
        assert language.old.split("\n")[0] in found.text


HTML = {
    "gmail": '<div dir="ltr">{new}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr"'
    ' class="gmail_attr">{said}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{old}</blockquote>'
    "</div>",
    "apple": '<html><head></head><body style="word-wrap: break-word;">{new}<div><br><blockquote type="cite"><div>'
    "{said}</div><br><div>{old}</div></blockquote></div></body></html>",
    "thunderbird": '<html><body><p>{new}</p><div class="moz-cite-prefix">{said}<br></div>'
    '<blockquote type="cite" cite="mid:1@example.org">{old}</blockquote></body></html>',
    "yahoo": '<html><body><div class="yahoo-style-wrap"><div dir="ltr">{new}</div></div>'
    '<div id="yahoo_quoted_12345" class="yahoo_quoted"><div><div>{said}</div><div><br></div><div>{old}</div></div>'
    "</div></body></html>",
    "outlook desktop": '<html><body><div class="WordSection1"><p class="MsoNormal">{new}</p><p class="MsoNormal">'
    '<o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">'
    '<p class="MsoNormal"><b>{headers}</b></p></div></div><p class="MsoNormal">{old}</p></div></body></html>',
    "outlook bare": '<html><body><div class="WordSection1"><p class="MsoNormal">{new}</p>'
    '<p class="MsoNormal">{headers}</p><p class="MsoNormal">{old}</p></div></body></html>',
    "outlook web": '<html><body><div class="elementToProof">{new}</div><div id="appendonsend"></div><hr style='
    '"display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font>{headers}</font><div>&nbsp;</div></div>'
    "<div>{old}</div></body></html>",
    "outlook mac": '<html><body><div>{new}</div><div>&nbsp;</div><div style="border:none;border-top:solid #B5C4DF '
    '1.0pt;padding:3.0pt 0in 0in 0in"><p><b>{headers}</b></p></div><div>{old}</div></body></html>',
}


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("alternative", [False, True], ids=["html alone", "with text"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_new_part_of_an_html_reply(code: str, client: str, alternative: bool) -> None:
    language = LANGUAGES[code]
    said = escape(getattr(language, client, ""))
    breaks = {"new": language.new, "old": language.old, "headers": escape(header_block(language))}
    html = HTML[client].format(said=said, **{key: text.replace("\n", "<br>") for key, text in breaks.items()})
    if not alternative:
        raw = "From: bob@example.org\nContent-Type: text/html; charset=utf-8\n\n" + html
    else:
        raw = (
            "From: bob@example.org\nContent-Type: multipart/alternative; boundary=cut\n\n--cut\n"
            f"Content-Type: text/plain; charset=utf-8\n\n{language.new}\n\n{history(language, client, depth=1)}\n"
            f"--cut\nContent-Type: text/html; charset=utf-8\n\n{html}\n--cut--\n"
        )
    assert parse(raw.encode()).reply_text == language.new


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("client", ["gmail", "apple", "thunderbird"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_an_answer_below_what_it_quotes(code: str, client: str) -> None:
    language = LANGUAGES[code]
    body = f"{getattr(language, client)}\n{quoted(language.old)}\n\n{language.new}\n\n-- \nBob\n"
    assert parse(text_mail(body)).reply_text == language.new


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("client", ["gmail", "apple", "thunderbird"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_answers_between_the_lines(code: str, client: str) -> None:
    language = LANGUAGES[code]
    first, second = language.old.split("\n")
    body = f"{getattr(language, client)}\n> {first}\n\nA\n\n> {second}\n\nB\n"
    found = parse(text_mail(body)).reply_text
    assert [line for line in found.split("\n") if line][-4:] == [f"> {first}", "A", f"> {second}", "B"]


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_words_of_a_request_are_not_cut(code: str, client: str) -> None:
    language = LANGUAGES[code]
    new = f"{language.new}\n\n{language.old}\n\n{language.closing}"
    assert parse(text_mail(new)).reply_text == new
