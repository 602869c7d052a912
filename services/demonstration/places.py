"""The four provinces of the demonstration: real names of districts and communes, as far as remembered.

The mapping of old communes to the communes of today is an illustration and was not checked against
the resolutions of 2025. Nothing here says anything about a real person or a real figure.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.events import CommuneKind


@dataclass(frozen=True, slots=True)
class OldCommune:
    """A commune-level unit until 2025-06-30."""

    kind: CommuneKind
    name: str


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today with those of before that went into it."""

    kind: CommuneKind
    name: str
    formed_from: tuple[OldCommune, ...]
    language_area: bool = False
    """Border, port or tourism: its work requires a foreign language there."""


@dataclass(frozen=True, slots=True)
class District:
    """A district-level unit; all of them ended on 2025-06-30."""

    slug: str
    name: str
    """With its kind: “huyện Ea Kar”."""
    communes: tuple[Commune, ...]


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A province that went into another on 2025-07-01."""

    root: str
    """Agency code of its People's Committee; X and the old province code, for it is invented."""
    name: str
    province_code: str
    district: District


@dataclass(frozen=True, slots=True)
class Place:
    """One province or city with a plan."""

    key: str
    plan: str
    root: str
    """Agency code of the plan's body, which ships as a fact."""
    name: str
    city: bool
    code_before: str
    """In the list of 63 provinces, until 2025-06-30."""
    code_after: str
    letters: str
    """Letters of the official codes: DEMO-<letters>-00001."""
    institution: str
    districts: tuple[District, ...]
    absorbed: tuple[Absorbed, ...]
    minority_share: float
    """Share of officials with a name of the place's ethnic minority."""
    minority: str


_KINDS: dict[str, CommuneKind] = {"p": "phuong", "x": "xa", "t": "thi_tran", "d": "dac_khu"}
KIND_NAMES: dict[CommuneKind, str] = {
    "phuong": "phường",
    "xa": "xã",
    "thi_tran": "thị trấn",
    "dac_khu": "đặc khu",
}


def _commune(text: str) -> Commune:
    """`p Buôn Ma Thuột* < p Thắng Lợi, p Tự An`; a star marks a language area."""
    new, _, old = text.partition(" < ")
    return Commune(
        _KINDS[new[0]],
        new[2:].rstrip("*"),
        tuple(OldCommune(_KINDS[one[0]], one[2:]) for one in old.split(", ") if one),
        new.endswith("*"),
    )


def _district(slug: str, name: str, *communes: str) -> District:
    return District(slug, name, tuple(_commune(text) for text in communes))


