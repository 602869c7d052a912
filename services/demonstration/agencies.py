"""The bodies of one province: departments, districts until 2025-06-30, communes, schools, hospitals, Party, Front."""

from __future__ import annotations

import datetime as dt
from typing import Any

from services.demonstration.places import (
    HEALTH_CENTRE,
    HEALTH_CENTRE_PROVINCE,
    HOANG_HOA,
    KIND_NAMES,
    Absorbed,
    Commune,
    District,
    Place,
)
from services.demonstration.slugs import slug
from services.demonstration.tree import (
    BODIES_SINCE,
    DEPARTMENTS_MERGED,
    DISTRICTS_ENDED,
    NEW_MAP,
    AgencyVersion,
    Sector,
    Tree,
    Workplace,
)
from shared.contracts.events import AgencyLevel

INVENTED = "(minh họa)"
"""Part of the name of every body that is made up."""

_DEPARTMENTS = (
    ("VPUBND", "Văn phòng Ủy ban nhân dân", 13),
    ("SNV", "Sở Nội vụ", 11),
    ("STC", "Sở Tài chính", 12),
    ("STP", "Sở Tư pháp", 8),
    ("SGDDT", "Sở Giáo dục và Đào tạo", 11),
    ("SYT", "Sở Y tế", 10),
    ("SXD", "Sở Xây dựng", 10),
    ("SKHCN", "Sở Khoa học và Công nghệ", 8),
    ("SCT", "Sở Công Thương", 8),
    ("SVHTTDL", "Sở Văn hóa, Thể thao và Du lịch", 10),
    ("TT", "Thanh tra", 7),
)
_MERGED_DEPARTMENTS = (
    ("SLDTBXH", "Sở Lao động - Thương binh và Xã hội", 9, "SNV"),
    ("SGTVT", "Sở Giao thông vận tải", 8, "SXD"),
    ("STTTT", "Sở Thông tin và Truyền thông", 6, "SKHCN"),
)
"""Ended on 2025-02-28, their people going to the department named last."""
_FARMING_AND_LAND = (
    ("SNNPTNT", "Sở Nông nghiệp và Phát triển nông thôn", 9),
    ("STNMT", "Sở Tài nguyên và Môi trường", 9),
)
"""Both went into one new department on 2025-03-01."""
_PARTY = (
    ("BTC", "Ban Tổ chức", 7),
    ("BTGDV", "Ban Tuyên giáo và Dân vận", 6),
    ("UBKT", "Ủy ban Kiểm tra", 6),
    ("VP", "Văn phòng", 7),
)
_FRONT = (
    ("MTTQ", "Ủy ban Mặt trận Tổ quốc Việt Nam", 7),
    ("DTN", "Đoàn Thanh niên Cộng sản Hồ Chí Minh", 5),
    ("HLHPN", "Hội Liên hiệp Phụ nữ", 5),
    ("HND", "Hội Nông dân", 4),
    ("LDLD", "Liên đoàn Lao động", 4),
)
_PUBLIC_SERVICE = (
    ("TTVH", "Trung tâm Văn hóa", "SVHTTDL", 38),
    ("THUVIEN", "Thư viện", "SVHTTDL", 26),
    ("TTKN", "Trung tâm Khuyến nông", "", 40),
    ("TTDVVL", "Trung tâm Dịch vụ việc làm", "SNV", 30),
    ("BQLDA", "Ban Quản lý dự án đầu tư xây dựng", "", 45),
    ("DPTTH", "Đài Phát thanh và Truyền hình", "", 70),
)


