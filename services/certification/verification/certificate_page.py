"""The pages that a browser gets of public verification, in Vietnamese or English. They need no script."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Final, Literal, NamedTuple
from urllib.parse import quote

from services.certification.framework.language_names import language_name
from services.certification.framework.level_names import level_name
from services.certification.framework.levels import Framework
from services.certification.registry.status import status_words
from services.certification.verification.schemas import VerificationView
from shared.clock import VIETNAM
from shared.contracts.problem import Language

START: Final = "/v1/verify"

_PAGE: Final = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))

HolderNote = Literal["mismatch", "match", "spent", "empty", "no_date"]
"""What is said above the form in which the holder's name or birth date is given."""

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "header": "Tra cứu chứng chỉ ngoại ngữ theo Khung năng lực ngoại ngữ dùng cho Việt Nam",
        "footer": (
            "Thông tin lấy trực tiếp từ sổ gốc điện tử vào lúc tra cứu. Không hiển thị số định danh, "
            "ngày sinh và điểm thi."
        ),
        "other": "en",
        "switch": "English",
    },
    "en": {
        "header": "Foreign-language certificates of the 6-level framework of Vietnam",
        "footer": (
            "Read from the electronic register at this moment. Identity number, birth date and scores "
            "are not shown."
        ),
        "other": "vi",
        "switch": "Tiếng Việt",
    },
}
_TEXTS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "title": "Tra cứu chứng chỉ",
        "asked_at": "Tra cứu lúc",
        "another": "Tra cứu chứng chỉ khác",
        "how": "Nhập số hiệu ghi trên chứng chỉ. Chữ hoa hay chữ thường, có hay không có dấu cách đều được.",
        "serial": "Số hiệu",
        "look_up": "Tra cứu",
        "holder": "Người được cấp chứng chỉ",
        "why": (
            "Họ tên người được cấp chỉ hiện ra khi bạn nhập đúng họ tên hoặc ngày sinh ghi trên chứng chỉ."
        ),
        "full_name": "Họ và tên",
        "birth_date": "Ngày sinh",
        "form_of_day": "ngày/tháng/năm, ví dụ 02/05/1990",
        "compare": "Đối chiếu",
        "meant": "Có phải ý bạn là",
        "several_near": (
            "Có nhiều số hiệu gần giống. Hãy xem kỹ chữ O và số 0, chữ I, l và số 1, dấu gạch và các số 0 đứng đầu."
        ),
        "mismatch": "Họ tên hoặc ngày sinh không khớp với chứng chỉ này. Hãy kiểm tra lại.",
        "match": "Thông tin bạn nhập khớp với người được cấp chứng chỉ.",
        "spent": (
            "Hôm nay đã nhập sai quá nhiều lần nên họ tên không được đối chiếu nữa; ngày mai hãy thử lại. "
            "Trạng thái của chứng chỉ ở trên vẫn đúng."
        ),
        "empty": "Hãy nhập họ tên hoặc ngày sinh.",
        "no_date": "Ngày sinh phải ghi theo dạng ngày/tháng/năm, ví dụ 02/05/1990.",
    },
    "en": {
        "title": "Certificate",
        "asked_at": "Looked up at",
        "another": "Look up another certificate",
        "how": "Type the serial printed on the certificate. Capitals or small letters, with or without spaces.",
        "serial": "Serial",
        "look_up": "Look up",
        "holder": "Holder of the certificate",
        "why": "The holder's name is shown to who gives the name or the birth date printed on the certificate.",
        "full_name": "Full name",
        "birth_date": "Date of birth",
        "form_of_day": "day/month/year, such as 02/05/1990",
        "compare": "Compare",
        "meant": "Did you mean",
        "several_near": (
            "Several serials are like this one. Look at O and 0, at I, l and 1, at separators and leading zeros."
        ),
        "mismatch": "The name or the birth date is not that of this certificate. Please check it.",
        "match": "What you gave is that of the holder of the certificate.",
        "spent": (
            "Too many wrong names or birth dates were given today, so the holder is not compared any more; "
            "please try tomorrow. What is said above of the certificate stands."
        ),
        "empty": "Please give the name or the birth date.",
        "no_date": "A birth date reads day/month/year, such as 02/05/1990.",
    },
}
_NOT_FOUND: Final[dict[Language, tuple[str, str, str]]] = {
    "vi": (
        "Không tìm thấy",
        "Không có chứng chỉ nào mang số hiệu này trong sổ gốc. Hãy kiểm tra lại từng ký tự.",
        (
            "Số hiệu này có lẽ gõ nhầm: ký tự kiểm tra ở cuối không khớp. Hãy xem lại từng ký tự, nhất là chữ O "
            "và số 0, chữ I, l và số 1."
        ),
    ),
    "en": (
        "Not found",
        "No certificate in the register has this serial. Please check every character.",
        (
            "The serial is probably mistyped: its check character at the end does not fit. Please check every "
            "character, most of all O and 0, I, l and 1."
        ),
    ),
}


_TOO_OFTEN: Final[dict[Language, tuple[str, str]]] = {
    "vi": ("Tra cứu quá nhanh", "Hãy chờ một lát rồi tải lại trang này."),
    "en": ("Too many look-ups", "Please wait a little, then load this page again."),
}


_SEVERAL: Final[dict[Language, tuple[str, str]]] = {
    "vi": (
        "Nhiều chứng chỉ cùng số hiệu",
        "Trong sổ gốc có nhiều dòng cũ mang số hiệu này. Hãy hỏi đơn vị cấp chứng chỉ.",
    ),
    "en": (
        "Several certificates have this serial",
        "Old lines of the register have this serial alike. Please ask the institution that issued it.",
    ),
}


