"""The readings (cách hiểu): switches where two honest readers of a plan differ, and how one is chosen.

Each option's effect is a rule of ``docs/decisions`` and the contract; which indicators a switch touches is
said by the plan document. A chosen set names every switch, so that a figure can be printed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from services.targets.plans.schemas import Plan

PREFIX = "reading."


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    question: str
    options: tuple[str, ...]
    default: str
    unavailable: tuple[str, ...] = ()
    """Options that exist in words but need a plan document that says what they mean."""


CATALOGUE: Mapping[str, Reading] = MappingProxyType(
    {
        reading.key: reading
        for reading in (
            Reading(
                key="R1_focus_clause",
                question="Ngoặc đơn 'tập trung vào …' là ưu tiên hay là mẫu số?",
                options=("whole", "focus_only", "both"),
                default="whole",
            ),
            Reading(
                key="R2_no_focus_verb",
                question="Ngoặc đơn không có 'tập trung vào' có thu hẹp mẫu số không?",
                options=("focus_only", "whole"),
                default="focus_only",
            ),
            Reading(
                key="R3_leader_bracket_scope",
                question="Điều kiện tuổi, địa bàn hoặc lĩnh vực gắn với lãnh đạo xã hay với cả hai tỷ lệ?",
                options=("nearest", "distribute_area", "distribute_all"),
                default="nearest",
            ),
            Reading(
                key="R4_leader_subset",
                question="Viên chức lãnh đạo, quản lý có nằm trong tỷ lệ viên chức chung không?",
                options=("nested", "disjoint"),
                default="nested",
            ),
            Reading(
                key="R5_specialised_language",
                question="'và ngoại ngữ chuyên ngành' là điều kiện thứ hai của cùng một người?",
                options=("conjunctive", "level_only"),
                default="conjunctive",
            ),
            Reading(
                key="R6_exclusion_effect",
                question="Người thuộc diện không áp dụng có rời mẫu số không?",
                options=("remove_both", "count_as_achieved"),
                default="remove_both",
            ),
            Reading(
                key="R7_age_reference_date",
                question="Tuổi tính đến ngày nào?",
                options=("report_date", "milestone_end", "decision_date_of_assignment"),
                default="report_date",
            ),
            Reading(
                key="R8_language_scope",
                question="Ngoại ngữ nào cũng được tính hay chỉ tiếng Anh?",
                options=("any_foreign_language", "english_only"),
                default="any_foreign_language",
            ),
            Reading(
                key="R9_achieved_at",
                question="Chứng chỉ hết hạn có còn được tính không?",
                options=("not_revoked", "unexpired"),
                default="not_revoked",
            ),
            Reading(
                key="R10_xa_wording",
                question="'xã' là mọi đơn vị cấp xã hay chỉ xã?",
                options=("commune_level", "rural_xa_only"),
                default="commune_level",
            ),
            Reading(
                key="R11_cadre_scope",
                question="Cán bộ của khối nào, cấp nào thuộc đối tượng?",
                options=("as_listed", "all_commune_cadres", "all_cadres"),
                default="as_listed",
            ),
            Reading(
                key="L1_abolished_district",
                question="Người của cấp huyện đã bỏ tính ở cấp nào?",
                options=("current_level", "level_on_2025_06_30", "plan_amended"),
                default="current_level",
                unavailable=("plan_amended",),
            ),
            Reading(
                key="L2_merged_province",
                question="Tỉnh hợp nhất theo kế hoạch nào?",
                options=("origin_plan", "surviving_plan"),
                default="origin_plan",
            ),
        )
    }
)


class ReadingRefused(ValueError):
    """A reading was asked for that cannot be given; the payload's fault (422)."""

    code = "reading_refused"

    def __init__(self, key: str, option: str | None = None) -> None:
        super().__init__(f"{self.code}: {key}" + (f"={option}" if option is not None else ""))
        self.key = key
        self.option = option


class ReadingUnknown(ReadingRefused):
    """No switch has this key."""

    code = "reading_unknown"


class ReadingOptionUnknown(ReadingRefused):
    """The switch has no such option."""

    code = "reading_option_unknown"


class ReadingNotAvailable(ReadingRefused):
    """The option exists in words only: the plan document does not say what it means."""

    code = "reading_not_available"


class ReadingRepeated(ReadingRefused):
    """One switch was given twice."""

    code = "reading_repeated"


def default_readings(plan: Plan) -> dict[str, str]:
    """Every switch with the plan's default, or the catalogue's where the plan does not mention it."""
    return {
        key: plan.readings[key].default if key in plan.readings else reading.default
        for key, reading in CATALOGUE.items()
    }


def available_options(plan: Plan, key: str) -> tuple[str, ...]:
    """Options that may be asked of this plan, the default first."""
    reading = CATALOGUE[key]
    declared = plan.readings.get(key)
    offered = declared.options if declared else reading.options
    options = [each for each in offered if each not in reading.unavailable]
    default = declared.default if declared else reading.default
    return tuple(sorted(options, key=lambda each: each != default))


def choose(plan: Plan, chosen: Mapping[str, str]) -> dict[str, str]:
    """All switches, ``chosen`` (keys without prefix) over the defaults. Raises :class:`ReadingRefused`."""
    readings = default_readings(plan)
    for key, option in chosen.items():
        reading = CATALOGUE.get(key)
        if reading is None:
            raise ReadingUnknown(key)
        if option not in reading.options:
            raise ReadingOptionUnknown(key, option)
        if option not in available_options(plan, key):
            raise ReadingNotAvailable(key, option)
        readings[key] = option
    return readings


def parse_readings(plan: Plan, parameters: Iterable[tuple[str, str]]) -> dict[str, str]:
    """All switches from query parameters ``reading.<key>=<option>``; parameters of other names are passed over.

    Raises :class:`ReadingRefused`.
    """
    chosen: dict[str, str] = {}
    for name, option in parameters:
        if not name.startswith(PREFIX):
            continue
        key = name.removeprefix(PREFIX)
        if key in chosen:
            raise ReadingRepeated(key, option)
        chosen[key] = option
    return choose(plan, chosen)


def deviations(plan: Plan) -> tuple[dict[str, str], ...]:
    """The defaults, then each single departure from them that this plan offers."""
    return (
        default_readings(plan),
        *(
            choose(plan, {key: option})
            for key in CATALOGUE
            for option in available_options(plan, key)[1:]
        ),
    )
