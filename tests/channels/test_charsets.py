"""Text in whatever charset, with an untrue label or none, in bodies and in raw header fields."""

from __future__ import annotations

import pytest

from forthwith.channels.email.charsets import codec_of, decode
from forthwith.channels.email.parse import parse
from tests.growth import assert_in_proportion

SENTENCES = {
    "cp1250": ["Zażółć gęślą jaźń, proszę o pomoc", "Tiskárna nefunguje, žlutý kůň", "A nyomtató nem működik, kérem"],
    "iso8859_2": ["Zażółć gęślą jaźń, proszę o pomoc", "Tiskárna už zase nefunguje, příliš žlutý kůň"],
    "cp1251": ["Принтер на втором этаже не работает", "Принтерът не работи, моля", "Не друкує принтер"],
    "koi8_r": ["Принтер на втором этаже не работает", "Помогите, пожалуйста"],
    "cp1253": ["Ο εκτυπωτής δεν λειτουργεί", "Παρακαλώ βοηθήστε με τον κωδικό"],
    "cp1254": ["Yazıcı çalışmıyor, lütfen yardım edin", "Şifremi değiştiremiyorum, teşekkürler"],
    "cp1255": ["המדפסת אינה פועלת היום", "שלום, אני צריך עזרה"],
    "cp1256": ["الطابعة لا تعمل اليوم", "أحتاج إلى المساعدة من فضلك"],
    "cp932": ["プリンターが動きません。助けてください。", "パスワードを忘れました。"],
    "euc_jp": ["プリンターが動きません。助けてください。", "パスワードを忘れました。"],
    "gb18030": ["打印机坏了，请帮忙。", "我的密码不能用了，您好，请问怎么办？"],
    "big5": ["印表機壞了，請幫忙。", "我的密碼不能用了，請問怎麼辦？"],
    "cp949": ["프린터가 작동하지 않습니다", "비밀번호를 잊어버렸어요. 도와주세요"],
    "cp1252": [
        "Ça a été réglé : « l'imprimante » n° 5 – 10 €",
        "Der Drucker läuft wieder – „schön“, größer für Übermüdete",
        "Skrivaren på våning två går inte att använda, tack på förhand",
        "¿Puede ayudarme? La impresora no funciona mañana, señor",
        "Não consigo imprimir, a impressão está avariada. Obrigação",
        "Það er ekki hægt að prenta, þakka þér fyrir",
        "Það var bilað í dag",
        "Perché non funziona più? È già così, cioè giù",
        "Tulostin ei toimi, pyydän apua. Öljyä näyttöä",
        "Blåbærgrød på øen er ødelagt",
    ],
}  # fmt: skip
ALL = [(codec, text) for codec, texts in SENTENCES.items() for text in texts]


@pytest.mark.sop("1.2")
@pytest.mark.parametrize("label", ["", "; charset=iso-8859-1", "; charset=us-ascii", "; charset=utf-8"])
@pytest.mark.parametrize(("codec", "text"), ALL)
def test_a_body_with_an_untrue_label_or_none(codec: str, text: str, label: str) -> None:
    raw = f"From: a@example.org\nContent-Type: text/plain{label}\n\n".encode() + text.encode(codec)
    assert parse(raw).text == text


@pytest.mark.sop("1.2")
@pytest.mark.parametrize(("codec", "text"), ALL)
def test_raw_header_fields_are_read_as_the_body_is(codec: str, text: str) -> None:
    word = text.split(maxsplit=1)[0]
    raw = f'From: "{word}" <a@example.org>\nSubject: {word}\n\n{text}'.encode(codec)
    found = parse(raw)
    assert (found.subject, found.sender.name, found.text) == (word, word, text)


