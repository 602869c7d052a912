"""What a cell says is made certain, or told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.imports.cells import Cell, Context, ErrorCell, NumberCell, TextCell, read_cell
from shared.imports.issues import Issue
from shared.imports.layout import (
    Boolean,
    Choice,
    Code,
    Date,
    Integer,
    Kind,
    Number,
    Option,
    Text,
    YearOrDate,
)

CITIZEN = Code(12)
LEVEL = Choice((Option("xa", "Xã", "Commune"), Option("phuong", "Phường", "Ward", ("P.",))))


def told(cell: Cell, kind: Kind, context: Context | None = None) -> tuple[Any, list[str]]:
    found: list[Issue] = []
    value = read_cell(cell, kind, "/x", context or Context(), found)
    assert all(one.pointer == "/x" for one in found)
    return value, [one.code for one in found]


def test_a_word_outside_a_list_is_answered_with_the_words_of_the_list() -> None:
    found: list[Issue] = []
    read_cell("quận", LEVEL, "/x", Context(), found)
    assert found[0].message_vi.endswith("Được ghi: “Xã”, “Phường”.")
    assert found[0].message_en.endswith("Allowed: “Commune”, “Ward”.")
    assert "quận" not in found[0].message_vi
    many = Choice(tuple(Option(n, f"v{n}", f"e{n}") for n in range(30)))
    read_cell("x", many, "/x", Context(), found)
    assert found[1].message_en.endswith("“e11” ….")


@pytest.mark.parametrize(
    ("cell", "kind", "value", "codes"),
    [
        # citizen numbers
        ("001080000001", CITIZEN, "001080000001", []),
        (" 001 080 000.001 ", CITIZEN, "001080000001", []),
        ("'001080000001", CITIZEN, "001080000001", []),
        ("０0１080000001", CITIZEN, "001080000001", []),
        (NumberCell("38080000001"), CITIZEN, "038080000001", ["leading_zeros_restored"]),
        (NumberCell("1080000001"), CITIZEN, "001080000001", ["leading_zeros_restored"]),
        (NumberCell("1080000001.0"), CITIZEN, "001080000001", ["leading_zeros_restored"]),
        ("38080000001", CITIZEN, "038080000001", ["leading_zeros_restored"]),
        ("1080000001", CITIZEN, "001080000001", ["leading_zeros_restored"]),
        # Excel drops all leading zeros: what still begins with one has lost another digit.
        ("03808000001", CITIZEN, None, ["code_wrong_length"]),
        ("0108000001", CITIZEN, None, ["code_wrong_length"]),
        ("'03808000001", CITIZEN, None, ["code_wrong_length"]),
        (NumberCell("108000001"), CITIZEN, None, ["code_wrong_length"]),
        ("0", Code(2, lost_zeros=1), None, ["code_wrong_length"]),
        (NumberCell("1"), Code(2, lost_zeros=1), "01", ["leading_zeros_restored"]),
        ("171234567", CITIZEN, None, ["code_wrong_length"]),
        ("0010800000012", CITIZEN, None, ["code_wrong_length"]),
        ("00108000000A", CITIZEN, None, ["code_not_digits"]),
        ("٠01080000001", CITIZEN, None, ["code_not_digits"]),
        ("1.23457E+11", CITIZEN, None, ["precision_lost"]),
        ("1,23457E+11", CITIZEN, None, ["precision_lost"]),
        (NumberCell("1.23457E+11"), CITIZEN, None, ["precision_lost"]),
        (NumberCell("1.23456789012E11"), CITIZEN, "123456789012", []),
        (NumberCell("38080000001.5"), CITIZEN, None, ["precision_lost"]),
        (NumberCell("1234567890123456"), CITIZEN, None, ["precision_lost"]),
        (NumberCell("29285", is_date=True), CITIZEN, None, ["text_became_date"]),
        # other codes
        ("00123", Code(), "00123", []),
        (NumberCell("123"), Code(), "123", ["number_in_code"]),
        ("1E+5", Code(), None, ["precision_lost"]),
        # dates
        ("5/3/1980", Date(), "1980-03-05", []),
        (NumberCell("29285", is_date=True), Date(), "1980-03-05", []),
        (NumberCell("29285"), Date(), "1980-03-05", []),
        (NumberCell("60"), Date(), None, ["date_invalid"]),
        ("1975", Date(), None, ["date_invalid"]),
        ("1975", YearOrDate(), "1975", []),
        (NumberCell("1975"), YearOrDate(), "1975", []),
        (NumberCell("29285", is_date=True), YearOrDate(), "1980-03-05", []),
        ("03/1975", YearOrDate(), "1975", ["date_reduced_to_year"]),
        ("1075", YearOrDate(), None, ["date_out_of_range"]),
        # booleans
        ("x", Boolean(), True, []),
        ("Có", Boolean(), True, []),
        ("KHÔNG", Boolean(), False, []),
        (NumberCell("1"), Boolean(), True, []),
        (True, Boolean(), True, []),
        ("có thể", Boolean(), None, ["not_boolean"]),
        # numbers
        (NumberCell("3"), Integer(), 3, []),
        ("1.234", Integer(), None, ["number_ambiguous"]),
        ("2,5", Integer(), None, ["not_integer"]),
        (NumberCell("7.0999999999999996"), Number(), Decimal("7.1"), []),
        (NumberCell("100"), Number(), Decimal("100"), []),
        (NumberCell("0"), Number(), Decimal(0), []),
        ("7,5", Number(), Decimal("7.5"), []),
        ("0.125", Number(), Decimal("0.125"), []),
        ("1.234", Number(), None, ["number_ambiguous"]),
        ("bảy", Number(), None, ["not_number"]),
        (NumberCell("1e999"), Number(), None, ["not_number"]),
        (NumberCell("NaN"), Number(), None, ["not_number"]),
        # lists
        ("xa", LEVEL, "xa", []),
        ("  XÃ ", LEVEL, "xa", []),
        ("phuong", LEVEL, "phuong", []),
        ("p.", LEVEL, "phuong", []),
        ("ward", LEVEL, "phuong", []),
        ("quận", LEVEL, None, ["not_in_list"]),
        # text
        ("Nguyễn thị  A", Text(), "Nguyễn thị A", []),
        ("Nguyễn\nVăn\u00a0A", Text(), "Nguyễn Văn A", []),
        (NumberCell("12"), Text(), "12", []),
        (NumberCell("45000", is_date=True), Text(), None, ["text_became_date"]),
        ("a\x00b", Text(), None, ["control_character"]),
        ("a\ud800b", Text(), None, ["invalid_character"]),
        ("Nguy?n V?n A", Text(), None, ["characters_lost"]),
        ("Nguy\ufffdn", Text(), None, ["characters_lost"]),
        ("Ai?", Text(), "Ai?", []),
        ("x" * 11, Text(10), None, ["text_too_long"]),
        ("NguyÔn V¨n A", Text(), None, ["legacy_encoding_suspected"]),
        ("Nguyeãn Vaên A", Text(), None, ["legacy_encoding_suspected"]),
        (ErrorCell("#N/A"), Text(), None, ["cell_error"]),
        (None, Text(), None, []),
        ("  ", Text(), None, []),
    ],
)  # fmt: skip
def test_a_cell_gives_its_value_or_says_why_not(
    cell: Cell, kind: Kind, value: Any, codes: list[str]
) -> None:
    assert told(cell, kind) == (value, codes)


def test_the_epoch_of_the_workbook_counts() -> None:
    assert told(NumberCell("27823"), Date(), Context(epoch_1904=True)) == ("1980-03-05", [])


def test_a_named_encoding_converts_and_a_capital_font_raises() -> None:
    tcvn3 = Context("tcvn3")
    assert told("NguyÔn V¨n A", Text(), tcvn3) == ("Nguyễn Văn A", [])
    assert told(TextCell("§ç ThÞ Hµ", ".VnTimeH"), Text(), tcvn3) == ("ĐỖ THỊ HÀ", [])
    assert told(TextCell("§ç ThÞ Hµ", ".VnTime"), Text(), tcvn3) == ("Đỗ Thị Hà", [])
    assert told("ThÞ \u00adu", Text(), tcvn3) == ("Thị ưu", [])
    assert told("Hà ÿ", Text(), tcvn3) == (None, ["legacy_character_unknown"])
    assert told("ViÖn chøc", Choice((Option("vc", "Viên chức", "x", ("Viện chức",)),)), tcvn3) == (
        "vc",
        [],
    )
    # Chosen from the lists of a template, words are Unicode beside legacy names.
    assert told("có", Boolean(), tcvn3) == (True, [])
    assert told("Xã", LEVEL, tcvn3) == ("xa", [])
    assert told("X·", LEVEL, tcvn3) == ("xa", [])


ANY_CELL = (
    st.none()
    | st.booleans()
    | st.text(max_size=15)
    | st.text(alphabet="0123456789.,eE+-/ ", max_size=15)
    | st.builds(NumberCell, st.text(alphabet="0123456789.eE+-", max_size=12), st.booleans())
    | st.builds(NumberCell, st.floats().map(repr), st.booleans())
    | st.builds(ErrorCell, st.just("#REF!"))
)
KINDS: list[Kind] = [
    Text(),
    CITIZEN,
    Code(),
    Date(),
    YearOrDate(),
    Boolean(),
    Integer(),
    Number(),
    LEVEL,
]


@settings(max_examples=150)
@given(
    cell=ANY_CELL,
    kind=st.sampled_from(KINDS),
    encoding=st.sampled_from([None, "tcvn3", "vni"]),
    epoch=st.booleans(),
)
def test_no_cell_breaks_the_reader(cell: Cell, kind: Kind, encoding: Any, epoch: bool) -> None:
    found: list[Issue] = []
    value = read_cell(cell, kind, "/x", Context(encoding, epoch), found)
    refused = any(one.severity == "error" for one in found)
    assert not (refused and value is not None)


def test_options_that_cannot_be_told_apart_are_a_mistake_of_the_layout() -> None:
    with pytest.raises(ValueError, match="two options"):
        Choice((Option("a", "Xã", "A"), Option("b", "xã", "B")))


def test_an_option_may_stand_for_a_number_nought_included() -> None:
    grades = Choice(
        (Option(0, "Tiền bậc 1", "Pre-level 1"), Option(4, "Bậc 4", "Level 4", ("B2",)))
    )
    assert told("BẬC 4", grades) == (4, [])
    assert told("b2", grades) == (4, [])
    assert told(NumberCell("4"), grades) == (4, [])
    assert told("tien bac 1", grades) == (0, [])
    assert told("0", grades) == (0, [])
    assert told("Không đạt", grades) == (None, ["not_in_list"])


def test_a_code_may_be_given_by_its_name_and_any_other_stands_as_written() -> None:
    language = Code(names=Choice((Option("en", "Tiếng Anh", "English", ("Anh văn",)),)))
    assert told("Tiếng Anh", language) == ("en", [])
    assert told("tieng anh", language) == ("en", [])
    assert told("ANH VĂN", language) == ("en", [])
    assert told("EN", language) == ("en", [])
    assert told("lo", language) == ("lo", [])


def test_labels_that_differ_by_accents_only_need_their_accents() -> None:
    choice = Choice((Option("ma", "Mã", "Horse"), Option("ghost", "Ma quỷ", "Mà")))
    assert choice.find("mã") == "ma"
    assert choice.find("mà") == "ghost"
    assert choice.find("MÁ") is None