class _Fact(NamedTuple):
    """One line of the page; left out where there is no ``text``. ``of`` is the serial it links to."""

    vi: str
    en: str
    text: str | None
    of: str | None = None


def found_page(
    view: VerificationView,
    framework: Framework,
    language: Language,
    asked_at: dt.datetime,
    *,
    asks_holder: bool,
    note: HolderNote | None = None,
) -> str:
    """``view`` says already whether the holder is named; ``asked_at`` is any aware instant. ``asks_holder``:
    the holder is named to who gives the name or the birth date."""
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
        below=_holder_form(view, language, note) if asks_holder else "",
    )


def start_page(language: Language) -> str:
    """Where a serial is typed."""
    words = _TEXTS[language]
    form = _serial_form(language)
    content = f"<section>\n<h1>{words['title']}</h1>\n<p>{words['how']}</p>\n{form}\n</section>"
    return _whole(language, words["title"], content, footer=_WORDS[language]["footer"], here=START)


def unknown_page(
    serial: str,
    language: Language,
    asked_at: dt.datetime,
    *,
    misspelt: bool,
    near: Sequence[str] = (),
) -> str:
    """``misspelt``: the serial has the system's form, but not its check character. The one that is ``near`` is
    offered; of several nobody is named."""
    status, unknown, mistyped = _NOT_FOUND[language]
    offer = ""
    if len(near) > 1:
        offer = (
            f'<section>\n<p class="note wait">{_TEXTS[language]["several_near"]}</p>\n</section>'
        )
    elif near:
        (meant,) = near
        link = f'<a href="{START}/{quote(meant)}?lang={language}">{html.escape(meant)}</a>'
        offer = (
            f'<section>\n<p class="note wait">{_TEXTS[language]["meant"]} {link}</p>\n</section>'
        )
    return _page(
        language,
        serial,
        tone="bad",
        status=status,
        heading=serial,
        level=mistyped if misspelt else unknown,
        facts=[],
        asked_at=asked_at,
        below=offer,
    )


def several_page(serial: str, language: Language, asked_at: dt.datetime) -> str:
    """Of old lines that have this serial alike."""
    status, advice = _SEVERAL[language]
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
    below: str = "",
) -> str:
    lines = [_line(fact, language) for fact in facts if fact.text is not None]
    there = asked_at.astimezone(VIETNAM)
    words = _TEXTS[language]
    content = [
        "<article>",
        f'<div class="status {tone}" role="status">{html.escape(status)}</div>',
        f"<h1>{html.escape(heading)}</h1>",
        f'<p class="level">{html.escape(level)}</p>',
        *(["<dl>", *lines, "</dl>"] if lines else []),
        "</article>",
        below,
    ]
    if not facts:
        content.append(f"<section>\n<p>{words['how']}</p>\n{_serial_form(language)}\n</section>")
    asked = f"{words['asked_at']} {there:%H:%M} {_day(there.date(), language)} (UTC+7)."
    another = f'<a href="{START}?lang={language}">{words["another"]}</a>'
    return _whole(
        language,
        f"{words['title']} {serial}",
        "\n".join(filter(None, content)),
        footer=f"{_WORDS[language]['footer']} {asked}" + (f"<br>{another}" if facts else ""),
        here=f"{START}/{quote(serial)}",
    )


def _whole(language: Language, title: str, content: str, *, footer: str, here: str) -> str:
    """``content`` and ``footer`` are HTML; ``here`` is the page in either language."""
    words = _WORDS[language]
    return _PAGE.substitute(
        {**words, "footer": footer},
        language=language,
        title=html.escape(title),
        content=content,
        switch_to=html.escape(f"{here}?lang={words['other']}"),
    )


def _serial_form(language: Language) -> str:
    words = _TEXTS[language]
    return (
        f'<form action="{START}" method="get">\n'
        f'<input type="hidden" name="lang" value="{language}">\n'
        f'<label>{words["serial"]} <input name="serial" maxlength="80" required autocomplete="off"'
        ' autocapitalize="characters" spellcheck="false" placeholder="VINH.2026.000069.V"></label>\n'
        f"<button>{words['look_up']}</button>\n</form>"
    )


def _holder_form(view: VerificationView, language: Language, note: HolderNote | None) -> str:
    """Sent in a body: neither name nor birth date ever stands in an address."""
    words = _TEXTS[language]
    said = ""
    if note is not None:
        tone = {"match": "good", "mismatch": "bad"}.get(note, "wait")
        said = f'<p class="note {tone}" role="alert">{words[note]}</p>\n'
    if note in ("match", "spent"):
        return f"<section>\n{said.rstrip()}\n</section>"
    return (
        f"<section>\n<h2>{words['holder']}</h2>\n{said}<p>{words['why']}</p>\n"
        f'<form action="{START}?lang={language}" method="post" autocomplete="off">\n'
        f'<input type="hidden" name="serial" value="{html.escape(view.serial)}">\n'
        f'<label>{words["full_name"]} <input name="full_name" maxlength="200"></label>\n'
        f'<label>{words["birth_date"]} <input name="birth_date" maxlength="10" inputmode="text"'
        f' placeholder="{words["form_of_day"]}"></label>\n'
        f"<button>{words['compare']}</button>\n</form>\n</section>"
    )


def _line(fact: _Fact, language: Language) -> str:
    shown = html.escape(fact.text or "")
    if fact.of is not None:
        shown = f'<a href="{START}/{quote(fact.of)}?lang={language}">{shown}</a>'
    return f"<dt>{fact.vi if language == 'vi' else fact.en}</dt><dd>{shown}</dd>"


def _day(day: dt.date | None, language: Language) -> str | None:
    if day is None:
        return None
    return f"{day:%d/%m/%Y}" if language == "vi" else day.isoformat()
