"""TCVN3 (ABC) and VNI-Windows: the whole alphabet there and back, and no guessing."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.imports.cells import clean_text
from shared.imports.legacy_text import TCVN3, from_legacy, suspected, unknown_to
from tests.making.legacy_text import to_tcvn3, to_vni

TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]
VOWELS = "aăâeêioôơuưy"
SMALL = [unicodedata.normalize("NFC", v + t) for v in VOWELS for t in TONES] + ["đ"]
CAPITALS = [letter.upper() for letter in SMALL]

# The published tables in their usual order, typed in by hand independently of the module.
TCVN3_ROW = (
    "µ¸¶·¹ ¨»¾¼½Æ ©ÇÊÈÉË ® ÌÐÎÏÑ ªÒÕÓÔÖ ×ÝØÜÞ ßãáâä «åèæçé ¬êíëìî ïóñòô \u00adõøö÷ù úýûüþ ¡¢§£¤¥¦"
)
UNICODE_ROW = (
    "àáảãạ ăằắẳẵặ âầấẩẫậ đ èéẻẽẹ êềếểễệ ìíỉĩị òóỏõọ ôồốổỗộ ơờớởỡợ ùúủũụ ưừứửữự ỳýỷỹỵ ĂÂĐÊÔƠƯ"
)
VNI_ROW = (
    "aø aù aû aõ aï aê aè aé aú aü aë aâ aà aá aå aã aä ñ eø eù eû eõ eï eâ eà eá eå eã eä ì í æ ó ò "
    "oø où oû oõ oï oâ oà oá oå oã oä ô ôø ôù ôû ôõ ôï uø uù uû uõ uï ö öø öù öû öõ öï yø yù yû yõ î"
).split(" ")
VNI_LETTERS = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"


def test_tcvn3_is_the_published_table() -> None:
    assert from_legacy(TCVN3_ROW, "tcvn3") == UNICODE_ROW
    assert len(TCVN3) == 67 + 7


def test_vni_is_the_published_table() -> None:
    assert [from_legacy(code, "vni") for code in VNI_ROW] == list(VNI_LETTERS)
    assert [from_legacy(code.upper(), "vni") for code in VNI_ROW] == list(VNI_LETTERS.upper())


@pytest.mark.parametrize("letter", SMALL)
def test_each_small_letter_comes_back(letter: str) -> None:
    assert from_legacy(to_tcvn3(letter), "tcvn3") == letter
    assert from_legacy(to_vni(letter), "vni") == letter


@pytest.mark.parametrize("letter", CAPITALS)
def test_each_capital_comes_back(letter: str) -> None:
    assert from_legacy(to_vni(letter), "vni") == letter
    # TCVN3 has no codes for capitals with tones; the capital font tells.
    assert from_legacy(to_tcvn3(letter.lower()), "tcvn3", capitals=True) == letter


SYLLABLES = st.lists(st.sampled_from(SMALL + list("bcdghklmnpqrstvx ")), max_size=30).map("".join)


@given(SYLLABLES)
def test_any_small_text_comes_back_from_tcvn3(text: str) -> None:
    assert from_legacy(to_tcvn3(text), "tcvn3") == text


# "Nguyễn", "HUYỀN": real syllables have no two vowels whose codes could be taken for one letter.
WORDS = (
    "nguyễn thị hồng thuở được khuỷu nghiêng tuyển hoà hòa quý ngoằn ngoèo xoáy thuyền rượu bưởi "
    "cứu trợ giữa khuya chuyện lưỡi uỷ ủy trưởng phòng giáo dục và đào tạo huyện mỹ đức ỷ lại ý kiến ăn ở"
).split(" ")


@given(
    st.lists(st.sampled_from(WORDS), max_size=8), st.sampled_from([str.lower, str.upper, str.title])
)
def test_real_words_come_back_from_vni_in_any_case(words: list[str], case: Any) -> None:
    text = case(" ".join(words))
    assert from_legacy(to_vni(text), "vni") == text


@pytest.mark.parametrize(
    ("legacy", "encoding", "text"),
    [
        ("NguyÔn V¨n A", "tcvn3", "Nguyễn Văn A"),
        ("§ç ThÞ Hµ", "tcvn3", "Đỗ Thị Hà"),
        ("NGUYÔN THÞ V¢N", "tcvn3", "NGUYỄN THỊ VÂN"),
        ("Hµ", "tcvn3", "Hà"),
        ("UBND x· T©n Hµ", "tcvn3", "UBND xã Tân Hà"),
        ("Nguyeãn Vaên AÂn", "vni", "Nguyễn Văn Ân"),
        ("ÑOÃ THÒ HAØ", "vni", "ĐỖ THỊ HÀ"),
        ("Aùnh ñöôïc thuôû", "vni", "Ánh được thuở"),
        ("Nguyễn Văn A", "tcvn3", "Nguyễn Văn A"),
        ("Nguyễn Văn A", "vni", "Nguyễn Văn A"),
    ],
)
def test_names_as_they_are_found_in_old_files(legacy: str, encoding: Any, text: str) -> None:
    assert from_legacy(legacy, encoding) == text


def test_letters_outside_the_encoding_are_noticed() -> None:
    assert unknown_to("Hà", "tcvn3")
    assert not unknown_to("Hµ", "tcvn3")
    assert unknown_to("Zoë ß", "vni")
    assert not unknown_to("Nguyễn", "vni")


PARAGRAPH = """Ủy ban nhân dân huyện Hoằng Hóa ban hành kế hoạch nâng cao năng lực ngoại ngữ cho cán bộ,
công chức, viên chức giai đoạn 2021-2030; phấn đấu đến năm 2025 có 25% đạt trình độ bậc 4 trở lên. Đỗ Thị Hoà,
Hoàng Quý Thuý, Nguyễn Uyên Uý, Tạ Quốc Toán, Lê Văn Tòng, Bùi Thuỷ Tiên, Võ Hoài Ân, ÔNG HOÀ, BÀ OÁNH, Quách Loan,
khoẻ, khỏe, xoèn xoẹt, khuya khoắt, hoá đơn, thuế, giữa, oà khóc, quà, huệ, tuệ, quê, Y Ngông Niê Kdăm, H'Hen Niê,
Đà Nẵng, Cần Thơ, Thừa Thiên - Huế, Đắk Lắk, Quảng Trị, xã Ea Kao, Bà Rịa, loà xoà, tuý luý, uôn uốn, giêng"""


def test_unicode_vietnamese_is_never_suspected() -> None:
    for word in PARAGRAPH.split():
        assert suspected(word) is None, word


def test_most_legacy_words_are_suspected() -> None:
    words = [word.lower() for word in PARAGRAPH.split() if not word.isascii()]
    sentence = " ".join(words)
    assert suspected(to_tcvn3(sentence)) == "tcvn3" or suspected(to_tcvn3(sentence)) == "vni"
    assert suspected(to_vni(sentence)) == "vni"
    for encoder in (to_tcvn3, to_vni):
        found = sum(suspected(encoder(word)) is not None for word in words)
        assert found / len(words) > 0.6


def test_cleaning_keeps_capitals_and_mends_the_rest() -> None:
    assert clean_text("  Nguyễn  thị\u00a0 A ") == "Nguyễn thị A"
    assert clean_text(unicodedata.normalize("NFD", "Nguyễn Văn Đỗ")) == "Nguyễn Văn Đỗ"
    assert clean_text("ＡＢＣ１２３\u3000x\u200b") == "ABC123 x"
    assert clean_text("Ðỗ") == "Đỗ"
