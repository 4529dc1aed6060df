"""How many further clients and apps introduce a quote, and what they add below a mail."""

from __future__ import annotations

import pytest

from forthwith.channels.email.replies import new_part

# "|" stands for a line break.
OTHERS = """
On Mon, 2012-04-02 at 18:26 +0200, Ann Lee wrote:
On Monday, 2 April 2012 18:26:11 CEST Ann Lee wrote:
On Mon, Apr 02, 2012 at 06:26:11PM +0200, Ann Lee wrote:
Quoting Ann Lee <a@b.cd>:
Zitat von Ann Lee <a@b.cd>:
Citando Ann Lee <a@b.cd>:
Ann Lee <a@b.cd> a écrit :
Ann Lee <a@b.cd> schrieb:
Ann Lee schrieb am 02.04.2012 um 18:26:
Ann Lee <a@b.cd> hat am 2. April 2012 18:26 geschrieben:
Ann Lee <a@b.cd> schrieb am Mo., 2. Apr. 2012, 18:26:
Ann Lee <a@b.cd> schrieb am Mo., 2. Apr. 2012 um|18:26 Uhr:
Ann Lee <a@b.cd> escreveu (segunda, 2/04/2012 à(s) 18:26):
Ann Lee <a@b.cd> escreveu no dia segunda, 2/04/2012 à(s) 18:26:
Gesendet: Montag, 02. April 2012 um 18:26 Uhr|Von: "Ann Lee" <a@b.cd>|An: d@b.cd|Betreff: Drucker
-------- Original message --------|From: Ann Lee <a@b.cd>|Date: 02/04/2012 18:26|To: d@b.cd|Subject: Printer
-------- Ursprüngliche Nachricht --------|Von: Ann Lee <a@b.cd>|Datum: 02.04.12 18:26|An: d@b.cd|Betreff: Drucker
-------- Message d'origine --------|De : Ann Lee <a@b.cd>|Date : 02/04/2012 18:26|À : d@b.cd|Objet : Imprimante
-------- Mensaje original --------|De: Ann Lee <a@b.cd>|Fecha: 2/4/12 18:26|Para: d@b.cd|Asunto: Impresora
-------- Messaggio originale --------|Da: Ann Lee <a@b.cd>|Data: 02/04/12 18:26|A: d@b.cd|Oggetto: Stampante
-------- Oorspronkelijk bericht --------|Van: Ann Lee <a@b.cd>|Datum: 02-04-12 18:26|Aan: d@b.cd|Onderwerp: Printer
-------- Mensagem original --------|De : Ann Lee <a@b.cd>|Data: 02/04/2012 18:26|Para: d@b.cd|Assunto: Papel
-------- Oryginalna wiadomość --------|Od: Ann Lee <a@b.cd>|Data: 02.04.2012 18:26|Do: d@b.cd|Temat: Drukarka
-------- Originalmeddelande --------|Från: Ann Lee <a@b.cd>|Datum: 2012-04-02 18:26|Till: d@b.cd|Ämne: Skrivare
Date: Mon, 2 Apr 2012 18:26:11 +0200|From: a@b.cd|To: d@b.cd|Subject: Re: Printer
To: d@b.cd|From: a@b.cd|Date: Mon, 2 Apr 2012 18:26:11 +0200|Subject: Re: Printer
Subject: Re: Printer|From: a@b.cd|To: d@b.cd|Date: Mon, 2 Apr 2012 18:26:11 +0200
De: "Ann Lee" <a@b.cd>|À: "Desk" <d@b.cd>|Envoyé: Lundi 2 Avril 2012 18:26:11|Objet: Imprimante
>>> Ann Lee <a@b.cd> 4/2/2012 6:26 PM >>>
>>> "Ann Lee" <a@b.cd> 02.04.12 18:26 Uhr >>>
From:	Ann Lee/Example|To:	Desk/Example@example,|Date:	02.04.2012 18:26|Subject:	Printer
Ann Lee ---02/04/2012 18:26:11---Is the cable in place?
---- 原始邮件 ----|发件人: "Ann Lee" <a@b.cd>;|发送时间: 2012年4月2日 18:26|收件人: "Desk" <d@b.cd>;|主题: 打印机
在 2012-04-02 18:26:11，"Ann Lee" <a@b.cd> 写道：
At 2012-04-02 18:26:11, "Ann Lee" <a@b.cd> wrote:
2012-04-02 18:26 GMT+02:00 Ann Lee <a@b.cd>:
2012-04-02 18:26 GMT+02:00 Ann Lee|<a@b.cd>:
Понедельник, 2 апреля 2012, 18:26 +03:00 от Ann Lee <a@b.cd>:
Mon, 2 Apr 2012 18:26:11 +0200 from Ann Lee <a@b.cd>:
------- Original Message -------|On Monday, April 2nd, 2012 at 6:26 PM, Ann Lee <a@b.cd> wrote:|
‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐|On Monday, April 2, 2012 6:26 PM, Ann Lee <a@b.cd> wrote:|
Apr 2, 2012, 18:26 by a@b.cd:
2. Apr. 2012, 18:26 von a@b.cd:
On Apr 2, 2012 18:26, "Ann Lee" <a@b.cd> wrote:
On 2 Apr 2012 18:26, a@b.cd wrote:
On Mon, 2 Apr 2012, 18:26 Ann Lee, <a@b.cd> wrote:
Le lun. 2 avr. 2012 18:26, Ann Lee <a@b.cd> a écrit :
El lun., 2 de abril de 2012 18:26, Ann Lee <a@b.cd> escribió:
Op ma 2 apr. 2012 18:26 schreef Ann Lee <a@b.cd>:
Op 2 apr. 2012 18:26 schreef "Ann Lee" <a@b.cd>:
Il lun 2 apr 2012, 18:26 Ann Lee <a@b.cd> ha scritto:
On 2012-04-02 18:26, Ann Lee wrote:
Ann Lee (a@b.cd) wrote on 2 April 2012 18:26:
Ann Lee wrote on 2012-04-02 18:26:
El 02/04/2012 a las 18:26, Ann Lee escribió:
W dniu 02.04.2012 o 18:26, Ann Lee pisze:
Dnia 2 kwietnia 2012 18:26 Ann Lee <a@b.cd> napisał(a):
Dne 2. 4. 2012 v 18:26 Ann Lee napsal(a):
Den 02.04.2012 18:26, skrev Ann Lee:
Den 02/04/2012 kl. 18.26 skrev Ann Lee:
Den 2 apr. 2012 kl. 18:26 skrev Ann Lee <a@b.cd>:
2.4.2012 18.26, Ann Lee kirjoitti:
Ann Lee kirjoitti 2.4.2012 klo 18.26:
2012. 04. 02. 18:26 keltezéssel, Ann Lee írta:
Ann Lee <a@b.cd> ezt írta (időpont: 2012. ápr. 2., H,|18:26):
În lun., 2 apr. 2012 la 18:26, Ann Lee <a@b.cd> a scris:
Στις Δευ 2 Απρ 2012 στις 6:26 μ.μ., ο χρήστης Ann Lee|<a@b.cd> έγραψε:
Ann Lee <a@b.cd>, 2 Nis 2012 Pzt, 18:26 tarihinde|şunu yazdı:
Vào Th 2, 2 thg 4, 2012 vào lúc 18:26 Ann Lee <a@b.cd> đã viết:
Pada tanggal Sen, 2 Apr 2012 pukul 18.26 Ann Lee <a@b.cd>|menulis:
pon, 2. tra 2012. u 18:26 Ann Lee <a@b.cd> napisao je:
V V pon., 2. apr. 2012 ob 18:26 je oseba Ann Lee <a@b.cd>|napisala:
2012-04-02, pr, 18:26 Ann Lee <a@b.cd> rašė:
Em 2 de abr de 2012, à(s) 18:26, Ann Lee <a@b.cd> escreveu:
A 2012-04-02 18:26, Ann Lee escreveu:
Ann Lee さんは書きました (2012年4月2日 18:26):
2012年4月2日 18:26、Ann Lee <a@b.cd>のメール:
----- Original Message -----|From: "Ann Lee" <a@b.cd>|To: "Desk" <d@b.cd>|Sent: Monday, April 02, 2012 6:26 PM
----- Mail original -----|De: "Ann Lee" <a@b.cd>|À: "Desk" <d@b.cd>
----- Ursprüngliche Mail -----|Von: "Ann Lee" <a@b.cd>|An: "Desk" <d@b.cd>
----- Oryginalna wiadomość -----|Od: "Ann Lee" <a@b.cd>
----- Messaggio originale -----|Da: "Ann Lee" <a@b.cd>
----- Mensagem encaminhada -----|De: "Ann Lee" <a@b.cd>
----- Reply message -----|From: "Ann Lee" <a@b.cd>|To: d@b.cd
-----Original-Nachricht-----|Betreff: Drucker|Datum: 2012-04-02T18:26:11+0200|Von: "Ann Lee" <a@b.cd>
From: Ann Lee <a@b.cd> |Sent: 02 April 2012 18:26|To: Desk <d@b.cd>|Cc: Carol <c@b.cd>|Subject: [External] RE: Printer
From: Ann Lee via Desk <d@b.cd>|Reply-To: a@b.cd|Date: 2 April 2012 at 18:26|To: x@example.org|Subject: RE: Printer
差出人: Ann Lee <a@b.cd>|日付: 2012年4月2日月曜日 18:26|宛先: Desk|件名: Re: プリンター
From: Ann Lee [mailto:a@b.cd] |Sent: Monday, April 02, 2012 6:26 PM|To: Desk|Subject: RE: Printer
From: Ann Lee|Sent: Monday, April 02, 2012 6:26 PM|To: Desk|Subject: RE: Printer
Von: Ann Lee|Gesendet: Montag, 2. April 2012 18:26|An: Desk|Betreff: AW: Drucker
De : Ann Lee [mailto:a@b.cd]|Envoyé : lundi 2 avril 2012 18:26|À : Desk|Objet : RE: Imprimante
De: Ann Lee <a@b.cd>|Enviado: lunes, 2 de abril de 2012 18:26|Para: Desk|Asunto: RE: Impresora
De: Ann Lee <a@b.cd>|Enviado: 2 de abril de 2012 18:26|Para: Desk|Assunto: RE: Impressora
Od: Ann Lee <a@b.cd>|Data: poniedziałek, 2 kwietnia 2012 18:26|Do: Desk|Temat: Re: Drukarka
Från: Ann Lee <a@b.cd>|Datum: måndag, 2 april 2012 18:26|Till: Desk|Ämne: Re: Skrivare
Am Montag, 2. April 2012, 18:26:11 CEST schrieb Ann Lee:
Am Montag, 2. April 2012 um 18:26 schrieb Ann Lee|<a@b.cd>:
On Mon, Apr 2, 2012 at 6:26 PM, Desk (Ann Lee, support)|<desk+ref@example.com> wrote:
On Mon, Apr 2, 2012 at 6:26 PM 'Ann Lee' via Desk <|d@b.cd> wrote:
El El lun, 2 abr 2012 a la(s) 18:26, Ann Lee <a@b.cd>|escribió:
El lun, 2 de abr de 2012 a la(s) 18:26, Ann Lee (a@b.cd)|escribió:
Op 2-4-2012 om 18:26 schreef Ann Lee:
Ann Lee <a@b.cd> schreef op 2 april 2012 18:26:11 CEST:
Ann Lee <a@b.cd> schreef op ma 2 apr. 2012 om 18:26:
Ann Lee <a@b.cd> napisał(a) w dniu pon., 2 kwi 2012, 18:26:
W dniu pon., 2.04.2012 o 18:26 Ann Lee <a@b.cd>|napisał(a):
On April 2, 2012 6:26:11 PM GMT+02:00, Ann Lee <a@b.cd> wrote:
Am 2. April 2012 18:26:11 MESZ schrieb Ann Lee <a@b.cd>:
Le 2 avril 2012 18:26:11 GMT+02:00, Ann Lee <a@b.cd> a écrit :
El 2 de abril de 2012 18:26:11 CEST, Ann Lee <a@b.cd> escribió:
Il 2 aprile 2012 18:26:11 CEST, Ann Lee <a@b.cd> ha scritto:
Em 2 de abril de 2012 18:26:11 BRT, Ann Lee <a@b.cd> escreveu:
W dniu 2 kwietnia 2012 18:26:11 CEST użytkownik Ann Lee <a@b.cd> napisał:
Den 2 april 2012 18:26:11 CEST, skrev Ann Lee <a@b.cd>:
Le lundi 2 avril 2012, Ann Lee <a@b.cd> a écrit :
Le 2012-04-02 18:26, Ann Lee a écrit :
""".strip().split("\n")


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["close", "apart"])
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
@pytest.mark.parametrize("introduction", OTHERS)
def test_the_introductions_of_other_clients(introduction: str, mark: str, gap: str) -> None:
    new, old = "It prints again now.\nThank you", "Is the cable in place?\nPlease look."
    quoted = "\n".join(mark + line for line in old.split("\n"))
    text = f"{new}\n\n{introduction.replace('|', chr(10))}{gap}{quoted}\n"
    assert new_part(text) == new