PLACES: tuple[Place, ...] = (
    Place(
        key="daklak",
        plan="daklak-2020",
        root="H15",
        name="tỉnh Đắk Lắk",
        city=False,
        code_before="66",
        code_after="66",
        letters="DL",
        institution="DHTN",
        minority_share=0.11,
        minority="ede",
        districts=(
            _district(
                *("BMT", "thành phố Buôn Ma Thuột"),
                "p Buôn Ma Thuột* < p Thắng Lợi, p Tự An, p Thành Công",
                "p Tân Lập < p Tân Lập, p Tân Hòa",
                "p Ea Kao < p Ea Tam, x Ea Kao",
            ),
            _district(
                *("BUONHO", "thị xã Buôn Hồ"),
                "p Buôn Hồ < p An Bình, p Thiện An",
                "p Cư Bao < p Bình Tân, x Cư Bao",
            ),
            _district(
                *("EAKAR", "huyện Ea Kar"),
                "x Ea Kar < t Ea Kar, x Cư Ni",
                "x Ea Knốp < t Ea Knốp, x Ea Tih",
                "x Ea Ô < x Ea Ô, x Cư Elang",
            ),
            _district(
                *("KRONGPAC", "huyện Krông Pắc"),
                "x Krông Pắc < t Phước An, x Hòa An",
                "x Ea Phê < x Ea Phê, x Ea Kuăng",
            ),
            _district(
                *("LAK", "huyện Lắk"),
                "x Liên Sơn Lắk* < t Liên Sơn, x Yang Tao",
                "x Đắk Liêng < x Đắk Liêng, x Buôn Tría",
            ),
        ),
        absorbed=(
            Absorbed(
                *("X54", "tỉnh Phú Yên", "54"),
                _district(
                    *("TUYHOA", "thành phố Tuy Hòa"),
                    "p Tuy Hòa* < p 5, p 7",
                    "p Bình Kiến < p 9, x Bình Kiến",
                ),
            ),
        ),
    ),
    Place(
        key="hcm",
        plan="hcm-2022",
        root="H29",
        name="Thành phố Hồ Chí Minh",
        city=True,
        code_before="79",
        code_after="79",
        letters="HCM",
        institution="SGU",
        minority_share=0.0,
        minority="",
        districts=(
            _district(
                *("Q1", "Quận 1"),
                "p Sài Gòn* < p Bến Nghé, p Đa Kao",
                "p Bến Thành* < p Bến Thành, p Phạm Ngũ Lão",
            ),
            _district(
                *("Q3", "Quận 3"),
                "p Bàn Cờ < p 1, p 2",
                "p Xuân Hòa* < p Võ Thị Sáu, p 4",
            ),
            _district(
                *("BINHTHANH", "quận Bình Thạnh"),
                "p Gia Định < p 1, p 2",
                "p Thạnh Mỹ Tây < p 19, p 22",
            ),
            _district(
                *("THUDUC", "thành phố Thủ Đức"),
                "p Thủ Đức < p Linh Chiểu, p Bình Thọ",
                "p Hiệp Bình < p Hiệp Bình Chánh, p Hiệp Bình Phước",
                "p An Khánh* < p An Khánh, p Thủ Thiêm",
            ),
            _district(
                *("CUCHI", "huyện Củ Chi"),
                "x Tân An Hội < t Củ Chi, x Tân An Hội",
                "x Phú Hòa Đông < x Phú Hòa Đông, x Tân Thạnh Tây",
            ),
        ),
        absorbed=(
            Absorbed(
                *("X74", "tỉnh Bình Dương", "74"),
                _district(
                    *("THUDAUMOT", "thành phố Thủ Dầu Một"),
                    "p Thủ Dầu Một* < p Phú Cường, p Phú Thọ",
                    "p Phú Lợi < p Phú Lợi, p Phú Hòa",
                ),
            ),
            Absorbed(
                *("X77", "tỉnh Bà Rịa - Vũng Tàu", "77"),
                _district("CONDAO", "huyện Côn Đảo", "d Côn Đảo*"),
            ),
        ),
    ),
    Place(
        key="cantho",
        plan="cantho-2020",
        root="H13",
        name="thành phố Cần Thơ",
        city=True,
        code_before="92",
        code_after="92",
        letters="CT",
        institution="CTU",
        minority_share=0.05,
        minority="khmer",
        districts=(
            _district(
                *("NINHKIEU", "quận Ninh Kiều"),
                "p Ninh Kiều* < p An Cư, p Thới Bình",
                "p Cái Khế* < p Cái Khế, p An Hòa",
                "p Tân An < p Xuân Khánh, p Hưng Lợi",
            ),
            _district(
                *("BINHTHUY", "quận Bình Thủy"),
                "p Bình Thủy < p An Thới, p Bình Thủy",
                "p Long Tuyền < p Long Tuyền, p Long Hòa",
            ),
            _district(
                *("CAIRANG", "quận Cái Răng"),
                "p Cái Răng* < p Lê Bình, p Thường Thạnh",
                "p Hưng Phú < p Hưng Phú, p Hưng Thạnh",
            ),
            _district(
                *("PHONGDIEN", "huyện Phong Điền"),
                "x Phong Điền* < t Phong Điền, x Mỹ Khánh",
                "x Nhơn Ái < x Nhơn Ái, x Nhơn Nghĩa",
            ),
            _district(
                *("CODO", "huyện Cờ Đỏ"),
                "x Cờ Đỏ < t Cờ Đỏ, x Thới Đông",
                "x Trung Hưng < x Trung Hưng, x Trung Thạnh",
            ),
        ),
        absorbed=(
            Absorbed(
                *("X94", "tỉnh Sóc Trăng", "94"),
                _district("SOCTRANG", "thành phố Sóc Trăng", "p Phú Lợi < p 1, p 2"),
            ),
            Absorbed(
                *("X93", "tỉnh Hậu Giang", "93"),
                _district("VITHANH", "thành phố Vị Thanh", "p Vị Tân < p 5, x Vị Tân"),
            ),
        ),
    ),
    Place(
        key="quangtri",
        plan="quangtri-2022",
        root="H50",
        name="tỉnh Quảng Trị",
        city=False,
        code_before="45",
        code_after="44",
        letters="QT",
        institution="DHNNHUE",
        minority_share=0.07,
        minority="bru",
        districts=(
            _district(
                *("DONGHA", "thành phố Đông Hà"),
                "p Đông Hà < p 1, p 3",
                "p Nam Đông Hà < p Đông Lương, p Đông Lễ",
            ),
            _district(*("TXQT", "thị xã Quảng Trị"), "p Quảng Trị* < p 2, p An Đôn, x Hải Lệ"),
            _district(
                *("HAILANG", "huyện Hải Lăng"),
                "x Diên Sanh < t Diên Sanh, x Hải Trường",
                "x Nam Hải Lăng < x Hải Sơn, x Hải Chánh",
            ),
            _district(
                *("HUONGHOA", "huyện Hướng Hóa"),
                "x Khe Sanh* < t Khe Sanh, x Tân Hợp",
                "x Lao Bảo* < t Lao Bảo, x Tân Thành",
            ),
            _district(
                *("VINHLINH", "huyện Vĩnh Linh"),
                "x Vĩnh Linh < t Hồ Xá, x Vĩnh Long",
                "x Cửa Tùng* < t Cửa Tùng, x Vĩnh Giang",
            ),
            _district("CONCO", "huyện Cồn Cỏ", "d Cồn Cỏ"),
        ),
        absorbed=(
            Absorbed(
                *("X44", "tỉnh Quảng Bình", "44"),
                _district(
                    *("DONGHOI", "thành phố Đồng Hới"),
                    "p Đồng Hới* < p Đồng Hải, p Hải Thành",
                    "p Đồng Sơn < p Đồng Sơn, p Bắc Nghĩa",
                ),
            ),
        ),
    ),
)

