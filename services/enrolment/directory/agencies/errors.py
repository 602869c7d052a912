"""Refusals of the tree of agencies."""

from __future__ import annotations

from shared.contracts.problem import Problem


class ParentUnknown(Problem):
    """The parent is not in the directory, or not in the caller's scope."""

    code, status = "parent_unknown", 409
    title_vi, title_en = "Không có cơ quan cấp trên này", "Unknown parent agency"


class ChildOutlivesParent(Problem):
    """On some day of its own the agency would have no parent, or would leave children without one."""

    code, status = "child_outlives_parent", 409
    title_vi, title_en = (
        "Cơ quan cấp dưới tồn tại ngoài thời gian của cấp trên",
        "A child would outlive its parent",
    )


class AgencyCycle(Problem):
    """The agency would stand above itself."""

    code, status = "agency_cycle", 409
    title_vi, title_en = "Cơ quan đứng trên chính mình", "The agency would stand above itself"


class TreeTooDeep(Problem):
    """The agency, or one below it, would stand lower than the tree has levels."""

    code, status = "tree_too_deep", 409
    title_vi, title_en = "Cây cơ quan quá sâu", "The tree of agencies would be too deep"


class BlocReserved(Problem):
    """Only an authority of the nation or of a province, confined to no bloc, sets the bloc of a body."""

    code, status = "bloc_reserved", 403
    title_vi, title_en = "Không được đặt khối của cơ quan", "The bloc of a body is not yours to set"


class LevelReserved(Problem):
    """No caller gives a body a level above that of the own body: a province's authority sets blocs, and nobody
    becomes one by their own word."""

    code, status = "level_reserved", 403
    title_vi, title_en = (
        "Không được đặt cấp cao hơn cấp của mình",
        "A level above your own is not yours to give",
    )


class BlocBorder(Problem):
    """Who is confined to a bloc changes no body's bloc or system, and no body outside its own bloc."""

    code, status = "bloc_border", 403
    title_vi, title_en = "Ranh giới giữa hai khối", "The border between the blocs"


class ProvinceUnknown(Problem):
    """The code is not in the list of provinces in force on ``valid_from``."""

    code, status = "province_unknown", 422
    title_vi, title_en = (
        "Mã tỉnh không có trong danh mục có hiệu lực vào ngày bắt đầu",
        "Province code is not in the list in force on that day",
    )
