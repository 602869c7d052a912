"""The pages that a browser gets of public verification, in Vietnamese or English. They need no script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.certification.framework.language_names import language_name
from services.certification.framework.level_names import level_name
from services.certification.framework.levels import Framework
from services.certification.registry.status import status_words
from services.certification.verification.schemas import VerificationView
from shared.clock import VIETNAM
from shared.contracts.problem import Language

START: Final = "/v1/verify"

HolderNote = Literal["mismatch", "match", "spent", "empty", "no_date"]
"""What is said above the form in which the holder's name or birth date is given."""

Tone = Literal["good", "bad", "wait"]
Form = Literal["serial", "holder"] | None
"""What is asked on the page."""
_NOTE_TONES: Final[dict[HolderNote, Tone]] = {"match": "good", "mismatch": "bad"}


def _page_of(serial: str) -> str:
    return f"{START}/{quote(serial)}"


def _template_of_page() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["page_of"] = _page_of
    return environment.get_template("page.html")


_PAGE: Final = _template_of_page()

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "vi": {
        "header": "Tra cứu chứng chỉ ngoại ngữ theo Khung năng lực ngoại ngữ dùng cho Việt Nam",
        "footer": (
            "Thông tin lấy trực tiếp từ sổ gốc điện tử vào lúc tra cứu. Không hiển thị số định danh, "
            "ngày sinh và điểm thi."
        ),
        "other": "en",
        "switch": "English",
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
        "header": "Foreign-language certificates of the 6-level framework of Vietnam",
        "footer": (
            "Read from the electronic register at this moment. Identity number, birth date and scores "
            "are not shown."
        ),
        "other": "vi",
        "switch": "Tiếng Việt",
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
    """One line of the page. ``serial`` is that of the certificate it links to."""

    label: str
    text: str
    serial: str | None = None


class _Answer(NamedTuple):
    """What the page says of a serial."""

    tone: Tone
    status: str
    heading: str
    level: str
    facts: Sequence[_Fact] = ()


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
    place = 0 if language == "vi" else 1
    tone: Tone = "good" if view.status in ("valid", "corrected") else "bad"
    if view.status == "suspended":
        tone = "wait"
    level = view.level_vi if language == "vi" else level_name(view.level)[1]
    spoken = language_name(view.language)[place]
    answer = _Answer(
        tone=tone,
        status=status_words(view.status, replaced=view.superseded_by is not None)[place],
        heading=view.holder_name or view.serial,
        level=f"{level} ({view.cefr}) · {spoken}",
        facts=list(_facts(view, framework, language)),
    )
    form: Form = "holder" if asks_holder else None
    return _page(language, view.serial, answer, asked_at, form=form, note=note)


def _facts(view: VerificationView, framework: Framework, language: Language) -> Iterator[_Fact]:
    vietnamese = language == "vi"
    issuer = view.institution_code
    if view.institution_name is not None:
        issuer = f"{view.institution_name} ({view.institution_code})"
    title = framework.title_vi if vietnamese else framework.title_en
    facts = (
        ("Số hiệu", "Serial", view.serial, None),
        (
            "Số vào sổ gốc",
            "Register number",
            f"{view.register_number} ({view.register_book})",
            None,
        ),
        ("Đơn vị cấp", "Issued by", issuer, None),
        ("Khung năng lực", "Framework", f"{title} ({framework.code})", None),
        ("Ngày thi", "Exam held on", _day(view.held_on, language), None),
        ("Ngày cấp", "Issued on", _day(view.issued_on, language), None),
        ("Hết hạn", "Valid until", _day(view.valid_until, language), None),
        ("Ngày quyết định", "Decided on", _day(view.decided_on, language), None),
        ("Thay cho chứng chỉ", "Replaces", view.supersedes, view.supersedes),
        ("Được thay bằng", "Replaced by", view.superseded_by, view.superseded_by),
    )
    for vi, en, text, serial in facts:
        if text is not None:
            yield _Fact(vi if vietnamese else en, text, serial)


def start_page(language: Language) -> str:
    """Where a serial is typed."""
    return _rendered(language, _WORDS[language]["title"], here=START, form="serial")


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
    answer = _Answer("bad", status, serial, mistyped if misspelt else unknown)
    return _page(language, serial, answer, asked_at, form="serial", near=near)


def several_page(serial: str, language: Language, asked_at: dt.datetime) -> str:
    """The page of a serial that several old lines have."""
    status, advice = _SEVERAL[language]
    answer = _Answer("wait", status, serial, advice)
    return _page(language, serial, answer, asked_at, form="serial")


def too_often_page(serial: str, language: Language, asked_at: dt.datetime) -> str:
    status, advice = _TOO_OFTEN[language]
    answer = _Answer("wait", status, serial, advice)
    return _page(language, serial, answer, asked_at, form="serial")


def _page(
    language: Language,
    serial: str,
    answer: _Answer,
    asked_at: dt.datetime,
    *,
    form: Form,
    note: HolderNote | None = None,
    near: Sequence[str] = (),
) -> str:
    there = asked_at.astimezone(VIETNAM)
    return _rendered(
        language,
        f"{_WORDS[language]['title']} {serial}",
        here=_page_of(serial),
        answer=answer,
        asked_at=f"{there:%H:%M} {_day(there.date(), language)}",
        serial=serial,
        form=form,
        note=note,
        near=near,
    )


def _rendered(
    language: Language,
    title: str,
    *,
    here: str,
    form: Form,
    answer: _Answer | None = None,
    asked_at: str | None = None,
    serial: str | None = None,
    note: HolderNote | None = None,
    near: Sequence[str] = (),
) -> str:
    """``here``: the address of the page, which stands in either language."""
    text: str = _PAGE.render(
        language=language,
        words=_WORDS[language],
        title=title,
        start=START,
        here=here,
        answer=answer,
        asked_at=asked_at,
        serial=serial,
        form=form,
        note=note,
        note_tone=None if note is None else _NOTE_TONES.get(note, "wait"),
        near=near,
    )
    return text


def _day(day: dt.date | None, language: Language) -> str | None:
    if day is None:
        return None
    return f"{day:%d/%m/%Y}" if language == "vi" else day.isoformat()
