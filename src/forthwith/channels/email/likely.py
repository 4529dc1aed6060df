"""The charset that bytes most likely are in, where their label is missing or untrue.

Judged by the letters that the language of a charset uses most: the right reading has many of them, a wrong one hardly
any. Only a sample is looked at.
"""

from __future__ import annotations

import re
from itertools import pairwise

SAMPLE = 8_000

_CJK = {
    "euc_jp": "のにはをたがでてとしれさいるすなこもませんあかりッーンスルトイ、。ラリアプ",
    "cp932": "のにはをたがでてとしれさいるすなこもませんあかりッーンスルトイ、。ラリアプ",
    "gb18030": "的一是不了在有人我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后"
    "小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同请谢您问题机坏帮忙，。！？、",
    "big5hkscs": "的一是不了在有人我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後"
    "小麼心多天而能好都然沒日於起還發成事只作當想看文無開手用主行方又如前所本見經頭面公同請謝您問題機壞幫忙，。！？、",
    "cp949": "이다는을가의에고하지를한은로서도인사기자시대어과일해니정리"
    "그수나아제보스전부주있었습안요세합트되않동작프터",
}
_OTHER_SCRIPTS = {
    "cp1251": "оеаинтсрвлкмдпуяыьгз",
    "koi8_r": "оеаинтсрвлкмдпуяыьгз",
    "cp1253": "αοιετσνηυρπκμλςίόάέήώύ",
    "cp1255": "יוהלאתמרבשנםדפק",
    "cp1256": "اليمونرتبةعدسفه",
}
_SYMBOL_IN_WORD = re.compile("(?<=[A-Za-z])[¡-¿×÷\x80-\x9f]|[¡-¿×÷\x80-\x9f](?=[a-z])")
_CARON = re.compile("(?<=[a-zà-þ])[šžŠŽ]|[šžŠŽ](?=[a-zà-þ])")
_CZECH_IN_WESTERN = re.compile("[ìøèùòïæð]")
_CZECH = re.compile("[řěůňč]")
_TURKISH_IN_WESTERN = re.compile("[ýþðÝÞÐ]")
_NEVER_TURKISH = re.compile("[áíóúéæàèåäøò]")
_ENOUGH = 0.12


def likely_codec(data: bytes) -> str:
    """Python's name of the charset that `data`, which is no UTF-8, is most likely in; at worst "cp1252"."""
    sample = data[:SAMPLE]
    return _east_asian(sample) or _other_script(sample) or _latin(sample)


def _east_asian(sample: bytes) -> str:
    best, codec = _ENOUGH, ""
    for name, frequent in _CJK.items():
        # The sample may end within a character.
        text = _strictly(sample, name) or _strictly(sample[:-1], name) or _strictly(sample[:-2], name)
        high = [char for char in text or "" if char > "\u00ff"]
        known = sum(char in frequent for char in high)
        # Half-width katakana are what Western letters look like in Shift_JIS.
        odd = sum("\uff61" <= char <= "\uff9f" or "\ue000" <= char <= "\uf8ff" for char in high)
        if known >= 2 and len(high) >= 4 and (known - odd) / len(high) > best:
            best, codec = (known - odd) / len(high), name
    return codec


def _strictly(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return ""


def _other_script(sample: bytes) -> str:
    letters = sum(1 for byte in sample if byte >= 0xC0)
    latin = sum(1 for byte in sample if 65 <= byte <= 90 or 97 <= byte <= 122)
    # Western words have one such letter in a few; another script has hardly anything else.
    if letters < 6 or letters <= latin:
        return ""
    found = {name: _known_share(sample.decode(name, "replace"), name) for name in _OTHER_SCRIPTS}
    best = max(found, key=lambda name: found[name])
    return best if found[best] > 0.3 else ""


def _known_share(text: str, codec: str) -> float:
    """How many of the letters are frequent ones; capitals within words and symbols count against it."""
    frequent = set(_OTHER_SCRIPTS[codec])
    high = [char for char in text if char > "\x7f"]
    known = sum(char in frequent for char in high)
    turned = sum(above.islower() and below.isupper() for above, below in pairwise(text))
    return (known - 2 * turned) / max(len(high), 1)


def _is_turkish(western: str) -> bool:
    """Its dotless i, s and g stand where Icelandic has letters, which has no c with a cedilla nor u with dots."""
    if not _TURKISH_IN_WESTERN.search(western) or _NEVER_TURKISH.search(western):
        return False
    return bool(re.search("[çüÇÜ]", western)) or (western.count("ý") > 1 and not re.search(r"\b[Þþ]|ð", western))


def _latin(sample: bytes) -> str:
    western = sample.decode("cp1252", "replace")
    if _is_turkish(western):
        return "cp1254"
    if re.search("[õû]", western) and re.search("[öüóí]", western) and not re.search("[ãçêèâîä]", western):
        # Hungarian: its two long letters stand where Western ones have a tilde and a circumflex.
        return "cp1250"
    if _CARON.search(western) and _CZECH_IN_WESTERN.search(western):
        return "cp1250"
    odd = len(_SYMBOL_IN_WORD.findall(western))
    if not odd:
        return "cp1252"
    central = {name: sample.decode(name, "replace") for name in ("cp1250", "iso8859_2")}
    wrong = {name: len(_SYMBOL_IN_WORD.findall(text)) for name, text in central.items()}
    # Where both read well, Czech tells: its s and z with a caron are elsewhere in Windows.
    czech = bool(_CZECH.search(central["cp1250"])) and not _CARON.search(western)
    best = min(wrong, key=lambda name: (wrong[name], (name != "iso8859_2") == czech))
    return best if wrong[best] * 2 < odd else "cp1252"