APPS = """
Sent from Mail for Windows 10
Sent from Mail<https://example.org/?LinkId=5> for Windows
Gesendet von Mail für Windows
Envoyé à partir d'Outlook pour iOS
Sent from Yahoo Mail on Android
Von meinem Samsung Gerät gesendet.
Von meinem/meiner Galaxy gesendet
Envoyé depuis l'application Mail Orange
Envoyé depuis mon appareil Galaxy
Obtener Outlook para Android
Obtén Outlook para iOS
Ottieni Outlook per iOS
Outlook voor iOS downloaden
Download Outlook voor iOS
Obter o Outlook para iOS
Pobierz aplikację Outlook dla systemu iOS
Pobierz program Outlook dla systemu Android
Hämta Outlook för iOS
Outlook for iOS を入手
iOS 版 Outlook を入手
Outlook for Android を取得する
Get Outlook for iOS
Outlook für Android herunterladen
Outlook für Android beziehen
Laden Sie Outlook für iOS herunter
Télécharger Outlook pour iOS
Scarica Outlook per Android
Gesendet mit der GMX Mail App
Gesendet mit der WEB.DE Mail App
Sent with Proton Mail secure email.
Sent with [Proton Mail](https://proton.me/) secure email.
Gesendet mit Proton Mail
Sent from ProtonMail for iOS
Inviato dal mio iPhone
Enviado do meu iPad
Enviado do Yahoo Mail
Enviado desde Yahoo Mail para Android
Inviato da Yahoo Mail su Android
Skickat från Outlook för Android
Skickat från min Samsung-enhet
Wysłane z aplikacji Outlook
Wysłane z mojego telefonu
Wysłano z mojego iPhone'a
Wysłano z telefonu Samsung
Sent from Mailspring
Sent from Samsung Mobile
Von Samsung Mobile gesendet
Verzonden vanuit Outlook voor Android
Verzonden met mijn Samsung
Get BlueMail for Android
Sent via the Samsung Galaxy S20, an AT&T 5G smartphone
Envoyé de mon smartphone Samsung Galaxy.
Отправлено из мобильной Почты Mail.ru
Sendt fra min iPhone
スマートフォンから送信
Androidから送信
Outlook for iOSから送信
iPadから送信
Yahoo!メール アプリから送信
Skickat från Mail för Windows
Inviato da Posta per Windows
Enviado do Email para o Windows
Enviado desde Correo para Windows
Verzonden vanuit Mail voor Windows
Wysłane z aplikacji Poczta systemu Windows
Windows 版のメールから送信
Envoyé à partir de Courrier pour Windows
Sent from my mobile device. Please excuse brevity and typos.
Sent from my BlackBerry 10 smartphone on the Verizon network.
Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.
Sent from my Android device with K-9 Mail. Please excuse my brevity.
Envoyé de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.
Enviado desde mi dispositivo Android con K-9 Mail. Por favor, disculpa mi brevedad.
Inviato dal mio dispositivo Android con K-9 Mail. Perdonate la brevità.
Verzonden vanaf mijn Android-apparaat met K-9 Mail. Excuseer mijn beknoptheid.
Wysłane za pomocą K-9 Mail.
Skickat från min Android-enhet med K-9 Mail.
Diese Nachricht wurde mit der GMX Mail App gesendet.
""".strip().split("\n")


@pytest.mark.parametrize("line", APPS)
def test_the_lines_that_apps_add(line: str) -> None:
    for below in ("", "\n\nOn 2 Apr 2012, Ann Lee <a@b.cd> wrote:\n> Hello\n"):
        assert new_part(f"It prints again.\n\n{line}{below}") == "It prints again."


@pytest.mark.parametrize(
    "line",
    [
        "Sent from our server, the mail is refused by yours.",
        "Quoting the manual:",
        "Enviado el formulario, no pasa nada.",
        "Skickat från Anna i går, men inget kom fram.",
        "プリンターから送信",
        "Get Outlook to start again, please.",
    ],
)
def test_a_sentence_of_a_person_is_not_taken_for_an_apps(line: str) -> None:
    assert line in new_part(f"It is broken.\n\n{line}\n\nWhat shall I do?")
