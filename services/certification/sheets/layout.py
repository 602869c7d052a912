"""Exam results as a sheet: one candidate on each row."""

from __future__ import annotations

from typing import Final

from services.certification.framework.language_names import LANGUAGE_NAMES
from services.certification.framework.level_names import LEVEL_NAMES
from shared.imports.layout import (
    Choice,
    Code,
    Column,
    Date,
    Number,
    Option,
    SheetLayout,
)
from shared.imports.person_columns import birth_date, citizen_number, full_name, other_identity

_ATTENDANCE: Final = Choice(
    (
        Option("present", "có mặt", "present", ("dự thi",)),
        Option("absent", "vắng", "absent", ("vắng thi",)),
        Option("excused", "vắng có lý do", "excused"),
        Option("suspended", "đình chỉ", "suspended"),
        Option("annulled", "hủy kết quả", "annulled"),
    )
)

RESULT_SHEET: Final = SheetLayout(
    "Kết quả thi",
    "Exam results",
    (
        Column(
            "institution_code",
            "Mã đơn vị tổ chức thi",
            "Institution",
            Code(),
            required=True,
            also=("Đơn vị tổ chức thi", "Mã đơn vị"),
            example="VINH",
        ),
        Column(
            "exam_session/code",
            "Mã kỳ thi",
            "Session",
            Code(never_a_date=True),
            required=True,
            also=("Đợt thi", "Kỳ thi"),
            example="K10.2026",
        ),
        Column(
            "exam_session/held_on",
            "Ngày thi",
            "Exam day",
            Date(),
            required=True,
            example="24/10/2026",
        ),
        Column(
            "exam_session/framework",
            "Khung năng lực",
            "Framework",
            Code(),
            note_vi="Để trống: khung có hiệu lực vào ngày thi.",
            note_en="Empty: the framework in force on the day of the exam.",
        ),
        Column(
            "format",
            "Định dạng đề thi",
            "Format",
            Code(),
            required=True,
            also=("Bài thi",),
            example="VSTEP.3-5",
        ),
        Column(
            "language",
            "Ngoại ngữ (mã)",
            "Language",
            Code(names=LANGUAGE_NAMES),
            required=True,
            also=("Mã ngoại ngữ", "Môn ngoại ngữ", "Ngôn ngữ"),
            example="en",
            note_vi="Mã (en, fr, zh, ja, ko, ru, de …) hoặc tên (Tiếng Anh, Tiếng Pháp …).",
            note_en="The code (en, fr, zh, ja, ko, ru, de …) or the name (English, French …).",
        ),
        Column(
            "candidate/number",
            "Số báo danh",
            "Candidate number",
            Code(never_a_date=True),
            required=True,
            also=("SBD",),
            example="0001",
        ),
        citizen_number("candidate/citizen_id"),
        *other_identity("candidate/identity"),
        full_name("candidate/full_name", 200),
        birth_date("candidate/birth_date", Date()),
        Column(
            "candidate/attendance",
            "Tình trạng dự thi",
            "Attendance",
            _ATTENDANCE,
            also=("Ghi chú dự thi",),
            note_vi="Để trống: có mặt.",
            note_en="Empty: present.",
        ),
        Column(
            "scores/listening",
            "Nghe",
            "Listening",
            Number(),
            also=("Điểm nghe", "Điểm | Nghe"),
            example="6,5",
        ),
        Column(
            "scores/reading",
            "Đọc",
            "Reading",
            Number(),
            also=("Điểm đọc", "Điểm | Đọc"),
            example="7",
        ),
        Column(
            "scores/writing",
            "Viết",
            "Writing",
            Number(),
            also=("Điểm viết", "Điểm | Viết"),
            example="5,5",
        ),
        Column(
            "scores/speaking",
            "Nói",
            "Speaking",
            Number(),
            also=("Điểm nói", "Điểm | Nói"),
            example="6",
        ),
        Column(
            "issued_on",
            "Ngày cấp",
            "Issued on",
            Date(),
            also=("Ngày cấp chứng chỉ",),
            note_vi="Để trống: hôm nay.",
            note_en="Empty: today.",
        ),
        Column(
            "claimed_level",
            "Bậc khai",
            "Claimed level",
            LEVEL_NAMES,
            also=("Bậc", "Bậc đạt", "Bậc đạt được", "Xếp bậc", "Bậc năng lực"),
            note_vi="Nếu ghi, phải bằng bậc tính theo điểm; không đạt bậc nào: để trống.",
            note_en="If given, it must be the level that the scores come to; none reached: leave it empty.",
        ),
        Column("certificate/serial", "Số hiệu", "Serial", Code(max_length=80)),
        Column("certificate/register_number", "Số vào sổ", "Register number", Code(max_length=80)),
        Column("certificate/register_book", "Tên sổ gốc", "Register book", Code(max_length=80)),
        Column(
            "certificate/decision_number",
            "Số quyết định",
            "Decision number",
            Code(max_length=80),
            also=("Số quyết định cấp", "Số quyết định công nhận"),
        ),
        Column(
            "certificate/decided_on",
            "Ngày quyết định",
            "Decided on",
            Date(),
            also=("Ngày ký quyết định",),
        ),
    ),
)
