"""Columns that identify a person. Every list that people send heads them alike."""

from __future__ import annotations

from typing import Final

from shared.imports.layout import Choice, Code, Column, Date, Name, Option, YearOrDate

_PAPERS: Final = Choice(
    (
        Option("passport", "Hộ chiếu", "Passport"),
        Option("cmnd9", "CMND 9 số", "Old 9-digit identity card", ("CMND", "Chứng minh nhân dân")),
        Option("other", "Giấy tờ khác", "Other paper"),
        Option("citizen_id", "Căn cước", "Citizen number"),
    )
)


def citizen_number(field: str, *, masked: bool = False) -> Column:
    return Column(
        field,
        "Số định danh cá nhân",
        "Citizen number",
        Code(length=12, masked=masked),
        also=(
            "Số CCCD",
            "CCCD",
            "Căn cước công dân",
            "Số căn cước",
            "Số căn cước công dân",
            "CCCD/ĐDCN",
            "Số CMND/CCCD",
            "CMND/CCCD",
            "Số thẻ căn cước",
        ),
        example="038190000001",
        note_vi="12 chữ số; số 0 ở đầu bị Excel bỏ sẽ được thêm lại.",
        note_en="12 digits; leading zeros that Excel dropped are restored.",
    )


def other_identity(field: str) -> tuple[Column, Column, Column]:
    """Type, country and number below ``field``, for people who have no citizen number."""
    return (
        Column(
            f"{field}/type",
            "Loại giấy tờ khác",
            "Other identity paper",
            _PAPERS,
            also=("Loại giấy tờ tùy thân",),
            note_vi="Chỉ ghi cho người không có số định danh cá nhân; khi đó để trống cột kia.",
            note_en="For those without a citizen number only; that column is then left empty.",
        ),
        Column(
            f"{field}/country",
            "Nước cấp giấy tờ",
            "Country of the paper",
            Code(max_length=2),
            note_vi="Hai chữ cái: VN, LA, KH, US …",
            note_en="Two letters: VN, LA, KH, US …",
        ),
        Column(f"{field}/number", "Số giấy tờ khác", "Number of the paper", Code(max_length=60)),
    )


def full_name(field: str, max_length: int) -> Column:
    return Column(
        field,
        "Họ và tên",
        "Full name",
        Name(max_length),
        required=True,
        also=("Họ tên", "Họ và tên khai sinh", "Họ và tên thí sinh", "Họ và tên cán bộ"),
        example="Nguyễn Thị Ví Dụ",
    )


def birth_date(field: str, kind: Date | YearOrDate) -> Column:
    return Column(
        field,
        "Ngày sinh",
        "Date of birth",
        kind,
        required=True,
        also=(
            "Ngày tháng năm sinh",
            "Ngày, tháng, năm sinh",
            "Birth date",
            *(("Năm sinh",) if isinstance(kind, YearOrDate) else ()),
        ),
        example="02/05/1990",
    )
