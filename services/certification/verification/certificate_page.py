"""The page that a browser gets for one certificate, in Vietnamese or English."""

from __future__ import annotations

import datetime as dt
import html
from pathlib import Path
from string import Template
from typing import Final

from services.certification.registry.standing import status_words
from services.certification.verification.schemas import VerificationView
from shared.contracts.problem import Language

_PAGE: Final = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))

_LANGUAGES: Final[dict[str, tuple[str, str]]] = {
    "en": ("Tiếng Anh", "English"),
    "fr": ("Tiếng Pháp", "French"),
    "de": ("Tiếng Đức", "German"),
    "ru": ("Tiếng Nga", "Russian"),
    "zh": ("Tiếng Trung Quốc", "Chinese"),
    "ja": ("Tiếng Nhật", "Japanese"),
    "ko": ("Tiếng Hàn Quốc", "Korean"),
}
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "title": "Tra cứu chứng chỉ",
        "header": "Tra cứu chứng chỉ ngoại ngữ theo Khung năng lực ngoại ngữ dùng cho Việt Nam",
        "footer": (
            "Thông tin lấy trực tiếp từ sổ gốc điện tử vào lúc tra cứu. Không hiển thị số định danh, "
            "ngày sinh và điểm thi."
        ),
        "other": "en",
        "switch": "English",
    },
    "en": {
        "title": "Certificate",
        "header": "Foreign-language certificates of the 6-level framework of Vietnam",
        "footer": (
            "Read from the electronic register at this moment. Identity number, birth date and scores "
            "are not shown."
        ),
        "other": "vi",
        "switch": "Tiếng Việt",
    },
}
_NOT_FOUND: Final[dict[Language, tuple[str, str]]] = {
    "vi": (
        "Không tìm thấy",
        "Không có chứng chỉ nào mang số hiệu này trong sổ gốc. Hãy kiểm tra lại từng ký tự.",
    ),
    "en": (
        "Not found",
        "No certificate in the register has this serial. Please check every character.",
    ),
}


def found_page(view: VerificationView, language: Language) -> str:
    """``view`` says already whether the holder is named."""
    vietnamese = language == "vi"
    tone = "good" if view.status in ("valid", "corrected") else "bad"
    if view.status == "suspended":
        tone = "wait"
    spoken = _LANGUAGES.get(view.language, (view.language,) * 2)[0 if vietnamese else 1]
    level = view.level_vi if vietnamese else f"Level {view.level}"
    facts = [
        ("Số hiệu", "Serial", view.serial),
        ("Số vào sổ gốc", "Register number", f"{view.register_number} ({view.register_book})"),
        ("Ngoại ngữ", "Language", spoken),
        ("Đơn vị cấp", "Issued by", view.institution_code),
        ("Ngày thi", "Exam held on", _day(view.held_on)),
        ("Ngày cấp", "Issued on", _day(view.issued_on)),
        ("Hết hạn", "Valid until", _day(view.valid_until)),
        ("Ngày quyết định", "Decided on", _day(view.decided_on)),
        ("Thay cho chứng chỉ", "Replaces", view.supersedes),
        ("Được thay bằng", "Replaced by", view.superseded_by),
    ]
    return _page(
        language,
        view.serial,
        tone=tone,
        status=status_words(view.status, replaced=view.superseded_by is not None)[
            0 if vietnamese else 1
        ],
        heading=view.holder_name or view.serial,
        level=f"{level} ({view.cefr}) · {spoken} · {view.framework}",
        rows=[(vi if vietnamese else en, value) for vi, en, value in facts],
    )


def unknown_page(serial: str, language: Language) -> str:
    status, advice = _NOT_FOUND[language]
    return _page(language, serial, tone="bad", status=status, heading=serial, level=advice, rows=[])


def _page(
    language: Language,
    serial: str,
    *,
    tone: str,
    status: str,
    heading: str,
    level: str,
    rows: list[tuple[str, str | None]],
) -> str:
    lines = [f"<dt>{label}</dt><dd>{html.escape(value)}</dd>" for label, value in rows if value]
    return _PAGE.substitute(
        _WORDS[language],
        language=language,
        serial=html.escape(serial),
        tone=tone,
        status=html.escape(status),
        heading=html.escape(heading),
        level=html.escape(level),
        rows="<dl>\n" + "\n".join(lines) + "\n</dl>" if lines else "",
    )


def _day(day: dt.date | None) -> str | None:
    return None if day is None else f"{day.day:02d}/{day.month:02d}/{day.year}"
