"""Vietnamese text of the fonts before Unicode: TCVN3 (ABC) and VNI-Windows.

Such text reaches us as the Windows-1252 letters that share its bytes: “NguyÔn V¨n A” (TCVN3),
“Nguyeãn Vaên A” (VNI). It is converted only when the sender names the encoding; otherwise it is
held back and the sender asked.

TCVN3 has no codes for capitals with tones: its capital fonts (.VnTimeH) draw the small letters' codes
as capitals. So a cell in such a font is read in capitals (``capitals=True``); without a font (CSV)
a cell is, when all its ASCII letters are capitals and some word holds two of them beside a coded
letter ("NGUYÔN V¡N"); in any other case letters come out small, as they are coded ("Hµ" is “Hà”).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

LegacyEncoding = Literal["tcvn3", "vni"]
DeclaredEncoding = Literal["tcvn3", "vni", "unicode"]
"""What a sender may say of a file; ``unicode`` insists that what looks like an old font is none."""


def legacy_of(declared: DeclaredEncoding | None) -> LegacyEncoding | None:
    """The encoding to convert from, if any."""
    return None if declared == "unicode" else declared


LABELS: Final[dict[LegacyEncoding, str]] = {"tcvn3": "TCVN3 (ABC)", "vni": "VNI-Windows"}

# TCVN 5712:1993, third set (VN3): bytes A1-AE and B5-FE, here in the order of the code.
_TCVN3_RUNS: Final = (
    (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
    (0xB5, "àảãáạ"),
    (0xBB, "ằẳẵắ"),
    (0xC6, "ặầẩẫấậè"),
    (0xCE, "ẻẽéẹềểễếệìỉ"),
    (0xDC, "ĩíịò"),
    (0xE1, "ỏõóọồổỗốộờởỡớợù"),
    (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
)
TCVN3: Final[dict[str, str]] = {
    chr(first + offset): letter
    for first, letters in _TCVN3_RUNS
    for offset, letter in enumerate(letters)
}
# What systems in between make of µ (the Greek letter instead of the micro sign).
_TCVN3_LENIENT: Final = TCVN3 | {"\u03bc": "à"}

_TONES: Final = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX_TONES: Final = {
    "â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323",
}  # fmt: skip
_BREVE_TONES: Final = {
    "ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323",
}  # fmt: skip
_VNI_SINGLE: Final = {
    "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ñ": "đ",
}  # fmt: skip


def _vni_pairs() -> dict[str, str]:
    small: dict[str, str] = {}
    for base, letter in {**{v: v for v in "aeouy"}, "ô": "ơ", "ö": "ư"}.items():
        small |= {base + sign: letter + tone for sign, tone in _TONES.items()}
    del small["yï"]  # ỵ has a code of its own
    for base in "aeo":
        small |= {base + s: base + "\u0302" + tone for s, tone in _CIRCUMFLEX_TONES.items()}
    small |= {"a" + sign: "a\u0306" + tone for sign, tone in _BREVE_TONES.items()}
    return {code: unicodedata.normalize("NFC", text) for code, text in small.items()}


def _with_capitals(small: dict[str, str]) -> dict[str, str]:
    """The letter's own case decides; its sign may stand in either case."""
    table: dict[str, str] = {}
    for code, text in small.items():
        table[code] = text
        table[code.upper()] = text.upper()
        if len(code) == 2:
            table[code[0].upper() + code[1]] = text.upper()
            table[code[0] + code[1].upper()] = text
    return table


