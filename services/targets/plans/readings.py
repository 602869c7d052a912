"""The readings (cách hiểu): switches where two honest readers of a plan differ, and how one is chosen.

Each option's effect is a rule of ``docs/counting.md``; which indicators a switch touches is said by the plan
document. A chosen set names every switch, so that a figure can be printed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from services.targets.plans.schemas import Plan, Text

PREFIX = "reading."


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    question: str
    question_en: str
    meanings: Mapping[str, Text]
    """What each option does, by option, in the order in which they are offered."""
    default: str
    unavailable: tuple[str, ...] = ()
    """Options that exist in words but need a plan document that says what they mean."""

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(self.meanings)


CATALOGUE: Mapping[str, Reading] = MappingProxyType(
    {
        reading.key: reading
        for reading in (
            Reading(
                key="R1_focus_clause",
                question="Ngoặc đơn 'tập trung vào …' là ưu tiên hay là mẫu số?",
                question_en="Is the bracket 'tập trung vào …' (focusing on …) a priority, or the denominator?",
                meanings={
                    "whole": Text(
                        vi="Mẫu số là toàn bộ nhóm; ngoặc đơn chỉ nói ai được ưu tiên học trước.",
                        en="The whole cohort is the denominator; the bracket only says who learns first.",
                    ),
                    "focus_only": Text(
                        vi="Mẫu số chỉ gồm những người nêu trong ngoặc đơn.",
                        en="Only those named in the bracket are the denominator.",
                    ),
                    "both": Text(
                        vi="Như whole, và con số riêng của nhóm trong ngoặc đơn đứng bên cạnh.",
                        en="As whole, with the figure of those in the bracket beside it.",
                    ),
                },
                default="whole",
            ),
            Reading(
                key="R2_no_focus_verb",
                question="Ngoặc đơn không có 'tập trung vào' có thu hẹp mẫu số không?",
                question_en="Does a bracket without 'tập trung vào' narrow the denominator?",
                meanings={
                    "focus_only": Text(
                        vi="Ngoặc đơn định nghĩa nhóm: mẫu số chỉ gồm những người nêu trong đó.",
                        en="The bracket defines the cohort: only those named in it are the denominator.",
                    ),
                    "whole": Text(
                        vi="Mẫu số là toàn bộ nhóm, như thể có chữ 'tập trung vào'.",
                        en="The whole cohort is the denominator, as if the words 'tập trung vào' stood there.",
                    ),
                },
                default="focus_only",
            ),
            Reading(
                key="R3_leader_bracket_scope",
                question="Điều kiện tuổi, địa bàn hoặc lĩnh vực gắn với lãnh đạo xã hay với cả hai tỷ lệ?",
                question_en="Do age, area and field belong to the commune leaders alone, or to "
                "both shares in the sentence?",
                meanings={
                    "nearest": Text(
                        vi="Tuổi và địa bàn, lĩnh vực chỉ giới hạn tỷ lệ lãnh đạo.",
                        en="Age and area or field restrict the leaders' share only.",
                    ),
                    "distribute_area": Text(
                        vi="Địa bàn, lĩnh vực giới hạn cả hai tỷ lệ; tuổi chỉ giới hạn lãnh đạo.",
                        en="Area or field restrict both shares; age restricts the leaders only.",
                    ),
                    "distribute_all": Text(
                        vi="Tuổi và địa bàn, lĩnh vực giới hạn cả hai tỷ lệ, trong chừng mực "
                        "kế hoạch có nêu cho lãnh đạo.",
                        en="Age and area or field restrict both shares, as far as the plan "
                        "states them for the leaders.",
                    ),
                },
                default="nearest",
            ),
            Reading(
                key="R4_leader_subset",
                question="Viên chức lãnh đạo, quản lý có nằm trong tỷ lệ viên chức chung không?",
                question_en="Are leaders among the public employees counted in the share of all public employees too?",
                meanings={
                    "nested": Text(
                        vi="Lãnh đạo nằm trong tỷ lệ chung và còn có tỷ lệ riêng.",
                        en="Leaders are part of the common share and have their own as well.",
                    ),
                    "disjoint": Text(
                        vi="Người giữ chức vụ lãnh đạo, quản lý không tính vào tỷ lệ chung.",
                        en="Whoever holds a leading post is left out of the common share.",
                    ),
                },
                default="nested",
            ),
            Reading(
                key="R5_specialised_language",
                question="'và ngoại ngữ chuyên ngành' là điều kiện thứ hai của cùng một người?",
                question_en="Is 'và ngoại ngữ chuyên ngành' (and specialised language) a second "
                "condition on the same person?",
                meanings={
                    "conjunctive": Text(
                        vi="Đạt khi vừa đủ bậc vừa có minh chứng ngoại ngữ chuyên ngành được chấp nhận.",
                        en="Achieved by the level together with accepted evidence of specialised language.",
                    ),
                    "level_only": Text(
                        vi="Đạt khi đủ bậc.",
                        en="Achieved by the level alone.",
                    ),
                },
                default="conjunctive",
            ),
            Reading(
                key="R6_exclusion_effect",
                question="Người thuộc diện không áp dụng có rời mẫu số không?",
                question_en="Do those to whom the plan does not apply leave the denominator?",
                meanings={
                    "remove_both": Text(
                        vi="Rời cả tử số và mẫu số.",
                        en="They leave numerator and denominator.",
                    ),
                    "count_as_achieved": Text(
                        vi="Người mà đối tượng áp dụng và nhóm của chỉ tiêu bao gồm đứng trong cả hai và tính là đạt.",
                        en="Those whom scope and cohort cover stand in both and count as achieved.",
                    ),
                },
                default="remove_both",
            ),
            Reading(
                key="R7_age_reference_date",
                question="Tuổi tính đến ngày nào?",
                question_en="On which day is age taken?",
                meanings={
                    "report_date": Text(
                        vi="Ngày tính.",
                        en="The as-of date.",
                    ),
                    "milestone_end": Text(
                        vi="Ngày mốc của chỉ tiêu, 31/12.",
                        en="The indicator's milestone, 31 December.",
                    ),
                    "decision_date_of_assignment": Text(
                        vi="Ngày bắt đầu vị trí chính đang giữ vào ngày tính.",
                        en="The day on which the primary assignment in force on the as-of date began.",
                    ),
                },
                default="report_date",
            ),
            Reading(
                key="R8_language_scope",
                question="Ngoại ngữ nào cũng được tính hay chỉ tiếng Anh?",
                question_en="Does any foreign language count, or English only?",
                meanings={
                    "any_foreign_language": Text(
                        vi="Mọi ngoại ngữ; bậc cao nhất trong các ngoại ngữ được tính.",
                        en="Every foreign language; the best level among them counts.",
                    ),
                    "english_only": Text(
                        vi="Chỉ chứng chỉ và minh chứng tiếng Anh.",
                        en="Certificates and evidence in English only.",
                    ),
                },
                default="any_foreign_language",
            ),
            Reading(
                key="R9_achieved_at",
                question="Chứng chỉ hết hạn có còn được tính không?",
                question_en="Does a certificate still count after it has expired?",
                meanings={
                    "not_revoked": Text(
                        vi="Tính khi còn hiệu lực pháp lý vào ngày tính, cấp từ bao giờ cũng được, "
                        "không xét thời hạn in trên giấy.",
                        en="Counts while it stands on the as-of date, whenever it was issued; a "
                        "printed end is not looked at.",
                    ),
                    "unexpired": Text(
                        vi="Còn phải chưa quá ngày hết hạn in trên giấy, nếu không in thì số tháng kế hoạch định "
                        "cho bài thi đó; không có cả hai thì không hết hạn.",
                        en="It must also not be past its printed end, else the months that the plan states for "
                        "that test; with neither it does not expire.",
                    ),
                },
                default="not_revoked",
            ),
            Reading(
                key="R10_xa_wording",
                question="'xã' là mọi đơn vị cấp xã hay chỉ xã?",
                question_en="Is 'xã' every unit of commune level, or only those called xã?",
                meanings={
                    "commune_level": Text(
                        vi="Mọi đơn vị cấp xã: xã, phường, thị trấn, đặc khu.",
                        en="Every unit of commune level: xã, phường, thị trấn, đặc khu.",
                    ),
                    "rural_xa_only": Text(
                        vi="Chỉ cơ quan có loại đơn vị cấp xã là xã.",
                        en="Only bodies whose commune kind is xã.",
                    ),
                },
                default="commune_level",
            ),
            Reading(
                key="R11_cadre_scope",
                question="Cán bộ của khối nào, cấp nào thuộc đối tượng?",
                question_en="Cadres of which system and level are covered?",
                meanings={
                    "as_listed": Text(
                        vi="Đúng câu chữ về đối tượng áp dụng.",
                        en="The letter of the scope clause.",
                    ),
                    "all_commune_cadres": Text(
                        vi="Thêm cán bộ cấp xã của Đảng, Nhà nước và tổ chức chính trị - xã hội.",
                        en="Also cadres at commune level of Party, State and socio-political bodies.",
                    ),
                    "all_cadres": Text(
                        vi="Thêm cán bộ của mọi khối, mọi cấp.",
                        en="Also cadres of every system and level.",
                    ),
                },
                default="as_listed",
            ),
            Reading(
                key="L1_abolished_district",
                question="Người của cấp huyện đã bỏ tính ở cấp nào?",
                question_en="At which level do people of the abolished district level count?",
                meanings={
                    "current_level": Text(
                        vi="Cấp của cơ quan vào ngày tính.",
                        en="The level of their body on the as-of date.",
                    ),
                    "level_on_2025_06_30": Text(
                        vi="Với ngày tính sau 30/06/2025: cấp của vị trí chính ngày đó nếu có, "
                        "không thì cấp vào ngày tính.",
                        en="For days after 2025-06-30: the level of the primary assignment on that day if "
                        "there was one, else that of the as-of date.",
                    ),
                    "plan_amended": Text(
                        vi="Như kế hoạch sửa đổi định; chưa kế hoạch nào định nên chưa dùng được.",
                        en="As an amended plan says; no plan does so yet, so it cannot be asked.",
                    ),
                },
                default="current_level",
                unavailable=("plan_amended",),
            ),
            Reading(
                key="L2_merged_province",
                question="Tỉnh hợp nhất theo kế hoạch nào?",
                question_en="Which plan does a merged province follow?",
                meanings={
                    "origin_plan": Text(
                        vi="Từ 01/07/2025, ở cơ quan của kế hoạch và cấp trên: chỉ tính người của các cơ "
                        "quan thuộc tỉnh của kế hoạch ngày 30/06/2025.",
                        en="From 2025-07-01, at the plan's own body and above: only people of bodies that "
                        "stood in the plan's province on 2025-06-30 count.",
                    ),
                    "surviving_plan": Text(
                        vi="Toàn bộ tỉnh hợp nhất theo kế hoạch này.",
                        en="The whole merged province follows this plan.",
                    ),
                },
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