@pytest.mark.parametrize(
    ("claimed", "codec", "text"),
    [
        ("gb2312", "big5", "我的密碼不能用了，請問怎麼辦？"),
        ("shift_jis", "euc_jp", "プリンターが動きません。助けてください。"),
        ("iso-2022-jp", "cp932", "プリンターが動きません。助けてください。"),
        ("iso-2022-jp", "iso2022_jp", "プリンターが動きません。"),
        ("iso-2022-jp", "utf-8", "プリンターが動きません。"),
        ("gb2312", "gb18030", "朱镕基 堃喆 打印机"),
        ("windows-1252", "cp1251", "Принтер на втором этаже не работает"),
        ("utf-16", "utf-16", "häl"),
        ("utf-16le", "utf-16-le", "häl"),
        ("hz-gb-2312", "hz", "打印机"),
        ("utf-7", "utf-7", "läuft"),
    ],
)
def test_labels_of_many_bytes_a_character(claimed: str, codec: str, text: str) -> None:
    raw = f"From: a@example.org\nContent-Type: text/plain; charset={claimed}\n\n".encode() + text.encode(codec)
    assert parse(raw).text == text


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("filename*=utf-8''%E6%89%93%E5%8D%B0.pdf", "打印.pdf"),
        ("filename*0*=gb18030''%B4%F2;\n filename*1*=%D3%A1;\n filename*2=.pdf", "打印.pdf"),
        ('filename="=?iso-2022-jp?B?GyRCJVclaiVzJT8bKEI=?=.pdf"', "プリンタ.pdf"),
        ("filename==?utf-8?Q?=C3=BCber=20sicht.pdf?=", "über sicht.pdf"),
        ('filename="=?utf-8?B?w7xi?=\n =?utf-8?B?ZXIucGRm?="', "über.pdf"),
        ("filename*=%E6%89%93.pdf", "打.pdf"),
        ("filename*=''%E6%89%93.pdf", "打.pdf"),
        ("filename*=nonsense''a%20b.pdf", "a b.pdf"),
        ("filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("filename=a b.pdf", "a b.pdf"),
        ('filename="a;b.pdf"', "a;b.pdf"),
        ("FileName = a.pdf ; size=3", "a.pdf"),
        ('filename="a%20b.pdf"', "a%20b.pdf"),
        ("filename=\"utf-8''a%20b.pdf\"", "utf-8''a%20b.pdf"),
        ("filename=打印.pdf", "打印.pdf"),
    ],
)
def test_names_of_files_in_every_coding(field: str, name: str) -> None:
    raw = (
        "From: a@example.org\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\nx\n--q\n"
        f"Content-Type: application/pdf\nContent-Disposition: attachment; {field}\n\nx\n--q--\n"
    )
    assert [one.name for one in parse(raw.encode()).attachments] == [name]


def test_time_to_guess_grows_with_the_length_only() -> None:
    for piece in (b"\xe4\xf6 ", b"\x82\xa0", b"\xff", b"a\xb9b", b"\xc4\xe3"):
        assert_in_proportion(lambda times, piece=piece: parse(b"From: a@b.cd\n\n" + piece * times), 5_000)  # type: ignore[misc]


@pytest.mark.parametrize("text", ["① 丸数字", "㈱テスト", "ﾃｽﾄ Ⅳ", "髙橋"])
def test_japanese_mail_with_the_characters_that_windows_adds(text: str) -> None:
    assert decode(_as_jis(text), "iso-2022-jp") == text


def _as_jis(text: str) -> bytes:
    """ISO-2022-JP as Windows writes it: two bytes of each character turned from Shift_JIS, half-width ones shifted."""
    out = b""
    for char in text:
        packed = char.encode("cp932")
        if len(packed) == 2:
            first, second = packed
            row = (first - (0x81 if first < 0xE0 else 0xC1)) * 2 + 0x21 + (second >= 0x9F)
            cell = second - 0x7E if second >= 0x9F else second - 0x1F - (second > 0x7E)
            out += b"\x1b$B" + bytes((row, cell))
        else:
            out += b"\x1b(I" + bytes((packed[0] & 0x7F,)) if packed[0] > 0x7F else b"\x1b(B" + packed
    return out + b"\x1b(B"


@pytest.mark.parametrize("label", ["iso-8859-859", "x iso8859-859", "8859-99", "windows 12599", "8859-0"])
def test_a_charset_that_there_is_not_is_none(label: str) -> None:
    assert codec_of(label) == ""
    assert decode(b"Gr\xfc\xdfe", label)
