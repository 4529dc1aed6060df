"""How mail clients introduce a quote in the languages that are not the West's, also where the line was wrapped."""

from __future__ import annotations

import pytest

from forthwith.channels.email.html import new_part_html
from forthwith.channels.email.replies import new_part
from tests.growth import assert_in_proportion

NEW = "It prints again now.\nThank you"
OLD = "Is the cable in place?\nPlease look."

# "|" stands for a line break.
INTRODUCTIONS = """
Den 5. mar. 2021 kl. 12.00 skrev Ann Lee <a@b.cd>:
fre 5 mars 2021 kl. 12:00 skrev Ann Lee <a@b.cd>:
2021. márc. 5., P 12:00 időpontban Ann Lee <a@b.cd> ezt írta:
Feladó: Ann Lee <a@b.cd>|Küldve: péntek, 2021. március 5. 12:00|Címzett: Desk|Tárgy: Nyomtató
2021. 03. 05. 12:00 keltezéssel, Ann Lee a következőt írta:
pá 5. 3. 2021 v 12:00 odesílatel Ann Lee <a@b.cd> napsal:
pi 5. 3. 2021 o 12:00 Ann Lee <a@b.cd> napísal(a):
---------- Původní e-mail ----------|Od: Ann Lee <a@b.cd>|Komu: d@b.cd|Datum: 5. 3. 2021 12:00:00|Předmět: Tiskárna
Dňa 5. 3. 2021 o 12:00 Ann Lee napísal(a):
Od: Ann Lee <a@b.cd>|Odoslané: piatok 5. marca 2021 12:00|Komu: d@b.cd|Predmet: Tlačiareň
vin., 5 mar. 2021 la 12:00, Ann Lee <a@b.cd> a scris:
Pe 5 mar. 2021, la 12:00, Ann Lee <a@b.cd> a scris:
De la: Ann Lee <a@b.cd>|Trimis: vineri, 5 martie 2021 12:00|Către: d@b.cd|Subiect: Imprimanta
На пт, 5.03.2021 г. в 12:00 Анна Ли <a@b.cd> написа:
От: Анна Ли <a@b.cd>|Изпратено: петък, 5 март 2021 г. 12:00|До: d@b.cd|Относно: Принтер
На 5.3.2021 г. в 12:00, Анна Ли написа:
pet, 5. ožu 2021. u 12:00 Ann Lee <a@b.cd> napisao je:
pet, 5. ožu 2021. u 12:00 Ann Lee <a@b.cd> napisala je:
Šalje: Ann Lee <a@b.cd>|Poslano: petak, 5. ožujka 2021. 12:00|Prima: d@b.cd|Predmet: Pisač
пет, 5. мар 2021. у 12:00 Ана Ли <a@b.cd> је написао/ла:
pet, 5. mar 2021. u 12:00 Ann Lee <a@b.cd> je napisao/la:
Od: Ann Lee <a@b.cd>|Poslato: petak, 5. mart 2021. 12:00|Za: d@b.cd|Naslov: Štampač
Пошиљалац: Анна <a@b.cd>|Послато: петак, 5. март 2021. 12:00|Прималац: d@b.cd|Наслов: Штампач
V V pet., 5. mar. 2021 ob 12:00 je oseba Ann Lee <a@b.cd> napisala:
Dne 5. 03. 2021 ob 12:00 je Ann Lee napisal(a):
Kontakt Ann Lee (<a@b.cd>) kirjutas kuupäeval R, 5. märts 2021 kell 12:00:
Kasutaja Ann Lee (<a@b.cd>) kirjutas kuupäeval R, 5. märts 2021 kell 12:00:
Saatja: Ann Lee <a@b.cd>|Saadetud: reede, 5. märts 2021 12:00|Adressaat: d@b.cd|Teema: Printer
piektd., 2021. g. 5. marts, plkst. 12:00 — lietotājs Ann Lee (<a@b.cd>) rakstīja:
No: Ann Lee <a@b.cd>|Nosūtīts: piektdiena, 2021. gada 5. marts 12:00|Kam: d@b.cd|Tēma: Printeris
2021-03-05, pn, 12:00 Ann Lee <a@b.cd> rašė:
Nuo: Ann Lee <a@b.cd>|Išsiųsta: 2021 m. kovo 5 d., penktadienis 12:00|Kam: d@b.cd|Tema: Spausdintuvas
ในวันที่ ศ. 5 มี.ค. 2021 เวลา 12:00 แอน ลี <a@b.cd> เขียนว่า:
จาก: แอน ลี <a@b.cd>|ส่ง: 5 มีนาคม 2021 12:00|ถึง: d@b.cd|เรื่อง: เครื่องพิมพ์
Pada tanggal Jum, 5 Mar 2021 pukul 12.00 Ann Lee <a@b.cd> menulis:
Pada Jum, 5 Mac 2021 pada 12:00 PTG Ann <a@b.cd> menulis:
Dari: Ann Lee <a@b.cd>|Dikirim: Jumat, 05 Maret 2021 12.00|Kepada: d@b.cd|Subjek: Pencetak
Daripada: Ann <a@b.cd>|Dihantar: Jumaat, 5 Mac 2021 12:00|Kepada: d@b.cd|Subjek: Pencetak
Missatge de Ann Lee <a@b.cd> del dia dv., 5 de març 2021 a les 12:00:
El dv., 5 de març 2021, 12:00, Ann Lee <a@b.cd> va escriure:
De: Ann Lee <a@b.cd>|Enviat: divendres, 5 de març de 2021 12:00|Per a: d@b.cd|Assumpte: Impressora
Ann Lee (<a@b.cd>) erabiltzaileak hau idatzi du (2021 mar. 5, or. (12:00)):
Nork: Ann Lee <a@b.cd>|Bidaltze-data: 2021(e)ko martxoaren 5(a), ostirala 12:00|Nori: d@b.cd|Gaia: Inprimagailua
O ven, 5 mar 2021 ás 12:00, Ann Lee (<a@b.cd>) escribiu:
Þann fös., 5. mar. 2021 kl. 12:00 skrifaði Ann Lee <a@b.cd>:
Frá: Ann Lee <a@b.cd>|Sent: föstudagur, 5. mars 2021 12:00|Til: d@b.cd|Efni: Prentari
در تاریخ جمعه ۵ مارس ۲۰۲۱ ساعت ۱۲:۰۰ آن لی <a@b.cd> نوشت:
از: آن لی <a@b.cd>|ارسال شده: جمعه، ۵ مارس ۲۰۲۱ ۱۲:۰۰|به: d@b.cd|موضوع: چاپگر
शुक्र, 5 मार्च 2021 को 12:00 बजे को ऐन ली <a@b.cd> ने लिखा:
في الجمعة، ٥ مارس ٢٠٢١ في ١٢:٠٠ م تمت كتابة ما يلي بواسطة آن لي <a@b.cd>:
في ٥ مارس ٢٠٢١، الساعة ١٢:٠٠ م، كتب/كتبت آن لي <a@b.cd>:
من: آن لي <a@b.cd>|تم الإرسال: الجمعة، 5 مارس 2021 12:00 م|إلى: d@b.cd|الموضوع: الطابعة
בתאריך יום ו׳, 5 במרץ 2021, 12:00, מאת אן לי <a@b.cd>:
ב-5 במרץ 2021, בשעה 12:00, אן לי <a@b.cd> כתב/ה:
מאת: אן לי <a@b.cd>|נשלח: יום שישי 05 מרץ 2021 12:00|אל: d@b.cd|נושא: מדפסת
пт, 5 мар. 2021 г. в 12:00, Анна Ли <a@b.cd>:
пт, 5 бер. 2021 р. о 12:00 Анна Лі <a@b.cd> пише:
пт, 5 бер. 2021 о 12:00, Анна Лі <a@b.cd> пише:
05.03.2021 12:00, Анна Лі пише:
5 березня 2021, 12:00:00, від "Анна Лі" <a@b.cd>:
Від: Анна Лі <a@b.cd>|Надіслано: 5 березня 2021 р. 12:00|Кому: d@b.cd|Тема: Принтер
От: Анна Ли <a@b.cd>|Отправлено: 5 марта 2021 г. 12:00|Кому: d@b.cd|Тема: Принтер
От: Анна Ли [mailto:a@b.cd]|Отправлено: Friday, March 05, 2021 12:00 PM|Кому: d@b.cd|Копия: e@b.cd|Тема: Принтер
05.03.2021, 12:00, "Анна Ли" <a@b.cd>:
Пятница, 5 марта 2021, 12:00 +03:00 от Анна Ли <a@b.cd>:
Fri, 5 Mar 2021 12:00:00 +0300 от Анна Ли <a@b.cd>:
5 марта 2021 г., в 12:00, Анна Ли <a@b.cd> написал(а):
5 марта 2021 г. 12:00:00 пользователь Анна Ли (a@b.cd) написал:
5 марта 2021 г., 12:00 пользователь Анна Ли <a@b.cd> написал:
15:30, 5 марта 2021 г., Анна Ли <a@b.cd>:
--- Исходное сообщение ---|От кого: "Анна" <a@b.cd>|Дата: 5 марта 2021, 12:00:00
--- Оригінальне повідомлення ---|Від кого: "Анна" <a@b.cd>|Дата: 5 березня 2021, 12:00:00
Ann Lee <a@b.cd>, 5 Mar 2021 Cum, 12:00 tarihinde şunu yazdı:
5 Mart 2021 Cuma tarihinde Ann Lee <a@b.cd> yazdı:
Ann Lee <a@b.cd> şunları yazdı (5 Mar 2021 12:00):
Kimden: Ann Lee <a@b.cd>|Gönderildi: 5 Mart 2021 Cuma 12:00|Kime: d@b.cd|Konu: Yazıcı
Kimden: Ann Lee [mailto:a@b.cd]|Gönderme Tarihi: Cuma, Mart 5, 2021 12:00|Kime: d@b.cd|Bilgi: e@b.cd|Konu: Yazıcı
Στις Παρ, 5 Μαρ 2021 στις 12:00 μ.μ., ο/η Άννα Λι <a@b.cd> έγραψε:
Στις 5/3/2021 12:00 μ.μ., ο/η Άννα Λι έγραψε:
5 Μαρ 2021, 12:00, ο χρήστης «Άννα Λι <a@b.cd>» έγραψε:
Από: Άννα Λι <a@b.cd>|Στάλθηκε: Παρασκευή, 5 Μαρτίου 2021 12:00 μμ|Προς: d@b.cd|Θέμα: Εκτυπωτής
Από: Άννα Λι <a@b.cd>|Αποστολή: Παρασκευή, 5 Μαρτίου 2021 12:00 μμ|Προς: d@b.cd|Θέμα: Εκτυπωτής
Vào Th 6, 5 thg 3, 2021 vào lúc 12:00 An Lê <a@b.cd> đã viết:
Vào 12:00, Th 6, 5 thg 3, 2021 An Lê <a@b.cd> đã viết:
Từ: An Lê <a@b.cd>|Đã gửi: 5 Tháng Ba 2021 12:00|Đến: d@b.cd|Chủ đề: Máy in
Từ: An Lê <a@b.cd>|Gửi: Thứ Sáu, 5 Tháng Ba 2021 12:00|Tới: d@b.cd|Chủ đề: Máy in
2021년 3월 5일 (금) 오후 12:00, 앤 리 <a@b.cd>님이 작성:
2021. 3. 5. 오후 12:00, 앤 리 <a@b.cd> 작성:
2021-03-05 오후 12:00에 앤 리 이(가) 쓴 글:
2021년 3월 5일 금요일 오후 12:00:00 GMT+9, 앤 리<a@b.cd>님이 작성한 메시지:
보낸 사람: 앤 리 <a@b.cd>|보낸 날짜: 2021년 3월 5일 금요일 오후 12:00|받는 사람: d@b.cd|제목: 프린터
2021年3月5日(金) 12:00 安 理 <a@b.cd>:
2021/03/05 12:00、安 理 <a@b.cd>のメール:
2021年3月5日 12:00、安 理 <a@b.cd>のメール:
差出人: 安 理 <a@b.cd>|送信日時: 2021年3月5日金曜日 12:00|宛先: d@b.cd|CC: e@b.cd|件名: プリンター
-----元のメッセージ-----|差出人: 安 理 <a@b.cd>|送信日時: 2021年3月5日 12:00|宛先: d@b.cd|件名: プリンター
2021年3月5日(金) 12:00:00 JST、安 理 <a@b.cd> 書きました:
2021年3月5日金曜日、安 理<a@b.cd>さんは書きました:
李安 <a@b.cd> 于2021年3月5日周五 下午12:00写道：
李安 <a@b.cd> 於 2021年3月5日 週五 下午12:00寫道：
在 2021年3月5日，下午12:00，李安 <a@b.cd> 写道：
在 2021/3/5 12:00, 李安 写道:
在2021年03月05日 12:00，李安<a@b.cd> 写道：
在 2021-03-05 12:00:00，"李安" <a@b.cd> 写道：
在2021年03月05日 12:00，李安 写道：
发件人: 李安 <a@b.cd>|日期: 2021年3月5日 星期五 下午12:00|收件人: d@b.cd|主题: 打印机
发件人： 李安 <a@b.cd>|发送时间： 2021年3月5日 12:00|收件人： d@b.cd|抄送： e@b.cd|主题： 打印机
发件人：李安 [mailto:a@b.cd]|发送时间：2021年3月5日 12:00|收件人：d@b.cd|主题：打印机
寄件者: 李安 <a@b.cd>|寄件日期: 2021年3月5日 下午 12:00|收件者: d@b.cd|主旨: 印表機
寄件人: 李安 <a@b.cd>|傳送時間: 2021年3月5日 下午 12:00|收件人: d@b.cd|主旨: 印表機
自: 李安 <a@b.cd>|已傳送: 2021年3月5日 下午 12:00|至: d@b.cd|主旨: 印表機
---- 回复的原邮件 ----|发件人 李安<a@b.cd>|日期 2021年03月05日 12:00|收件人 d@b.cd|主题 打印机
---- Replied Message ----|From Ann Lee<a@b.cd>|Date 03/05/2021 12:00|To d@b.cd|Subject Printer
pe 5. maalisk. 2021 klo 12.00 Ann Lee (a@b.cd) kirjoitti:
Ann Lee <a@b.cd> kirjoitti 5.3.2021 kello 12.00:
Lähettäjä: Ann Lee <a@b.cd>|Lähetetty: perjantai 5. maaliskuuta 2021 12.00|Vastaanottaja: d@b.cd|Aihe: Tulostin
fre. 5. mar. 2021 kl. 12:00 skrev Ann Lee <a@b.cd>:
5. mar. 2021 kl. 12:00 skrev Ann Lee <a@b.cd>:
Fra: Ann Lee <a@b.cd>|Sendt: fredag 5. mars 2021 12:00|Til: d@b.cd|Emne: Skriver
Den 5. mars 2021 kl. 12:00:00 +01:00, skrev Ann Lee <a@b.cd>:
Den fre 5 mars 2021 kl 12:00 skrev Ann Lee <a@b.cd>:
5 mars 2021 kl. 12:00 skrev Ann Lee <a@b.cd>:
Från: Ann Lee <a@b.cd>|Datum: fredag 5 mars 2021 12:00|Till: d@b.cd|Ämne: Skrivare
----- Původní zpráva -----|Od: "Ann Lee" <a@b.cd>|Komu: "Desk" <d@b.cd>|Odesláno: 5. březen 2021 12:00|Předmět: Papír
""".strip().split("\n")
# Clients for scripts that run to the left put marks of direction around names and addresses.
INTRODUCTIONS += [
    "\u202bבתאריך יום ו׳, 5 במרץ 2021 ב-12:00 מאת \u202aAnn\u202c\u200f <\u202aa@b.cd\u202c\u200f>:\u202c",
    "في الجمعة، 5 مارس 2021 في 12:00 م تمت كتابة ما يلي بواسطة \u202aAnn\u202c\u200f <\u202aa@b.cd\u202c\u200f>:",
]


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["close", "apart"])
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_the_history_is_cut_off(introduction: str, mark: str, gap: str) -> None:
    quoted = "\n".join(mark + line for line in OLD.split("\n"))
    assert new_part(f"{NEW}\n\n{introduction.replace('|', chr(10))}{gap}{quoted}\n") == NEW


