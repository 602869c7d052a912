"""Figures, and the people behind them, as tables to take home.

Each row names what it was counted from, so that it can be checked wherever somebody pastes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.targets.plans.readings import default_readings
from services.targets.plans.schemas import (
    ACHIEVED,
    LEVEL_TOO_LOW,
    NO_CERTIFICATE,
    NO_SPECIALISED_EVIDENCE,
    NOT_CBCCVC,
    NOT_COVERED,
    OTHER_TERRITORY,
    Exclusion,
    Plan,
)
from shared.contracts.problem import Language
from shared.imports.layout import (
    Boolean,
    Choice,
    Code,
    Column,
    Date,
    Integer,
    Number,
    Option,
    SheetLayout,
    Text,
)

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


_STATUSES: Final = (
    Option("met", "Đạt chỉ tiêu", "Met"),
    Option("not_met", "Chưa đạt chỉ tiêu", "Not met"),
    Option("no_population", "Không có đối tượng", "No population"),
)

_QUESTION: Final = (
    Column("plan", "Kế hoạch", "Plan", Code()),
    Column("plan_version", "Phiên bản kế hoạch", "Plan version", Code()),
    Column("indicator", "Chỉ tiêu", "Indicator", Code()),
    Column("agency", "Cơ quan được tính", "Body counted", Code()),
    Column("as_of", "Tính đến ngày", "As of", Date()),
)
_BASIS: Final = (
    Column("readings", "Cách hiểu", "Readings", Text()),
    Column("counted_at/enrolment", "Vị trí nguồn danh bạ", "Enrolment feed position", Code()),
    Column(
        "counted_at/certification", "Vị trí nguồn chứng chỉ", "Certification feed position", Code()
    ),
    Column("set_aside", "Sự kiện để riêng, chưa tính", "Events set aside, not counted", Text()),
)

NAME_LEFT_OUT: Final[Mapping[Language, str]] = {
    "vi": "(chưa tra được tên)",
    "en": "(name not resolved)",
}
"""Stands where the directory did not answer; where it knows no such person there is nothing."""

_SHOWN_IN_NAMES: Final = 60


def readings_in_words(readings: Mapping[str, str]) -> str:
    """Every switch in one cell, by the number that it is known by: ``R1=whole; R2=focus_only; …``."""
    return "; ".join(f"{_number(key)}={option}" for key, option in readings.items())


def file_name(
    plan: Plan, what: str, agency: str, as_of: object, readings: Mapping[str, str]
) -> str:
    """Without its ending. A body other than the plan's own is named, and so is each reading that departs
    from the plan's default: with its option while the name stays short."""
    defaults = default_readings(plan)
    departed = {key: option for key, option in readings.items() if option != defaults[key]}
    whole = [f"{_number(key)}-{option}" for key, option in departed.items()]
    shown = whole if len("-".join(whole)) <= _SHOWN_IN_NAMES else [_number(key) for key in departed]
    body = [] if agency == plan.body.agency_code else [agency]
    return "-".join([plan.id, what, *body, str(as_of), *shown])


def _number(key: str) -> str:
    return key.partition("_")[0]


def _clause(plan: Plan, clause: Exclusion) -> str:
    """The plan's words; where one sentence holds two clauses, also which of them this is."""
    if sum(each.text == clause.text for each in plan.excludes) == 1:
        return clause.text
    return f"{clause.text} ({(clause.note or clause.code).rstrip('.')})"


def member_list(plan: Plan) -> SheetLayout:
    """The reasons in words; a clause that excludes in the plan's own (English: its code)."""
    clauses = (Option(each.code, _clause(plan, each), each.code) for each in plan.excludes)
    return SheetLayout(
        "Danh sách theo chỉ tiêu",
        "Members of an indicator",
        (
            *_QUESTION,
            Column("official_code", "Mã cán bộ", "Official code", Code()),
            Column("full_name", "Họ và tên", "Full name", Text()),
            Column("agency_code", "Mã cơ quan", "Agency code", Code()),
            Column("reason", "Lý do", "Reason", Choice((*_REASONS, *clauses))),
            Column("level", "Bậc", "Level", Integer()),
            Column("specialised", "Ngoại ngữ chuyên ngành", "Specialised language", Boolean()),
            *_BASIS,
        ),
    )


FIGURE_LIST: Final = SheetLayout(
    "Tiến độ các chỉ tiêu",
    "Progress of indicators",
    (
        *_QUESTION,
        Column("title", "Nội dung chỉ tiêu", "Title", Text()),
        Column("milestone", "Mốc", "Milestone", Date()),
        Column("required_percent", "Tỷ lệ phải đạt (%)", "Required percent", Integer()),
        Column("required_level", "Bậc phải đạt", "Required level", Integer()),
        Column(
            "specialised",
            "Cần ngoại ngữ chuyên ngành",
            "Specialised language required",
            Boolean(),
        ),
        Column("eligible", "Số người thuộc diện", "Eligible", Integer()),
        Column("achieved", "Số người đạt", "Achieved", Integer()),
        Column("percent", "Tỷ lệ đạt (%)", "Percent achieved", Number()),
        Column("shortfall", "Còn thiếu (người)", "Shortfall", Integer()),
        Column("status", "Kết quả", "Status", Choice(_STATUSES)),
        Column("level_only/achieved", "Đạt chỉ xét bậc", "Achieved by level alone", Integer()),
        Column("level_only/percent", "Tỷ lệ chỉ xét bậc (%)", "Percent by level alone", Number()),
        Column("focus/eligible", "Nhóm tập trung: thuộc diện", "Focus: eligible", Integer()),
        Column("focus/achieved", "Nhóm tập trung: đạt", "Focus: achieved", Integer()),
        Column("focus/percent", "Nhóm tập trung: tỷ lệ (%)", "Focus: percent", Number()),
        Column("excluded", "Số người không thuộc diện", "Excluded", Integer()),
        *_BASIS,
    ),
)
"""One row per indicator."""
