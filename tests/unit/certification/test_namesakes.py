"""One candidate under two identities in one session."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from services.certification.framework.documents import Rulebook
from services.certification.names import folded_name, plain_name, spellings
from services.certification.sheets.judging import Judge, Sheet
from services.certification.sheets.namesakes import namesakes_among
from services.certification.sheets.schemas import EXAMPLE_RESULT, ResultBody
from shared.security.person_key import PersonKeys

JUDGE = Judge(Rulebook.load(), PersonKeys(b"k" * 32))


def sheet(number: int, **changes: Any) -> Sheet:
    candidate = EXAMPLE_RESULT["candidate"] | {
        "number": f"{number:04d}",
        "citizen_id": f"0381900{number:05d}",
    }
    session = EXAMPLE_RESULT["exam_session"] | {"code": changes.pop("session", "S1")}
    body = EXAMPLE_RESULT | {"candidate": candidate | changes, "exam_session": session}
    return JUDGE(msgspec.convert(body, ResultBody), dt.date(2026, 4, 1))


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ({}, [1]),
        ({"full_name": "NGUYỄN THỊ VÍ DỤ"}, [1]),
        ({"session": " s1"}, [1]),
        ({"citizen_id": "038190000001"}, []),
        ({"birth_date": "1990-05-03"}, []),
        ({"full_name": "Nguyễn Thị Ví"}, []),
        ({"session": "S2"}, []),
    ],
)
def test_the_second_identity_of_one_name_and_birth_date_is_found(
    second: dict[str, str], found: list[int]
) -> None:
    assert list(namesakes_among([sheet(1), sheet(2, **second)])) == found


def test_of_three_each_but_the_first_is_found() -> None:
    assert list(namesakes_among([sheet(1), sheet(2), sheet(3)])) == [1, 2]


def test_names_are_kept_and_compared_in_one_form() -> None:
    decomposed = "Nguye\u0302\u0303n  Thi\u0323 "
    assert plain_name(decomposed) == "Nguyễn Thị"
    assert folded_name("NGUYỄN  thị") == folded_name(decomposed)
    assert spellings("Nguyễn thị") == ("Nguyễn thị", "NGUYỄN THỊ", "Nguyễn Thị")
