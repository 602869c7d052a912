"""The register of certificates as a list to take home."""

from __future__ import annotations

from typing import Final, get_args

from services.certification.framework.language_names import LANGUAGE_NAMES
from services.certification.framework.level_names import LEVEL_NAMES
from services.certification.registry.status import CertificateStatus, status_words
from shared.imports.layout import Boolean, Choice, Code, Column, Date, Option, SheetLayout, Text

_STATUS: Final = Choice(
    tuple(
        Option(status, *status_words(status, replaced=True))
        for status in get_args(CertificateStatus)
    )
)

REGISTER_LIST: Final = SheetLayout(
    "Sổ gốc cấp chứng chỉ",
    "Register of certificates",
    (
        Column("register_book", "Sổ gốc", "Register book", Code()),
        Column("register_number", "Số vào sổ", "Register number", Code()),
        Column("serial", "Số hiệu", "Serial", Code()),
        Column("holder/full_name", "Họ và tên", "Full name", Text()),
        Column("holder/birth_date", "Ngày sinh", "Date of birth", Date()),
        Column("holder/identity_number", "Số giấy tờ tùy thân", "Identity number", Code()),
        Column("language", "Ngoại ngữ", "Language", LANGUAGE_NAMES),
        Column("level", "Bậc", "Level", LEVEL_NAMES),
        Column("framework", "Khung năng lực", "Framework", Code()),
        Column("institution_code", "Mã đơn vị cấp", "Issuing institution", Code()),
        Column("exam_session", "Mã kỳ thi", "Session", Code()),
        Column("held_on", "Ngày thi", "Exam day", Date()),
        Column("issued_on", "Ngày cấp", "Issued on", Date()),
        Column("valid_until", "Ngày hết hạn", "Valid until", Date()),
        Column("status", "Tình trạng", "Status", _STATUS),
        Column("late_entry", "Ghi sau dòng muộn hơn", "Late entry", Boolean()),
        Column("decision_number", "Số quyết định", "Decision number", Code()),
        Column("supersedes", "Thay cho số hiệu", "Replaces", Code()),
        Column("superseded_by", "Được thay bằng số hiệu", "Replaced by", Code()),
    ),
)
