"""The people behind a figure as a list to take home."""

from __future__ import annotations

from typing import Final

from services.targets.plans.schemas import (
    ACHIEVED,
    LEVEL_TOO_LOW,
    NO_CERTIFICATE,
    NO_SPECIALISED_EVIDENCE,
    NOT_CBCCVC,
    NOT_COVERED,
    OTHER_TERRITORY,
    Plan,
)
from shared.imports.layout import Boolean, Choice, Code, Column, Date, Integer, Option, SheetLayout

_REASONS: Final = (
    Option(ACHIEVED, "Đạt", "Achieved"),
    Option(NO_CERTIFICATE, "Chưa có chứng chỉ được tính", "No certificate that counts"),
    Option(LEVEL_TOO_LOW, "Chưa đạt bậc", "Level too low"),
    Option(
        NO_SPECIALISED_EVIDENCE,
        "Chưa có minh chứng ngoại ngữ chuyên ngành",
        "No evidence of specialised language",
    ),
    Option(
        NOT_CBCCVC,
        "Người lao động, người hoạt động không chuyên trách",
        "Contract or part-time staff",
    ),
    Option(OTHER_TERRITORY, "Thuộc địa bàn của kế hoạch khác", "Of another plan's territory"),
    Option(NOT_COVERED, "Kế hoạch không áp dụng", "Not covered by the plan"),
)


def member_list(plan: Plan) -> SheetLayout:
    """The reasons in words; a clause that excludes in the plan's own (English: its code)."""
    clauses = (Option(each.code, each.text, each.code) for each in plan.excludes)
    return SheetLayout(
        "Danh sách theo chỉ tiêu",
        "Members of an indicator",
        (
            Column("plan", "Kế hoạch", "Plan", Code()),
            Column("plan_version", "Phiên bản kế hoạch", "Plan version", Code()),
            Column("indicator", "Chỉ tiêu", "Indicator", Code()),
            Column("agency", "Cơ quan được tính", "Body counted", Code()),
            Column("as_of", "Tính đến ngày", "As of", Date()),
            Column("official_code", "Mã cán bộ", "Official code", Code()),
            Column("agency_code", "Mã cơ quan", "Agency code", Code()),
            Column("reason", "Lý do", "Reason", Choice((*_REASONS, *clauses))),
            Column("level", "Bậc", "Level", Integer()),
            Column("specialised", "Ngoại ngữ chuyên ngành", "Specialised language", Boolean()),
        ),
    )