class Province:
    """Builds the tree of one place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.tree = Tree()
        self.since_parted = place.code_before != place.code_after

    def build(self) -> Tree:
        self._province_bodies()
        for district in self.place.districts:
            self._district(district, self.place.root, self.place.code_before)
        for absorbed in self.place.absorbed:
            self._absorbed(absorbed)
        self._schools_and_hospitals()
        if self.place.key == "hcm":
            self._central_vertical()
        if self.since_parted:
            self._new_province_code()
        return self.tree

    def _code(self, name: str) -> str:
        return f"{self.place.root}.MH.{name}"

    def _add(self, code: str, name: str, kind: str, parent: str | None, **more: Any) -> str:
        more.setdefault("level", "province")
        more.setdefault("system", "state")
        more.setdefault("province_code", self.place.code_before)
        more.setdefault("valid_from", BODIES_SINCE)
        return self.tree.add(
            AgencyVersion(code=code, name=name, kind=kind, parent_code=parent, **more)
        )

    def _employ(self, code: str, sector: Sector, heads: int, **more: Any) -> None:
        more.setdefault("province", self.place.code_before)
        self.tree.employ(Workplace(code=code, sector=sector, heads=heads, **more))

    # --- province level -------------------------------------------------------------------------

    def _province_bodies(self) -> None:
        root, name = self.place.root, self.place.name
        last_day = DEPARTMENTS_MERGED - dt.timedelta(days=1)
        for short, title, heads in _DEPARTMENTS:
            code = self._add(self._code(short), f"{title} {name}", "department", root)
            self._employ(code, "department", heads)
        for short, title, heads, successor in _MERGED_DEPARTMENTS:
            code = self._add(
                self._code(short), f"{title} {name}", "department", root, valid_to=last_day
            )
            self._employ(
                *(code, "department", heads),
                until=last_day,
                destinations=((self._code(successor), 0.93), ("", 0.07)),
            )
        merged = self._code("SNNMT")
        for short, title, heads in _FARMING_AND_LAND:
            code = self._add(
                self._code(short), f"{title} {name}", "department", root, valid_to=last_day
            )
            self._employ(
                *(code, "department", heads),
                until=last_day,
                destinations=((merged, 0.93), ("", 0.07)),
            )
        self._add(
            *(merged, f"Sở Nông nghiệp và Môi trường {name}", "department", root),
            valid_from=DEPARTMENTS_MERGED,
            predecessor_codes=tuple(self._code(short) for short, _, _ in _FARMING_AND_LAND),
        )
        self._employ(merged, "department", 1, since=DEPARTMENTS_MERGED)
        self._foreign_affairs()
        self._party_and_front()

    def _foreign_affairs(self) -> None:
        code, name = self._code("SNGV"), f"Sở Ngoại vụ {self.place.name}"
        if self.place.city:
            self._add(code, name, "department", self.place.root)
            self._employ(code, "foreign_affairs", 9)
            return
        last_day = DEPARTMENTS_MERGED - dt.timedelta(days=1)
        self._add(code, name, "department", self.place.root, valid_to=last_day)
        self._employ(
            *(code, "foreign_affairs", 7),
            until=last_day,
            destinations=((self._code("VPUBND"), 1.0),),
        )

    def _party_and_front(self) -> None:
        committee = "Thành ủy" if self.place.city else "Tỉnh ủy"
        place = self.place.name.removeprefix("tỉnh ").removeprefix("thành phố ")
        top = self._add(
            *(self._code("DANG"), f"{committee} {place}", "party_committee", self.place.root),
            system="party",
            bloc="party",
        )
        for short, title, heads in _PARTY:
            code = self._add(
                f"{top}.{short}", f"{title} {committee} {place}", "party_body", top, system="party"
            )
            self._employ(code, "party", heads)
        for short, title, heads in _FRONT:
            code = self._add(
                *(self._code(short), f"{title} {self.place.name}", "socio_political_body"),
                self.place.root,
                system="socio_political",
                bloc="party",
            )
            self._employ(code, "front", heads)

    # --- districts and communes -----------------------------------------------------------------

    def _district(self, district: District, root: str, province: str) -> None:
        absorbed = root != self.place.root
        since = dt.date(2021, 1, 1) if district.slug == "THUDUC" else BODIES_SINCE
        dated: dict[str, Any] = {
            "valid_from": since,
            "valid_to": DISTRICTS_ENDED,
            "province_code": province,
        }
        prefix = f"{root}.MH.{district.slug}"
        committee = self._add(
            *(prefix, f"Ủy ban nhân dân {district.name}", "district_committee", root),
            level="district",
            **dated,
        )
        party = self._add(
            *(f"{prefix}.DANG", _party_name(district.name), "party_committee", root),
            level="district",
            system="party",
            bloc="party",
            **dated,
        )
        codes: list[str] = []
        party_codes: list[str] = []
        for commune in district.communes:
            new, new_party = self._commune(commune, prefix, committee, party, dated)
            codes.append(new)
            party_codes.append(new_party)
        department_codes = [self._code("SNV"), self._code("STC"), self._code("SVHTTDL")]
        self._employ(
            *(committee, "district", 6 if absorbed else 9),
            since=since,
            until=DISTRICTS_ENDED,
            province=province,
            destinations=(
                *((code, 0.62 / len(codes)) for code in codes),
                *((code, 0.22 / len(department_codes)) for code in department_codes),
                ("", 0.16),
            ),
        )
        self._employ(
            *(party, "district_party", 4),
            since=since,
            until=DISTRICTS_ENDED,
            province=province,
            destinations=(*((code, 0.85 / len(party_codes)) for code in party_codes), ("", 0.15)),
        )
        self._district_schools(district, prefix, committee, codes, province, since)

    def _commune(
        self,
        commune: Commune,
        prefix: str,
        committee: str,
        party: str,
        dated: dict[str, Any],
    ) -> tuple[str, str]:
        """The commune of today and those before it; returns the codes of its two bodies."""
        full = f"{KIND_NAMES[commune.kind]} {commune.name}"
        new = self._code(f"{commune.kind[0].upper()}{slug(commune.name)}")
        new_party = f"{new}.DANG"
        province = dated["province_code"]
        old_codes = []
        for old in commune.formed_from:
            code = f"{prefix}.{old.kind[0].upper()}{slug(old.name)}"
            name = f"{KIND_NAMES[old.kind]} {old.name}"
            self._add(
                *(code, f"Ủy ban nhân dân {name}", "commune_committee", committee),
                level="commune",
                commune_kind=old.kind,
                **dated,
            )
            self._add(
                *(f"{code}.DANG", f"Đảng ủy {name}", "party_committee", party),
                level="commune",
                commune_kind=old.kind,
                system="party",
                **dated,
            )
            self._employ(
                *(code, "commune", 4),
                since=dated["valid_from"],
                until=DISTRICTS_ENDED,
                province=province,
                destinations=((new, 0.9), ("", 0.1)),
                language_area=commune.language_area,
            )
            self._employ(
                *(f"{code}.DANG", "commune_party", 2),
                since=dated["valid_from"],
                until=DISTRICTS_ENDED,
                province=province,
                destinations=((new_party, 0.9), ("", 0.1)),
                language_area=commune.language_area,
            )
            old_codes.append(code)
        self._add(
            *(new, f"Ủy ban nhân dân {full}", "commune_committee", self.place.root),
            level="commune",
            commune_kind=commune.kind,
            valid_from=NEW_MAP,
            province_code=self.place.code_after,
            predecessor_codes=tuple(old_codes) or (committee,),
        )
        self._add(
            *(new_party, f"Đảng ủy {full}", "party_committee", self._code("DANG")),
            level="commune",
            commune_kind=commune.kind,
            system="party",
            valid_from=NEW_MAP,
            province_code=self.place.code_after,
            predecessor_codes=tuple(f"{code}.DANG" for code in old_codes) or (party,),
        )
        self._employ(
            *(new, "commune", 2),
            since=NEW_MAP,
            province=province,
            language_area=commune.language_area,
        )
        self._employ(
            *(new_party, "commune_party", 0),
            since=NEW_MAP,
            province=province,
            language_area=commune.language_area,
        )
        return new, new_party

    def _district_schools(
        self,
        district: District,
        prefix: str,
        committee: str,
        communes: list[str],
        province: str,
        since: dt.date,
    ) -> None:
        """Schools of the district, which belong to communes since 2025-07-01."""
        if not district.communes[0].formed_from:
            counts, share = (1, 1, 1), 0.4
        elif province != self.place.code_before:
            counts, share = (1, 1, 1), 1.0
        else:
            counts, share = (3, 3, 2), 1.0
        kinds: tuple[tuple[str, str, Sector, int], ...] = (
            ("THCS", "Trường Trung học cơ sở", "lower_secondary_school", 31),
            ("TH", "Trường Tiểu học", "primary_school", 28),
            ("MN", "Trường Mầm non", "kindergarten", 19),
        )
        place = _bare(district.name)
        number = 0
        for count, (short, title, sector, heads) in zip(counts, kinds, strict=True):
            for one in range(1, count + 1):
                code = self._add(
                    *(f"{prefix}.{short}{one}", f"{title} số {one} {place} {INVENTED}"),
                    *("school", committee),
                    level="district",
                    system="public_service",
                    valid_from=since,
                    province_code=province,
                )
                self._hand_over(code, communes[number % len(communes)])
                number += 1
                self._employ(code, sector, round(heads * share), since=since, province=province)

    def _hand_over(self, code: str, commune: str, **changes: Any) -> None:
        self.tree.change(
            *(code, NEW_MAP),
            parent_code=commune,
            level="commune",
            province_code=self.place.code_after,
            **changes,
        )

    # --- provinces that were absorbed -----------------------------------------------------------

    def _absorbed(self, absorbed: Absorbed) -> None:
        province = absorbed.province_code
        dated: dict[str, Any] = {"province_code": province, "valid_to": DISTRICTS_ENDED}
        root = self._add(
            *(absorbed.root, f"Ủy ban nhân dân {absorbed.name} {INVENTED}"),
            *("province_committee", None),
            **dated,
        )
        for short, title, heads in (_DEPARTMENTS[1], _DEPARTMENTS[4], _DEPARTMENTS[5]):
            code = self._add(
                *(f"{root}.MH.{short}", f"{title} {absorbed.name}", "department", root), **dated
            )
            self._employ(
                *(code, "department", heads - 3),
                until=DISTRICTS_ENDED,
                province=province,
                destinations=((self._code(short), 0.88), ("", 0.12)),
            )
        self._district(absorbed.district, root, province)
        units: tuple[tuple[str, str, Sector, int, str], ...] = (
            ("THPT1", "Trường Trung học phổ thông số 1", "upper_secondary_school", 46, "SGDDT"),
            ("BV", "Bệnh viện Đa khoa", "hospital", 64, "SYT"),
        )
        for short, title, sector, heads, owner in units:
            code = self._add(
                *(f"{root}.MH.{short}", f"{title} {_bare(absorbed.name)} {INVENTED}"),
                *("school" if short == "THPT1" else "hospital", f"{root}.MH.{owner}"),
                system="public_service",
                province_code=province,
            )
            self.tree.change(
                *(code, NEW_MAP),
                parent_code=self._code(owner),
                province_code=self.place.code_after,
            )
            self._employ(code, sector, heads, province=province)

    # --- schools, hospitals and other public service units ---------------------------------------

    def _schools_and_hospitals(self) -> None:
        place = _bare(self.place.name)

        def unit(short: str, name: str, kind: str, owner: str, sector: Sector, heads: int) -> str:
            parent = self._code(owner) if owner else self.place.root
            code = self._add(
                *(self._code(short), f"{name} {INVENTED}", kind, parent), system="public_service"
            )
            self._employ(code, sector, heads)
            return code

        for one in range(1, 9):
            unit(
                *(f"THPT{one}", f"Trường Trung học phổ thông số {one} {place}", "school", "SGDDT"),
                *("upper_secondary_school", 48),
            )
        unit("CDCD", f"Trường Cao đẳng cộng đồng {place}", "school", "", "college", 84)
        unit("BVDK", f"Bệnh viện Đa khoa {place}", "hospital", "SYT", "hospital", 200)
        unit("BVPS", f"Bệnh viện Phụ sản - Nhi {place}", "hospital", "SYT", "hospital", 90)
        unit("CDC", f"Trung tâm Kiểm soát bệnh tật {place}", "health_centre", "SYT",
             "health_centre", 62)  # fmt: skip
        for district in self.place.districts:
            first = district.communes[0]
            if not first.formed_from:
                continue
            since = dt.date(2021, 1, 1) if district.slug == "THUDUC" else BODIES_SINCE
            centre = self._add(
                *(self._code(f"{district.slug}.TTYT"),),
                f"Trung tâm Y tế {_bare(district.name)} {INVENTED}",
                *("health_centre", self._code("SYT")),
                system="public_service",
                level="district",
                valid_from=since,
            )
            self.tree.change(centre, NEW_MAP, level="province", province_code=self.place.code_after)
            self._employ(centre, "health_centre", 60, since=since)
            for commune in district.communes:
                for old in commune.formed_from[:1]:
                    station = self._add(
                        *(self._code(f"{district.slug}.TYT{slug(old.name)}"),),
                        f"Trạm Y tế {KIND_NAMES[old.kind]} {old.name} {INVENTED}",
                        *("health_station", centre),
                        system="public_service",
                        level="commune",
                        commune_kind=old.kind,
                        valid_from=since,
                    )
                    self._hand_over(
                        station,
                        self._code(f"{commune.kind[0].upper()}{slug(commune.name)}"),
                        commune_kind=commune.kind,
                    )
                    self._employ(station, "health_station", 7, since=since)
        for short, title, owner, heads in _PUBLIC_SERVICE:
            unit(short, f"{title} {place}", "public_service_unit", owner, "public_service", heads)

    def _central_vertical(self) -> None:
        for short, title in (("THUE", "Thuế"), ("KBNN", "Kho bạc Nhà nước khu vực")):
            code = self._add(
                *(self._code(short), f"{title} {self.place.name} {INVENTED}", "vertical_body"),
                self.place.root,
                central_vertical=True,
            )
            self._employ(code, "vertical", 12)

    def _new_province_code(self) -> None:
        """Bodies that stand on 2025-07-01 take the province's new code (QĐ 19/2025/QĐ-TTg)."""
        for version in list(self.tree.versions):
            stands_on = version.valid_to is None or version.valid_to >= NEW_MAP
            if stands_on and version.province_code == self.place.code_before:
                self.tree.change(version.code, NEW_MAP, province_code=self.place.code_after)


