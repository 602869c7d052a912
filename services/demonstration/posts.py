"""Posts of each kind of body: titles, statuses and who holds a leadership post."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from services.demonstration.tree import HEALTH, NEW_MAP, SCHOOLS, Sector
from shared.contracts.events import Leadership, OfficialStatus


@dataclass(frozen=True, slots=True)
class Post:
    title: str
    status: OfficialStatus
    leadership: Leadership | None = None


_PUBLIC: OfficialStatus = "public_employee"
_CIVIL: OfficialStatus = "civil_servant"
_CADRE: OfficialStatus = "cadre"

_HEADS: dict[Sector, tuple[Post, ...]] = {
    "department": (
        Post("Giám đốc", _CIVIL, "above_division"),
        Post("Phó Giám đốc", _CIVIL, "above_division"),
        Post("Trưởng phòng", _CIVIL, "division"),
        Post("Phó Trưởng phòng", _CIVIL, "division"),
    ),
    "foreign_affairs": (
        Post("Giám đốc", _CIVIL, "above_division"),
        Post("Trưởng phòng", _CIVIL, "division"),
    ),
    "vertical": (
        Post("Trưởng cơ quan", _CIVIL, "above_division"),
        Post("Trưởng phòng", _CIVIL, "division"),
    ),
    "party": (
        Post("Trưởng ban", _CADRE, "above_division"),
        Post("Phó Trưởng ban", _CIVIL, "above_division"),
        Post("Trưởng phòng", _CIVIL, "division"),
    ),
    "front": (
        Post("Chủ tịch", _CADRE, "above_division"),
        Post("Phó Chủ tịch", _CADRE, "above_division"),
        Post("Trưởng ban chuyên môn", _CIVIL, "division"),
    ),
    "district": (
        Post("Chủ tịch Ủy ban nhân dân", _CADRE, "above_division"),
        Post("Phó Chủ tịch Ủy ban nhân dân", _CADRE, "above_division"),
        Post("Trưởng phòng", _CIVIL, "division"),
        Post("Phó Trưởng phòng", _CIVIL, "division"),
    ),
    "district_party": (
        Post("Bí thư", _CADRE, "above_division"),
        Post("Trưởng ban", _CIVIL, "division"),
    ),
    "commune": (
        Post("Chủ tịch Ủy ban nhân dân", _CADRE, "below_division"),
        Post("Phó Chủ tịch Ủy ban nhân dân", _CADRE, "below_division"),
    ),
    "commune_party": (Post("Bí thư Đảng ủy", _CADRE, "below_division"),),
    "kindergarten": (
        Post("Hiệu trưởng", _PUBLIC, "division"),
        Post("Phó Hiệu trưởng", _PUBLIC, "division"),
        Post("Tổ trưởng chuyên môn", _PUBLIC, "below_division"),
    ),
    "college": (
        Post("Hiệu trưởng", _PUBLIC, "above_division"),
        Post("Phó Hiệu trưởng", _PUBLIC, "above_division"),
        Post("Trưởng khoa", _PUBLIC, "division"),
        Post("Trưởng phòng", _PUBLIC, "division"),
        Post("Phó Trưởng khoa", _PUBLIC, "division"),
    ),
    "hospital": (
        Post("Giám đốc", _PUBLIC, "above_division"),
        Post("Phó Giám đốc", _PUBLIC, "above_division"),
        *(Post("Trưởng khoa", _PUBLIC, "division"),) * 5,
        *(Post("Điều dưỡng trưởng khoa", _PUBLIC, "below_division"),) * 4,
    ),
    "health_centre": (
        Post("Trưởng đơn vị", _PUBLIC, "division"),
        Post("Phó Trưởng đơn vị", _PUBLIC, "division"),
    ),
    "health_station": (Post("Trưởng trạm", _PUBLIC, "below_division"),),
    "public_service": (
        Post("Giám đốc", _PUBLIC, "division"),
        Post("Phó Giám đốc", _PUBLIC, "division"),
        Post("Trưởng phòng", _PUBLIC, "below_division"),
    ),
}
for _school in ("primary_school", "lower_secondary_school", "upper_secondary_school"):
    _HEADS[_school] = (
        *_HEADS["kindergarten"],
        Post("Tổ trưởng chuyên môn", _PUBLIC, "below_division"),
    )  # fmt: skip

_NEW_COMMUNE_HEADS = (
    Post("Chủ tịch Ủy ban nhân dân", _CADRE, "above_division"),
    Post("Phó Chủ tịch Ủy ban nhân dân", _CADRE, "above_division"),
    Post("Trưởng phòng", _CIVIL, "division"),
    Post("Phó Trưởng phòng", _CIVIL, "division"),
)
_NEW_COMMUNE_PARTY_HEADS = (
    Post("Bí thư Đảng ủy", _CADRE, "above_division"),
    Post("Trưởng Ban Xây dựng Đảng", _CADRE, "division"),
)

_STAFF: dict[Sector, tuple[tuple[str, OfficialStatus, int], ...]] = {
    "department": (("Chuyên viên", _CIVIL, 7), ("Chuyên viên chính", _CIVIL, 2)),
    "foreign_affairs": (
        ("Chuyên viên hợp tác quốc tế", _CIVIL, 3),
        ("Chuyên viên lễ tân đối ngoại", _CIVIL, 2),
    ),
    "vertical": (("Kiểm tra viên", _CIVIL, 1),),
    "party": (("Chuyên viên", _CIVIL, 1),),
    "front": (("Chuyên viên", _CIVIL, 1),),
    "district": (("Chuyên viên", _CIVIL, 1),),
    "district_party": (("Chuyên viên", _CIVIL, 1),),
    "commune": (
        ("Công chức Văn phòng - thống kê", _CIVIL, 3),
        ("Công chức Tư pháp - hộ tịch", _CIVIL, 3),
        ("Công chức Địa chính - xây dựng", _CIVIL, 3),
        ("Công chức Văn hóa - xã hội", _CIVIL, 3),
        ("Công chức Tài chính - kế toán", _CIVIL, 2),
    ),
    "commune_party": (("Chuyên viên", _CIVIL, 1),),
    "kindergarten": (("Giáo viên mầm non", _PUBLIC, 9), ("Nhân viên nuôi dưỡng", _PUBLIC, 2)),
    "primary_school": (("Giáo viên tiểu học", _PUBLIC, 9), ("Kế toán", _PUBLIC, 1)),
    "lower_secondary_school": (
        ("Giáo viên trung học cơ sở", _PUBLIC, 9),
        ("Nhân viên thiết bị", _PUBLIC, 1),
    ),
    "upper_secondary_school": (
        ("Giáo viên trung học phổ thông", _PUBLIC, 10),
        ("Kế toán", _PUBLIC, 1),
    ),
    "college": (("Giảng viên", _PUBLIC, 8), ("Chuyên viên", _PUBLIC, 2)),
    "hospital": (
        ("Bác sĩ", _PUBLIC, 6),
        ("Điều dưỡng", _PUBLIC, 9),
        ("Dược sĩ", _PUBLIC, 2),
        ("Kỹ thuật y", _PUBLIC, 3),
        ("Hộ sinh", _PUBLIC, 1),
    ),
    "health_centre": (
        ("Bác sĩ", _PUBLIC, 5),
        ("Điều dưỡng", _PUBLIC, 7),
        ("Y sĩ", _PUBLIC, 3),
        ("Dược sĩ", _PUBLIC, 2),
        ("Chuyên viên", _PUBLIC, 1),
    ),
    "health_station": (
        ("Y sĩ", _PUBLIC, 3),
        ("Điều dưỡng", _PUBLIC, 2),
        ("Hộ sinh", _PUBLIC, 2),
        ("Bác sĩ", _PUBLIC, 1),
    ),
    "public_service": (("Viên chức chuyên môn", _PUBLIC, 5), ("Chuyên viên", _PUBLIC, 2)),
}

_NEW_COMMUNE_STAFF: tuple[tuple[str, OfficialStatus, int], ...] = (
    ("Chuyên viên Phòng Kinh tế", _CIVIL, 3),
    ("Chuyên viên Phòng Văn hóa - Xã hội", _CIVIL, 3),
    ("Chuyên viên Văn phòng Hội đồng nhân dân và Ủy ban nhân dân", _CIVIL, 2),
    ("Chuyên viên tư pháp - hộ tịch", _CIVIL, 2),
    ("Chuyên viên Trung tâm Phục vụ hành chính công", _CIVIL, 2),
)

LANGUAGE_TEACHERS: dict[Sector, float] = {
    "primary_school": 0.06,
    "lower_secondary_school": 0.08,
    "upper_secondary_school": 0.09,
    "college": 0.07,
}
"""Share of the staff who teach a foreign language."""


def heads_of(sector: Sector, on: dt.date) -> tuple[Post, ...]:
    """Leadership posts of a body of that kind; communes are larger since 2025-07-01."""
    if on >= NEW_MAP and sector == "commune":
        return _NEW_COMMUNE_HEADS
    if on >= NEW_MAP and sector == "commune_party":
        return _NEW_COMMUNE_PARTY_HEADS
    return _HEADS[sector]


def staff_post(random: Random, sector: Sector, on: dt.date) -> Post:
    titles = _NEW_COMMUNE_STAFF if sector == "commune" and on >= NEW_MAP else _STAFF[sector]
    title, status, _ = random.choices(titles, [weight for _, _, weight in titles])[0]
    return Post(title, status)


def field_needs_language(title: str) -> bool:
    """Fields of work that ask for a foreign language whatever the area."""
    return any(word in title for word in ("hộ tịch", "đối ngoại", "quốc tế", "Văn hóa"))


def group_of(sector: Sector) -> str:
    """Groups that differ in how many reach a level."""
    if sector in SCHOOLS:
        return "school"
    if sector in HEALTH:
        return "health"
    if sector in ("public_service",):
        return "other_public"
    if sector in ("commune", "commune_party"):
        return "commune"
    return "office"