VNI: Final[dict[str, str]] = _with_capitals(_vni_pairs() | _VNI_SINGLE)
_VNI_TOKEN: Final = re.compile(
    "|".join(re.escape(code) for code in sorted(VNI, key=len, reverse=True))
)
_TONE_MARKS: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SYLLABLE: Final = re.compile(
    "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    "(?:uya|uye|uyu|uoi|uou|uay|uao|uau|uai|oai|oay|oao|oeo|ieu|yeu|ia|ie|ua|uo|ue|uy|ai|ao|au|ay|eo|eu"
    "|iu|oa|oe|oi|oo|ui|uu|ye|ya|[aeiouy])(?:ch|ng|nh|[cmnpt])?"
)
_VIETNAMESE_ONLY: Final = re.compile("[ĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
_WORD: Final = re.compile(r"[^\s.,;:/()\-]+")
# Letters and signs that TCVN3 uses and Vietnamese in Unicode never does inside a word.
_TCVN3_SIGNS: Final = "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇËÎÏÐÑÖ×ØÜÞßäåæçëîïðñö÷øûüþ"
_TCVN3_SUSPECT: Final = re.compile(
    rf"[A-Za-z][{_TCVN3_SIGNS}]|[{_TCVN3_SIGNS}][A-Za-z]|^[¡¢£¤¥¦§][{_TCVN3_SIGNS}]"
    # a capital with a tone right after a small letter: “cÊp”, “tÝch”
    "|[a-z][À-Þ]"
)
_VNI_SUSPECT: Final = re.compile(
    "[aA][ÙØÛÕÏÂÊÁÀÅÃÄÉÈÚÜËùøûõïâêáàåãäéèúüë]|[eE][ÙØÛÕÏÂÁÀÅÃÄùøûõïâáàåãä]"
    "|[oO][ÙØÛÕÏÂÅÄùøûõïâåä]|[uU][ÙØÛÕÏùøûõï]|[yY][ÙØÛÕùøûõ]"
    "|[ôÔ][ÙØÛÕÏùøûõï]|[öÖ][A-Za-zôÔÙØÛÕÏùøûõï]|[A-Za-z][öÖ]|[ñÑ][A-Za-zöÖôÔ]"
)


def from_legacy(text: str, encoding: LegacyEncoding, *, capitals: bool = False) -> str:
    """Unicode in NFC. Text that already holds letters only Unicode has is left alone."""
    if text.isascii() or _VIETNAMESE_ONLY.search(text):
        return text.upper() if capitals and encoding == "tcvn3" else text
    if encoding == "vni":
        return _VNI_TOKEN.sub(lambda match: VNI[match.group()], text)
    converted = "".join(_TCVN3_LENIENT.get(char, char) for char in text)
    return converted.upper() if capitals or _typed_in_capitals(text) else converted


def _typed_in_capitals(text: str) -> bool:
    ascii_letters = [char for char in text if char.isascii() and char.isalpha()]
    if not ascii_letters or any(char.islower() for char in ascii_letters):
        return False
    return any(
        sum(char.isascii() and char.isalpha() for char in word) >= 2
        and any(TCVN3.get(char, "").islower() for char in word)
        for word in _WORD.findall(text)
    )


def unknown_to(text: str, encoding: LegacyEncoding) -> bool:
    """Whether the text holds a letter beyond ASCII that the encoding has no meaning for."""
    if text.isascii() or _VIETNAMESE_ONLY.search(text):
        return False
    if encoding == "vni":
        rest = _VNI_TOKEN.sub("", text)
        return any(not char.isascii() and char.isalpha() for char in rest)
    return any(
        not char.isascii() and char.isalpha() and char not in _TCVN3_LENIENT for char in text
    )


def suspected(text: str) -> LegacyEncoding | None:
    """The legacy encoding that a text looks like, to hold it back; never to convert by.

    A word counts only where it would become a syllable: “NguyÔn” does, “François” does not.
    """
    if text.isascii() or _VIETNAMESE_ONLY.search(text):
        return None
    # VNI first: its pairs of vowels are the rarer sight, and TCVN3 knows most of its signs too.
    if _VNI_SUSPECT.search(text) and _becomes_syllables(text, "vni", _VNI_SUSPECT):
        return "vni"
    if _TCVN3_SUSPECT.search(text) and _becomes_syllables(text, "tcvn3", _TCVN3_SUSPECT):
        return "tcvn3"
    return None


def font_encoding(font: str) -> LegacyEncoding | None:
    """The encoding that a font of a workbook draws; ``None`` for a font of Unicode."""
    if font.startswith(".Vn"):
        return "tcvn3"
    return "vni" if font.upper().startswith(("VNI-", "VNI ")) else None


def _becomes_syllables(text: str, encoding: LegacyEncoding, signs: re.Pattern[str]) -> bool:
    return any(
        _is_syllable(from_legacy(word, encoding))
        for word in _WORD.findall(text)
        if signs.search(word)
    )


def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word.casefold())
    tones = sum(sign in _TONE_MARKS for sign in parts)
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    return tones <= 1 and _SYLLABLE.fullmatch(bare) is not None
