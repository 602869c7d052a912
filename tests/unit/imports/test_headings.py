"""Headings are found among titles, in one or two levels, in either language."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from shared.imports.headings import find_headings
from shared.imports.layout import Column, SheetLayout
from shared.imports.xlsx import MergedRange


def found(
    layout: SheetLayout, table: list[list[str]], merges: list[MergedRange] | None = None
) -> Any:
    rows = [
        (place, {column: text for column, text in enumerate(cells) if text})
        for place, cells in enumerate(table, 1)
    ]
    return find_headings(rows, layout, merges or [])


def fields(layout: SheetLayout, headings: Any) -> dict[int, str]:
    return {column: layout.columns[target].field for column, target in headings.columns.items()}


@pytest.mark.parametrize(
    "headings",
    [
        ["Mã CBCCVC", "Họ và tên", "Số CCCD"],
        ["MÃ CBCCVC", "HỌ VÀ TÊN", "SỐ CCCD"],
        ["ma cbccvc", "ho va ten", "so cccd"],
        ["Official code", "Full name", "Citizen number"],
        ["official_code", "full_name", "citizen_id"],
        ["Mã CBCCVC (*)", "Họ  và\ntên:", "Số CCCD (12 chữ số)"],
        [unicodedata.normalize("NFD", text) for text in ("Mã CBCCVC", "Họ và tên", "Số CCCD")],
    ],
)
def test_headings_match_in_any_spelling(roster: SheetLayout, headings: list[str]) -> None:
    result = found(roster, [headings])
    assert fields(roster, result) == {0: "official_code", 1: "full_name", 2: "citizen_id"}
    assert result.rows == 1


def test_titles_above_are_passed_over(roster: SheetLayout) -> None:
    table = [
        ["ỦY BAN NHÂN DÂN HUYỆN", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["", "", "Độc lập - Tự do - Hạnh phúc"],
        ["DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC"],
        [],
        ["STT", "Mã CBCCVC", "Họ và tên", "Dân tộc"],
        ["1", "CB1", "Nguyễn Văn A", "Kinh"],
    ]
    result = found(roster, table)
    assert fields(roster, result) == {1: "official_code", 2: "full_name"}
    assert result.unknown == ("Dân tộc",)
    assert result.rows == 5


TWO_LEVELS = [
    ["STT", "Mã CBCCVC", "Họ và tên", "Thời gian", "", "Ghi chú"],
    ["", "", "", "Từ ngày", "Đến ngày", ""],
    ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
    ["1", "CB1", "Nguyễn Văn A", "01/01/2020", "", ""],
]


@pytest.mark.parametrize(
    "merges",
    [
        [],
        [
            MergedRange(1, 3, 1, 4),
            MergedRange(1, 0, 2, 0),
            MergedRange(1, 1, 2, 1),
            MergedRange(1, 2, 2, 2),
        ],
    ],
)
def test_two_levels_are_joined_and_the_numbering_row_is_skipped(
    roster: SheetLayout, merges: list[MergedRange]
) -> None:
    result = found(roster, TWO_LEVELS, merges)
    assert fields(roster, result) == {
        1: "official_code",
        2: "full_name",
        3: "assignments/0/valid_from",
        4: "assignments/0/valid_to",
    }
    assert result.rows == 3
    assert result.unknown == ("Ghi chú",)


def test_the_group_tells_equal_subheadings_apart() -> None:
    layout = SheetLayout(
        "Lớp",
        "Classes",
        (
            Column("code", "Mã lớp", "Code"),
            Column("registration/from", "Thời gian đăng ký | Từ ngày", "Registration from"),
            Column("teaching/from", "Thời gian học | Từ ngày", "Teaching from"),
        ),
    )
    table = [
        ["Mã lớp", "Thời gian đăng ký", "", "Thời gian học"],
        ["", "Từ ngày", "Ghi chú", "Từ ngày"],
    ]
    result = found(layout, table)
    assert fields(layout, result) == {0: "code", 1: "registration/from", 3: "teaching/from"}
    assert result.unknown == ("Thời gian đăng ký Ghi chú",)


def test_a_data_row_is_no_second_level(roster: SheetLayout) -> None:
    result = found(roster, [["Mã CBCCVC", "Họ và tên"], ["CB1", "Nguyễn Văn A"], ["CB2", "B"]])
    assert result.rows == 1


def test_a_field_headed_twice_is_told(roster: SheetLayout) -> None:
    result = found(roster, [["Mã CBCCVC", "Họ và tên", "Full name"]])
    assert [roster.columns[index].field for index in result.repeated] == ["full_name"]


def test_nothing_alike_is_no_heading(roster: SheetLayout) -> None:
    assert found(roster, [["a", "b"], ["Họ và tên"], []]) is None


def test_two_columns_may_not_share_a_heading() -> None:
    with pytest.raises(ValueError, match="headed"):
        SheetLayout("x", "x", (Column("a", "Họ tên", "Name"), Column("b", "Ho ten (*)", "Other")))