@pytest.mark.parametrize(
    "introduction",
    [
        "pá 5. 3. 2021 v 12:00 odesílatel Ann|Lee <a@b.cd> napsal:",
        "vin., 5 mar. 2021 la 12:00, Ann|Lee <a@b.cd> a scris:",
        "pet, 5. ožu 2021. u 12:00 Ann Lee|<a@b.cd> napisala je:",
        "piektd., 2021. g. 5. marts, plkst. 12:00 —|lietotājs Ann Lee (<a@b.cd>) rakstīja:",
        "शुक्र, 5 मार्च 2021 को 12:00 बजे को|ऐन ली <a@b.cd> ने लिखा:",
        "5 марта 2021 г. 12:00:00 пользователь Анна|Ли (a@b.cd) написал:",
        "fre. 5. mar. 2021 kl. 12:00 skrev|Ann Lee <a@b.cd>:",
        "pt., 5 mar 2021 o 12:00 Ann Lee|<a@b.cd> napisał(a):",
    ],
)
def test_an_introduction_wrapped_before_the_name_is_cut_off_whole(introduction: str) -> None:
    assert new_part(f"{NEW}\n\n{introduction.replace('|', chr(10))}\n> Hello") == NEW


def test_an_introduction_behind_the_last_words_leaves_them() -> None:
    introduction = "On Wed, Apr 4, 2012 at 3:59 PM, Ann <a@b.cd> wrote:"
    assert new_part(f"It prints. {introduction}\n> Hello") == "It prints."
    assert new_part(f"It prints---{introduction}\n> Hello") == "It prints"