def health_centre_of_hoang_hoa() -> Tree:
    """Departments and health stations below the centre, which itself ships as a fact."""
    tree = Tree()
    province = HEALTH_CENTRE_PROVINCE

    def add(short: str, name: str, kind: str, level: AgencyLevel, **more: Any) -> str:
        return tree.add(
            AgencyVersion(
                code=f"{HEALTH_CENTRE}.MH.{short}",
                name=f"{name} {INVENTED}",
                kind=kind,
                parent_code=HEALTH_CENTRE,
                level=level,
                system="public_service",
                province_code=province,
                **{"valid_from": BODIES_SINCE, **more},
            )
        )

    def employ(code: str, sector: Sector, heads: int, **more: Any) -> None:
        tree.employ(Workplace(code=code, sector=sector, heads=heads, province=province, **more))

    employ(HEALTH_CENTRE, "health_centre", 4)
    for short, name, heads in (
        ("PHCTH", "Phòng Hành chính - Tổng hợp", 13),
        ("PKHTC", "Phòng Kế hoạch - Tài chính", 9),
        ("PDD", "Phòng Điều dưỡng", 6),
        ("KKB", "Khoa Khám bệnh", 22),
        ("KNOI", "Khoa Nội tổng hợp", 24),
        ("KNGOAI", "Khoa Ngoại tổng hợp", 22),
        ("KSAN", "Khoa Chăm sóc sức khỏe sinh sản và Phụ sản", 19),
        ("KNHI", "Khoa Nhi", 17),
        ("KCC", "Khoa Cấp cứu - Hồi sức tích cực và Chống độc", 17),
        ("KYHCT", "Khoa Y học cổ truyền và Phục hồi chức năng", 14),
        ("KKSBT", "Khoa Kiểm soát bệnh tật và HIV/AIDS", 12),
        ("KDUOC", "Khoa Dược - Trang thiết bị - Vật tư y tế", 12),
        ("KXN", "Khoa Xét nghiệm và Chẩn đoán hình ảnh", 14),
        ("KATTP", "Khoa Y tế công cộng và An toàn thực phẩm", 8),
    ):
        employ(add(short, name, "division", "district"), "health_centre", heads)
    for version in [*tree.versions]:
        tree.change(version.code, NEW_MAP, level="province")
    # Numbered: without marks, Hoằng Đồng and Hoằng Đông would have one code.
    for number, (new, olds) in enumerate(HOANG_HOA, 1):
        station = f"TYT{number}"
        codes = []
        for part, old in enumerate(olds, 1):
            kind = "thi_tran" if old == "Bút Sơn" else "xa"
            code = add(
                *(f"{station}.{part}", f"Trạm Y tế {KIND_NAMES[kind]} {old}"),  # type: ignore[index]
                *("health_station", "commune"),
                commune_kind=kind,
                valid_to=DISTRICTS_ENDED,
            )
            employ(
                *(code, "health_station", 4),
                until=DISTRICTS_ENDED,
                destinations=((f"{HEALTH_CENTRE}.MH.{station}", 0.97), ("", 0.03)),
            )
            codes.append(code)
        code = add(
            *(station, f"Trạm Y tế xã {new}", "health_station", "commune"),
            commune_kind="xa",
            valid_from=NEW_MAP,
            predecessor_codes=tuple(codes),
        )
        employ(code, "health_station", 0, since=NEW_MAP)
    return tree


def province_tree(place: Place) -> Tree:
    return Province(place).build()


def _bare(name: str) -> str:
    """Without the kind of the unit: “huyện Ea Kar” gives “Ea Kar”, “Quận 1” stays."""
    for kind in ("tỉnh ", "thành phố ", "Thành phố ", "thị xã ", "huyện ", "quận "):
        name = name.removeprefix(kind)
    return name


def _party_name(district: str) -> str:
    kinds = {"thành phố ": "Thành ủy ", "thị xã ": "Thị ủy ", "huyện ": "Huyện ủy "}
    for kind, committee in kinds.items():
        if district.startswith(kind):
            return committee + district.removeprefix(kind)
    return f"Quận ủy {district.removeprefix('quận ')}"
