"""A judge that has judged thousands of sheets says of the next what a new one would."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.certification.framework.documents import Rulebook
from services.certification.sheets.judging import Judge
from services.certification.sheets.schemas import (
    EXAMPLE_RESULT,
    ResultBody,
)
from shared.contracts.problem import Problem
from shared.security.person_key import PersonKeys

RULEBOOK: Final = Rulebook.load()
KEYS: Final = PersonKeys(b"k" * 32)
EXPERIENCED: Final = Judge(RULEBOOK, KEYS)

scores = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("listening", "reading", "writing", "speaking"),
        st.sampled_from([0, 3.5, 6, 6.25, 8.5, 10, 11]),
    ),
)
days = st.dates(dt.date(2013, 1, 1), dt.date(2027, 1, 1))


def said(judge: Judge, body: ResultBody, today: dt.date) -> Any:
    try:
        sheet = judge(body, today)
    except Problem as problem:
        return problem.code, problem.errors
    return sheet.judged, sheet.rule.id, sheet.framework.code, bytes(sheet.basis), sheet.issued_on


@settings(deadline=None)
@given(
    scores,
    st.sampled_from(["present", "absent"]),
    st.sampled_from(["VSTEP.3-5", "VSTEP.2", "KHAC"]),
    st.sampled_from([None, "KNLNNVN-2014", "KNLNNVN-2026"]),
    days,
    days,
    st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1)),
)
def test_what_was_judged_before_changes_nothing(
    marks: dict[str, float],
    attendance: str,
    exam_format: str,
    framework: str | None,
    held_on: dt.date,
    today: dt.date,
    birth_date: dt.date,
) -> None:
    body = EXAMPLE_RESULT | {
        "format": exam_format,
        "scores": marks,
        "claimed_level": None,
        "exam_session": {"code": "S", "held_on": held_on, "framework": framework},
        "candidate": EXAMPLE_RESULT["candidate"]
        | {"attendance": attendance, "birth_date": birth_date},
    }
    decoded = msgspec.convert(body, ResultBody)
    fresh = said(Judge(RULEBOOK, KEYS), decoded, today)
    assert said(EXPERIENCED, decoded, today) == fresh
    assert said(EXPERIENCED, decoded, today) == fresh