@pytest.mark.parametrize("rest", ["(https://example.org/tickets/12)", "/tickets/12?page=2)"])
def test_an_address_wrapped_in_a_quote_stays_quoted(rest: str) -> None:
    above = "> See the ticket (https://example.org" if rest.startswith("/") else "> See the ticket"
    assert new_part(f"Thanks\n\nOn 2 Apr 2012, Ann wrote:\n\n{above}\n{rest}\n>\n> Ann\n") == "Thanks"


def test_one_word_between_quoted_lines_is_an_answer() -> None:
    assert "Yes." in new_part("On 2 Apr 2012, Ann wrote:\n> Is it on?\nYes.\n> Which one?\nThe 4200.\n")


APPS = """
أُرسلت من الـ iPhone
Az iPhone-omról küldve
Στάλθηκε από το iPhone μου
נשלח מה-iPhone שלי
Đã gửi từ iPhone của tôi
ส่งจาก iPhone ของฉัน
Dikirim dari iPhone saya
나의 iPhone에서 보냄
從我的 iPhone 傳送
发自我的小米手机
iPhone'umdan gönderildi
मेरे iPhone से भेजा गया
Trimis de pe iPhone-ul meu
Android için Outlook<https://example.org/app>'u edinin
Získat Outlook pro Android
Hent Outlook til Android
获取 Outlook for Android
Получить Outlook для Android
___|Sent from Yahoo Mail for iPhone
Sent from my HTC phone.  Please excuse typoze
""".strip().split("\n")


