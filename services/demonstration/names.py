"""Invented names of people."""

from __future__ import annotations

from random import Random
from typing import Literal

Sex = Literal["male", "female"]

_FAMILIES = (
    ("Nguyễn", 38), ("Trần", 11), ("Lê", 10), ("Phạm", 7), ("Hoàng", 4), ("Huỳnh", 3), ("Phan", 4),
    ("Vũ", 2), ("Võ", 3), ("Đặng", 2), ("Bùi", 2), ("Đỗ", 2), ("Hồ", 2), ("Ngô", 2), ("Dương", 1),
    ("Lý", 1), ("Đoàn", 1), ("Trương", 1), ("Đinh", 1), ("Lương", 1), ("Mai", 1), ("Cao", 1),
)  # fmt: skip
_MIDDLES: dict[Sex, tuple[str, ...]] = {
    "male": (
        "Văn", "Văn", "Văn", "Hữu", "Đức", "Minh", "Quang", "Thanh", "Ngọc", "Xuân", "Công", "Quốc",
        "Anh", "Đình", "Trọng", "Bá", "Duy", "Hoàng", "Thế", "Tấn",
    ),
    "female": (
        "Thị", "Thị", "Thị", "Thị", "Thị Thu", "Thị Ngọc", "Thị Thanh", "Thị Kim", "Thị Hồng",
        "Ngọc", "Thu", "Thùy", "Minh", "Phương", "Bích", "Mai", "Khánh", "Hoài",
    ),
}  # fmt: skip
_GIVEN: dict[Sex, tuple[str, ...]] = {
    "male": (
        "An", "Bình", "Cường", "Dũng", "Duy", "Đạt", "Đức", "Giang", "Hải", "Hiếu", "Hòa", "Hùng",
        "Huy", "Khánh", "Khoa", "Lâm", "Long", "Mạnh", "Minh", "Nam", "Nghĩa", "Phong", "Phúc",
        "Quân", "Quang", "Sơn", "Tài", "Tâm", "Thắng", "Thành", "Thiện", "Thịnh", "Tiến", "Toàn",
        "Trung", "Tuấn", "Tùng", "Việt", "Vinh", "Vũ",
    ),
    "female": (
        "An", "Anh", "Chi", "Diệp", "Dung", "Duyên", "Hà", "Hạnh", "Hiền", "Hoa", "Hồng", "Huệ",
        "Hương", "Huyền", "Lan", "Liên", "Linh", "Loan", "Ly", "Mai", "My", "Nga", "Ngân", "Ngọc",
        "Nhung", "Oanh", "Phương", "Quyên", "Quỳnh", "Thảo", "Thơ", "Thủy", "Trang", "Trâm", "Tú",
        "Tuyết", "Uyên", "Vân", "Xuân", "Yến",
    ),
}  # fmt: skip
_EDE_CLANS = ("Niê", "Byă", "Mlô", "Êban", "Ayŭn", "Kbuôr", "Hmok", "Ktla")
_EDE: dict[Sex, tuple[str, ...]] = {
    "male": ("Y Thanh", "Y Wăn", "Y Sơn", "Y Tuấn", "Y Khăm", "Y Blu", "Y Nam", "Y Hiếu"),
    "female": ("H' Nga", "H' Linh", "H' Wiên", "H' Yến", "H' Mai", "H' Bliă", "H' Juê", "H' Lan"),
}
_KHMER = ("Thạch", "Sơn", "Danh", "Kim", "Châu", "Lâm")
_BRU = ("Hồ",)


def full_name(random: Random, sex: Sex, minority: str, minority_share: float) -> str:
    """A name in NFC; ``minority_share`` of the names are of that minority (``ede``, ``khmer``, ``bru``)."""
    of_minority = random.random() < minority_share
    if of_minority and minority == "ede":
        return f"{random.choice(_EDE[sex])} {random.choice(_EDE_CLANS)}"
    if of_minority:
        family = random.choice(_KHMER if minority == "khmer" else _BRU)
    else:
        family = random.choices(
            [name for name, _ in _FAMILIES], [weight for _, weight in _FAMILIES]
        )[0]
    return f"{family} {random.choice(_MIDDLES[sex])} {random.choice(_GIVEN[sex])}"
