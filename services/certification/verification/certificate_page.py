"""The page that a browser gets for one certificate, in Vietnamese or English."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Final, NamedTuple
from urllib.parse import quote

from services.certification.framework.language_names import language_name
from services.certification.framework.level_names import level_name
from services.certification.framework.levels import Framework
from services.certification.registry.standing import status_words
from services.certification.verification.schemas import VerificationView
from shared.clock import VIETNAM
from shared.contracts.problem import Language

_PAGE: Final = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "title": "Tra cứu chứng chỉ",
        "header": "Tra cứu chứng chỉ ngoại ngữ theo Khung năng lực ngoại ngữ dùng cho Việt Nam",
        "footer": (
            "Thông tin lấy trực tiếp từ sổ gốc điện tử vào lúc tra cứu. Không hiển thị số định danh, "
            "ngày sinh và điểm thi."
        ),
        "asked_at": "Tra cứu lúc",
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
        "asked_at": "Looked up at",
        "other": "vi",
        "switch": "Tiếng Việt",
    },
}
_NOT_FOUND: Final[dict[Language, tuple[str, str, str]]] = {
    "vi": (
        "Không tìm thấy",
        "Không có chứng chỉ nào mang số hiệu này trong sổ gốc. Hãy kiểm tra lại từng ký tự.",
        "Số hiệu này có lẽ gõ nhầm: ký tự kiểm tra ở cuối không khớp. Hãy kiểm tra lại từng ký tự.",
    ),
    "en": (
        "Not found",
        "No certificate in the register has this serial. Please check every character.",
        "The serial is probably mistyped: its check character at the end does not fit. Please check it.",
    ),
}


_TOO_OFTEN: Final[dict[Language, tuple[str, str]]] = {
    "vi": ("Tra cứu quá nhanh", "Hãy chờ một lát rồi tải lại trang này."),
    "en": ("Too many look-ups", "Please wait a little, then load this page again."),
}


class _Fact(NamedTuple):
    """One line of the page; left out where there is no ``text``. ``of`` is the serial it links to."""

    vi: str
    en: str
    text: str | None
    of: str | None = None


def found_page(
    view: VerificationView, framework: Framework, language: Language, asked_at: dt.datetime
) -> str:
    """``view`` says already whether the holder is named; ``asked_at`` is any aware instant."""
    vietnamese = language == "vi"
    tone = "good" if view.status in ("valid", "corrected") else "bad"
    if view.status == "suspended":
        tone = "wait"
    spoken = language_name(view.language)[0 if vietnamese else 1]
    level = view.level_vi if vietnamese else level_name(view.level)[1]
    issuer = view.institution_code
    if view.institution_name is not None:
        issuer = f"{view.institution_name} ({view.institution_code})"
    title = framework.title_vi if vietnamese else framework.title_en
    return _page(
        language,
        view.serial,
        tone=tone,
        status=status_words(view.status, replaced=view.superseded_by is not None)[
            0 if vietnamese else 1
        ],
        heading=view.holder_name or view.serial,
        level=f"{level} ({view.cefr}) · {spoken}",
        facts=[
            _Fact("Số hiệu", "Serial", view.serial),
            _Fact(
                "Số vào sổ gốc", "Register number", f"{view.register_number} ({view.register_book})"
            ),
            _Fact("Đơn vị cấp", "Issued by", issuer),
            _Fact("Khung năng lực", "Framework", f"{title} ({framework.code})"),
            _Fact("Ngày thi", "Exam held on", _day(view.held_on, language)),
            _Fact("Ngày cấp", "Issued on", _day(view.issued_on, language)),
            _Fact("Hết hạn", "Valid until", _day(view.valid_until, language)),
            _Fact("Ngày quyết định", "Decided on", _day(view.decided_on, language)),
            _Fact("Thay cho chứng chỉ", "Replaces", view.supersedes, view.supersedes),
            _Fact("Được thay bằng", "Replaced by", view.superseded_by, view.superseded_by),
        ],
        asked_at=asked_at,
    )


def unknown_page(serial: str, language: Language, asked_at: dt.datetime, *, misspelt: bool) -> str:
    """``misspelt``: the serial has the system's form, but not its check character."""
    status, unknown, mistyped = _NOT_FOUND[language]
    return _page(
        language,
        serial,
        tone="bad",
        status=status,
        heading=serial,
        level=mistyped if misspelt else unknown,
        facts=[],
        asked_at=asked_at,
    )


def too_often_page(serial: str, language: Language, asked_at: dt.datetime) -> str:
    status, advice = _TOO_OFTEN[language]
    return _page(
        language,
        serial,
        tone="wait",
        status=status,
        heading=serial,
        level=advice,
        facts=[],
        asked_at=asked_at,
    )


def _page(
    language: Language,
    serial: str,
    *,
    tone: str,
    status: str,
    heading: str,
    level: str,
    facts: Sequence[_Fact],
    asked_at: dt.datetime,
) -> str:
    lines = [_line(fact, language) for fact in facts if fact.text is not None]
    there = asked_at.astimezone(VIETNAM)
    words = _WORDS[language]
    return _PAGE.substitute(
        words,
        language=language,
        serial=html.escape(serial),
        tone=tone,
        status=html.escape(status),
        heading=html.escape(heading),
        level=html.escape(level),
        rows="<dl>\n" + "\n".join(lines) + "\n</dl>" if lines else "",
        asked=f"{words['asked_at']} {there:%H:%M} {_day(there.date(), language)} (UTC+7).",
    )


def _line(fact: _Fact, language: Language) -> str:
    shown = html.escape(fact.text or "")
    if fact.of is not None:
        shown = f'<a href="/v1/verify/{quote(fact.of)}?lang={language}">{shown}</a>'
    return f"<dt>{fact.vi if language == 'vi' else fact.en}</dt><dd>{shown}</dd>"


def _day(day: dt.date | None, language: Language) -> str | None:
    if day is None:
        return None
    return f"{day:%d/%m/%Y}" if language == "vi" else day.isoformat()