@pytest.mark.parametrize("line", APPS)
def test_the_lines_that_apps_add(line: str) -> None:
    assert new_part(f"It prints again.\n\n{line.replace('|', chr(10))}\n") == "It prints again."


@pytest.mark.parametrize("line", ["Sent from my iPhone", "Enviado do meu iPhone", "Wysłane z telefonu Galaxy"])
def test_the_line_of_a_device_needs_no_empty_line_above(line: str) -> None:
    assert new_part(f"It prints again.\n{line}\n\nOn 2 Apr 2012, Ann <a@b.cd> wrote:\n> Hello") == "It prints again."


@pytest.mark.parametrize(
    "text",
    [
        "The form I filled in:\n\nE-mail: ann@example.org\nDay: 2024-05-03 10:15\nRoom: 12\nDevice: printer\n\nThanks",
        "I was there on 3 May 2024 at 10:15.\nThe screen said:\n\nplease wait",
        "We use both:\nOutlook on Android and iOS, and neither shows the calendar of the team.",
        "Photos are\nSent from my phone to the printer, and nothing happens.",
        "5 марта 2021 в 12:00 принтер встал.\nНа экране:\n\nошибка 12",
    ],
)
def test_what_a_person_writes_is_not_taken_for_history(text: str) -> None:
    assert new_part(text) == text


@pytest.mark.parametrize(
    "html",
    [
        '<div>Yes.</div><div name="messageReplySection">Z 12:<blockquote>old</blockquote></div>',
        '<p>Yes.</p><div name="quote"><div>old</div></div>',
        '<p>Yes.</p><blockquote id="isReplyContent"><div>old</div></blockquote>',
        '<p>Yes.</p><div class="ntes-mailmaster-quote"><div>old</div></div>',
    ],
)
def test_further_marks_of_a_quote_in_html(html: str) -> None:
    assert new_part(new_part_html(html)) == "Yes."


@pytest.mark.parametrize("piece", ["a On mon, 1 wrote:\n", "a outlook ", "> (\n(\n", "1 2021 10:10\n", "x gönderildi "])
def test_time_grows_with_the_length_only(piece: str) -> None:
    assert_in_proportion(lambda count: new_part(piece * count), 250)
