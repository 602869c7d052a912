"""Agencies as a sheet: one version on each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from shared.imports.layout import Boolean, Choice, Code, Column, Date, Option, SheetLayout, Text

_LEVEL: Final = Choice(
    (
        Option("central", "Trung ương", "Central"),
        Option("province", "Tỉnh", "Province", ("Cấp tỉnh",)),
        Option("district", "Huyện", "District", ("Cấp huyện",)),
        Option("commune", "Xã", "Commune", ("Cấp xã",)),
    )
)
_SYSTEM: Final = Choice(
    (
        Option("party", "Đảng", "Party", ("Cơ quan Đảng",)),
        Option("state", "Nhà nước", "State", ("Cơ quan nhà nước", "Hành chính")),
        Option(
            "socio_political",
            "Mặt trận, đoàn thể",
            "Socio-political",
            ("Tổ chức chính trị - xã hội", "Mặt trận Tổ quốc, đoàn thể"),
        ),
        Option(
            "public_service",
            "Đơn vị sự nghiệp công lập",
            "Public service",
            ("Sự nghiệp công lập", "Đơn vị sự nghiệp"),
        ),
    )
)
_COMMUNE_KIND: Final = Choice(
    (
        Option("xa", "Xã", "Xã"),
        Option("phuong", "Phường", "Phường"),
        Option("thi_tran", "Thị trấn", "Thị trấn"),
        Option("dac_khu", "Đặc khu", "Đặc khu"),
    )
)
_BLOC: Final = Choice(
    (
        Option("party", "Khối Đảng", "Party", ("Đảng", "Khối Đảng, đoàn thể")),
        Option("state", "Khối Nhà nước", "State", ("Nhà nước", "Khối chính quyền")),
    )
)
_PREDECESSORS: Final = 6
"""Columns of the template; a body formed from more is sent as JSON."""

AGENCY_SHEET: Final = SheetLayout(
    "Cơ quan, đơn vị",
    "Agencies",
    (
        Column(
            "code",
            "Mã cơ quan",
            "Agency code",
            Code(),
            required=True,
            also=("Mã đơn vị", "Mã định danh cơ quan", "Mã định danh điện tử"),
            example="H56.09.TTYTHH",
        ),
        Column(
            "name",
            "Tên cơ quan",
            "Name",
            Text(300),
            required=True,
            also=("Tên đơn vị", "Tên cơ quan, đơn vị"),
            example="Trung tâm Y tế Hoằng Hóa",
        ),
        Column(
            "parent_code",
            "Mã cơ quan cấp trên",
            "Parent code",
            Code(),
            also=("Cơ quan cấp trên", "Mã đơn vị cấp trên", "Mã cơ quan chủ quản"),
            example="H56.09",
            note_vi="Để trống: đứng đầu cây.",
            note_en="Empty: at the top of the tree.",
        ),
        Column(
            "level", "Cấp", "Level", _LEVEL, required=True, also=("Cấp hành chính",), example="Tỉnh"
        ),
        Column(
            "system",
            "Hệ thống",
            "System",
            _SYSTEM,
            required=True,
            also=("Loại hình",),
            example="Đơn vị sự nghiệp công lập",
        ),
        Column(
            "province_code",
            "Mã tỉnh",
            "Province code",
            Code(length=2, lost_zeros=1),
            required=True,
            also=("Mã tỉnh, thành phố",),
            example="38",
            note_vi="Theo danh mục có hiệu lực vào ngày bắt đầu.",
            note_en="In the list in force on the first day.",
        ),
        Column(
            "valid_from",
            "Từ ngày",
            "From",
            Date(),
            required=True,
            also=("Ngày bắt đầu", "Ngày thành lập", "Valid from"),
            example="01/01/2020",
        ),
        Column(
            "valid_to",
            "Đến ngày",
            "To",
            Date(open_ended=True),
            also=("Ngày kết thúc", "Ngày giải thể", "Valid to"),
            note_vi="Ngày cuối cùng; để trống nếu đang hoạt động.",
            note_en="The last day; empty while it exists.",
        ),
        Column("kind", "Loại cơ quan", "Kind", Text(300), also=("Loại đơn vị",)),
        Column("commune_kind", "Loại xã", "Commune kind", _COMMUNE_KIND),
        Column("bloc", "Khối", "Bloc", _BLOC, also=("Khối báo cáo",)),
        Column("central_vertical", "Ngành dọc Trung ương", "Central vertical", Boolean()),
        *(
            Column(
                f"predecessor_codes/{place}",
                f"Mã cơ quan tiền thân {place + 1}",
                f"Predecessor {place + 1}",
                Code(),
            )
            for place in range(_PREDECESSORS)
        ),
    ),
)

AGENCY_LIST: Final = replace(
    AGENCY_SHEET,
    columns=(
        *AGENCY_SHEET.columns,
        Column(
            "further_predecessors", "Các cơ quan tiền thân khác", "Further predecessors", Text()
        ),
    ),
)
"""As a list leaves: the last column holds what the template has no columns for, and no import reads it."""


def listed_row(version: Mapping[str, Any]) -> dict[str, Any]:
    """A version in its JSON form as a row of :data:`AGENCY_LIST`."""
    further = version["predecessor_codes"][_PREDECESSORS:]
    return {**version, "further_predecessors": " ".join(further) or None}
