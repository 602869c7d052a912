"""Evidence as a sheet: one paper on each row."""

from __future__ import annotations

from typing import Final

from services.certification.framework.language_names import LANGUAGE_NAMES
from services.certification.registry.layout import REGISTER_LIST
from shared.imports.layout import (
    Choice,
    Code,
    Column,
    Date,
    Number,
    Option,
    SheetLayout,
    Text,
    YearOrDate,
)
from shared.imports.person_columns import birth_date, citizen_number, full_name, other_identity

_KIND: Final = Choice(
    (
        Option(
            "framework_certificate",
            "Chứng chỉ theo Khung 6 bậc",
            "Framework certificate",
            ("Chứng chỉ theo Khung năng lực ngoại ngữ 6 bậc", "Chứng chỉ VSTEP"),
        ),
        Option(
            "foreign_certificate",
            "Chứng chỉ quốc tế",
            "Foreign certificate",
            ("Chứng chỉ nước ngoài", "Chứng chỉ ngoại ngữ quốc tế"),
        ),
        Option(
            "language_degree", "Bằng ngoại ngữ", "Language degree", ("Bằng chuyên ngành ngoại ngữ",)
        ),
        Option(
            "foreign_taught_degree",
            "Bằng học bằng tiếng nước ngoài",
            "Foreign-taught degree",
            ("Bằng tốt nghiệp ở nước ngoài",),
        ),
        Option(
            "old_national_certificate",
            "Chứng chỉ A, B, C",
            "Old national certificate",
            ("Chứng chỉ A,B,C", "Chứng chỉ cũ"),
        ),
        Option(
            "specialised_language",
            "Ngoại ngữ chuyên ngành",
            "Specialised language",
            ("Chứng chỉ ngoại ngữ chuyên ngành",),
        ),
        Option(
            "manual_decision",
            "Quyết định công nhận",
            "Decision of a competent authority",
        ),
    )
)

_STATUS: Final = Choice(
    (
        Option("recorded", "Đã nộp", "Recorded"),
        Option("accepted", "Đã công nhận", "Accepted"),
        Option("withdrawn", "Đã rút công nhận", "Withdrawn"),
    )
)

EVIDENCE_SHEET: Final = SheetLayout(
    "Minh chứng",
    "Evidence",
    (
        citizen_number("person/citizen_id"),
        *other_identity("person/identity"),
        full_name("person/full_name", 300),
        birth_date("person/birth_date", YearOrDate()),
        Column(
            "kind",
            "Loại minh chứng",
            "Kind",
            _KIND,
            required=True,
            also=("Loại văn bằng, chứng chỉ", "Loại chứng chỉ"),
            example="Chứng chỉ quốc tế",
        ),
        Column(
            "language",
            "Ngoại ngữ (mã)",
            "Language",
            Code(names=LANGUAGE_NAMES),
            required=True,
            also=("Mã ngoại ngữ", "Ngôn ngữ"),
            example="en",
            note_vi="Mã (en, fr, zh, ja, ko, ru, de …) hoặc tên (Tiếng Anh, Tiếng Pháp …).",
            note_en="The code (en, fr, zh, ja, ko, ru, de …) or the name (English, French …).",
        ),
        Column(
            "dated",
            "Ngày cấp",
            "Dated",
            Date(),
            required=True,
            also=("Ngày thi hoặc ngày cấp",),
            example="10/02/2025",
            note_vi="Được tính từ ngày này, sau khi được công nhận.",
            note_en="Counts from this day, once accepted.",
        ),
        Column(
            "test", "Bài thi", "Test", Text(80), also=("Tên chứng chỉ", "Kỳ thi"), example="IELTS"
        ),
        Column(
            "certificate_number",
            "Số hiệu",
            "Certificate number",
            Code(max_length=80),
            also=("Số chứng chỉ", "Số hiệu văn bằng, chứng chỉ"),
            example="25VN000001",
        ),
        Column(
            "issued_by",
            "Nơi cấp",
            "Issued by",
            Text(300),
            also=("Đơn vị cấp", "Cơ quan cấp"),
            example="British Council",
        ),
        Column(
            "expires_on",
            "Ngày hết hạn",
            "Expires on",
            Date(open_ended=True),
            also=("Có giá trị đến", "Hết hạn"),
            example="09/02/2027",
        ),
        Column("scores/overall", "Điểm chung", "Overall", Number(), also=("Tổng điểm",)),
        Column("scores/listening", "Nghe", "Listening", Number(), also=("Điểm | Nghe",)),
        Column("scores/reading", "Đọc", "Reading", Number(), also=("Điểm | Đọc",)),
        Column("scores/writing", "Viết", "Writing", Number(), also=("Điểm | Viết",)),
        Column("scores/speaking", "Nói", "Speaking", Number(), also=("Điểm | Nói",)),
        Column(
            "scores/grade",
            "Hạng",
            "Grade",
            Text(80),
            also=("Xếp hạng", "Cấp độ"),
            note_vi="Cho bài thi ghi hạng thay vì điểm, ví dụ HSK 4, N3, B2.",
            note_en="For tests that name a grade instead of a score: HSK 4, N3, B2.",
        ),
        Column("degree", "Tên văn bằng", "Degree", Text(300), also=("Văn bằng",)),
        Column("field", "Chuyên ngành", "Field", Text(300), also=("Lĩnh vực",)),
        Column(
            "agency_code",
            "Mã cơ quan nộp",
            "Filing agency",
            Code(max_length=80),
            also=("Mã cơ quan", "Mã đơn vị", "Agency code"),
            note_vi="Để trống: cơ quan của người nộp.",
            note_en="Empty: the caller's own.",
        ),
    ),
)

EVIDENCE_LIST: Final = SheetLayout(
    "Minh chứng",
    "Evidence",
    (
        REGISTER_LIST.column("holder/identity_number", as_field="person/identity_number"),
        *map(EVIDENCE_SHEET.column, ("person/full_name", "person/birth_date", "kind", "language")),
        *map(EVIDENCE_SHEET.column, ("dated", "test", "certificate_number", "issued_by")),
        *map(EVIDENCE_SHEET.column, ("expires_on", "scores/overall", "scores/listening")),
        *map(EVIDENCE_SHEET.column, ("scores/reading", "scores/writing", "scores/speaking")),
        *map(EVIDENCE_SHEET.column, ("scores/grade", "degree", "field")),
        EVIDENCE_SHEET.column("agency_code", as_field="filed_by"),
        Column("status", "Tình trạng", "Status", _STATUS),
        REGISTER_LIST.column("level"),
        Column("acceptance/decision_number", "Quyết định công nhận", "Accepted by", Code()),
        Column("acceptance/decided_on", "Ngày công nhận", "Accepted on", Date()),
        Column("withdrawal/decision_number", "Quyết định rút", "Withdrawn by", Code()),
        Column("withdrawal/decided_on", "Ngày rút", "Withdrawn on", Date()),
        Column("evidence_id", "Mã minh chứng", "Evidence id", Code()),
    ),
)
