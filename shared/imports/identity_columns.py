"""Columns for people who are known by another number than the citizen number."""

from __future__ import annotations

from shared.imports.layout import Choice, Code, Column, Option


def identity_columns(field: str) -> tuple[Column, Column, Column]:
    """Type, country and number below ``field``."""
    kinds = Choice(
        (
            Option("passport", "Hộ chiếu", "Passport"),
            Option(
                "cmnd9", "CMND 9 số", "Old 9-digit identity card", ("CMND", "Chứng minh nhân dân")
            ),
            Option("other", "Giấy tờ khác", "Other paper"),
            Option("citizen_id", "Căn cước", "Citizen number"),
        )
    )
    return (
        Column(
            f"{field}/type",
            "Loại giấy tờ khác",
            "Other identity paper",
            kinds,
            also=("Loại giấy tờ tùy thân",),
            note_vi="Chỉ ghi cho người không có số căn cước; khi đó để trống cột số căn cước.",
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
