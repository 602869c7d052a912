"""The roster as a sheet: one assignment on each row, headings as HR clerks write them."""

from __future__ import annotations

from typing import Final

from shared.imports.layout import (
    Boolean,
    Choice,
    Code,
    Column,
    Date,
    Option,
    SheetLayout,
    Text,
    YearOrDate,
)
from shared.imports.person_columns import birth_date, citizen_number, full_name

_STATUS: Final = Choice(
    (
        Option("cadre", "Cán bộ", "Cadre"),
        Option("civil_servant", "Công chức", "Civil servant"),
        Option("public_employee", "Viên chức", "Public employee"),
        Option("contract_staff", "Hợp đồng lao động", "Contract staff", ("Hợp đồng",)),
        Option(
            "part_time_commune",
            "Người hoạt động không chuyên trách",
            "Part-time commune staff",
            ("Không chuyên trách", "Người hoạt động không chuyên trách cấp xã"),
        ),
    )
)
_LEADERSHIP: Final = Choice(
    (
        Option("below_division", "Dưới cấp phòng", "Below division"),
        Option("division", "Cấp phòng và tương đương", "Division", ("Cấp phòng",)),
        Option("above_division", "Trên cấp phòng", "Above division"),
    )
)
_POSTING: Final = Choice(
    (
        Option("regular", "Chính thức", "Regular"),
        Option("secondment", "Biệt phái", "Secondment"),
        Option("concurrent", "Kiêm nhiệm", "Concurrent"),
    )
)
_BASIS: Final = Choice(
    (
        Option("area", "Địa bàn", "Area"),
        Option("field", "Lĩnh vực", "Field"),
        Option("both", "Địa bàn và lĩnh vực", "Area and field"),
    )
)
_REASON: Final = Choice(
    (
        Option("new_number", "Cấp số mới", "New number", ("Đổi sang CCCD", "Cấp mới")),
        Option("former_number", "Bổ sung số cũ", "Former number added"),
        Option("clerical", "Ghi nhầm", "Clerical mistake", ("Sửa lỗi nhập",)),
        Option("civil_status", "Cải chính hộ tịch", "Civil status decision"),
    )
)
_SEX: Final = Choice(
    (Option("male", "Nam", "Male", ("M",)), Option("female", "Nữ", "Female", ("F",)))
)

ROSTER: Final = SheetLayout(
    "Danh sách cán bộ",
    "Officials",
    (
        Column(
            "official_code",
            "Mã cán bộ",
            "Official code",
            Code(),
            required=True,
            also=(
                "Mã CBCCVC",
                "Mã số CBCCVC",
                "Mã công chức",
                "Mã viên chức",
                "Mã định danh CBCCVC",
                "Mã NV",
                "Mã nhân viên",
                "Mã số cán bộ",
                "Mã CB",
            ),
            example="TH-000123",
        ),
        citizen_number("citizen_id", masked=True),
        Column(
            "identity_reason",
            "Lý do đổi số định danh",
            "Reason for another number",
            _REASON,
            note_vi="Chỉ ghi khi số định danh khác với số đã đăng ký của người này.",
            note_en="Only where the number differs from the one registered for this person.",
        ),
        Column("record_code", "Số hiệu hồ sơ", "Record code", Code(), also=("Mã hồ sơ",)),
        full_name("full_name", 200),
        birth_date("birth_date", YearOrDate()),
        Column("sex", "Giới tính", "Sex", _SEX, also=("Nam/Nữ", "GT", "Phái"), example="Nữ"),
        Column(
            "assignments/0/agency_code",
            "Mã cơ quan",
            "Agency code",
            Code(),
            required=True,
            also=("Mã đơn vị", "Mã cơ quan, đơn vị", "Mã CQ", "Mã ĐV"),
            example="H56.09.TTYTHH",
        ),
        Column(
            "assignments/0/status",
            "Đối tượng",
            "Status",
            _STATUS,
            required=True,
            also=("Loại cán bộ", "Loại CBCCVC", "Diện"),
            example="Viên chức",
        ),
        Column(
            "assignments/0/position_title",
            "Chức danh",
            "Position",
            Text(300),
            required=True,
            also=("Chức vụ", "Chức vụ, chức danh", "Vị trí việc làm", "Position title"),
            example="Điều dưỡng",
        ),
        Column(
            "assignments/0/leadership",
            "Cấp lãnh đạo, quản lý",
            "Leadership",
            _LEADERSHIP,
            also=("Cấp lãnh đạo",),
            note_vi="Chỉ ghi khi giữ chức vụ theo quyết định bổ nhiệm hoặc bầu cử có phụ cấp, kể cả cấp phó.",
            note_en="Only for posts held by appointment or election with an allowance, deputies included.",
        ),
        Column(
            "assignments/0/requires_language",
            "Yêu cầu ngoại ngữ",
            "Language required",
            Boolean(),
            also=("Vị trí yêu cầu ngoại ngữ",),
        ),
        Column(
            "assignments/0/requires_language_basis",
            "Căn cứ yêu cầu ngoại ngữ",
            "Basis of the requirement",
            _BASIS,
        ),
        Column(
            "assignments/0/job_position_code",
            "Mã vị trí việc làm",
            "Job position code",
            Code(),
        ),
        Column(
            "assignments/0/posting",
            "Hình thức bố trí",
            "Posting",
            _POSTING,
            note_vi="Để trống: chính thức.",
            note_en="Empty: regular.",
        ),
        Column(
            "assignments/0/primary",
            "Vị trí chính",
            "Primary",
            Boolean(),
            note_vi="Vị trí thuộc biên chế. Để trống: chính thức là vị trí chính, biệt phái và kiêm nhiệm thì không.",
            note_en="The post of one's establishment. Empty: regular postings are primary, others are not.",
        ),
        Column(
            "assignments/0/valid_from",
            "Từ ngày",
            "From",
            Date(),
            required=True,
            also=("Ngày bắt đầu", "Ngày vào cơ quan", "Ngày bổ nhiệm", "Valid from"),
            example="01/09/2018",
        ),
        Column(
            "assignments/0/valid_to",
            "Đến ngày",
            "To",
            Date(open_ended=True),
            also=("Ngày kết thúc", "Valid to"),
            note_vi="Ngày cuối cùng; để trống nếu đang giữ.",
            note_en="The last day; empty while held.",
        ),
        Column(
            "attributes/language_teacher",
            "Giáo viên, giảng viên ngoại ngữ",
            "Language teacher",
            Boolean(),
        ),
        Column(
            "attributes/foreign_affairs", "Làm công tác đối ngoại", "Foreign affairs", Boolean()
        ),
        Column(
            "attributes/language_qualified_post",
            "Có chuyên môn ngoại ngữ ở vị trí đòi hỏi",
            "Language-qualified post",
            Boolean(),
        ),
        Column("attributes/language_degree", "Có bằng ngoại ngữ", "Language degree", Boolean()),
        Column(
            "attributes/language_degree_awarded_on",
            "Ngày cấp bằng ngoại ngữ",
            "Language degree awarded on",
            Date(),
        ),
        Column(
            "attributes/foreign_taught_degree",
            "Bằng học bằng tiếng nước ngoài",
            "Foreign-taught degree",
            Boolean(),
        ),
        Column(
            "attributes/foreign_taught_degree_awarded_on",
            "Ngày cấp bằng học bằng tiếng nước ngoài",
            "Foreign-taught degree awarded on",
            Date(),
        ),
        Column(
            "attributes/central_vertical", "Ngành dọc Trung ương", "Central vertical", Boolean()
        ),
    ),
)