HEALTH_CENTRE = "H56.09.TTYTHH"
HEALTH_CENTRE_PROVINCE = "38"
HEALTH_CENTRE_INSTITUTION = "VINH"
HEALTH_CENTRE_LETTERS = "HH"

HOANG_HOA: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Hoằng Hóa", ("Bút Sơn", "Hoằng Đức", "Hoằng Đồng", "Hoằng Đạo")),
    ("Hoằng Tiến", ("Hoằng Tiến", "Hoằng Yến", "Hoằng Hải", "Hoằng Trường")),
    ("Hoằng Thanh", ("Hoằng Thanh", "Hoằng Đông", "Hoằng Ngọc", "Hoằng Phụ")),
    ("Hoằng Lộc", ("Hoằng Lộc", "Hoằng Thịnh", "Hoằng Thái", "Hoằng Thành")),
    ("Hoằng Châu", ("Hoằng Châu", "Hoằng Thắng", "Hoằng Phong", "Hoằng Lưu")),
    ("Hoằng Sơn", ("Hoằng Sơn", "Hoằng Trinh", "Hoằng Xuyên", "Hoằng Cát")),
    ("Hoằng Phú", ("Hoằng Phú", "Hoằng Quý", "Hoằng Kim", "Hoằng Trung")),
    ("Hoằng Giang", ("Hoằng Giang", "Hoằng Xuân", "Hoằng Quỳ", "Hoằng Hợp")),
)
"""The eight communes of today and some of those before, each with a health station."""
