"""What a batch of sheets will write, worked out from what a process knows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from services.certification.framework.documents import Rulebook
from services.certification.recording.book_ends import BookEnd
from services.certification.recording.drafting import Drafter
from services.certification.recording.known_rows import KnownRows
from services.certification.recording.rows import SessionKey, SessionRow
from services.certification.registry.rows import BookKey, BookRow
from services.certification.registry.serials import FRAMEWORK_CERTIFICATE, load_book_kinds
from services.certification.sheets.judging import Judge, Sheet
from services.certification.sheets.schemas import EXAMPLE_RESULT, ResultBody
from shared.security.person_key import PersonKeys

TODAY = dt.date(2026, 4, 1)
NOW = dt.datetime(2026, 4, 1, 5, tzinfo=dt.UTC)
JUDGE = Judge(Rulebook.load(), PersonKeys(b"k" * 32))
SESSION = SessionKey("VINH", "VSTEP-2026-03")
BOOK = BookKey("VINH", FRAMEWORK_CERTIFICATE, 2026)
HELD_ON = dt.date(2026, 3, 15)


def sheet(number: int = 1, **changes: Any) -> Sheet:
    candidate = EXAMPLE_RESULT["candidate"] | {
        "number": f"{number:04d}",
        "citizen_id": f"0381900{number:05d}",
    }
    body = EXAMPLE_RESULT | {"candidate": candidate, "claimed_level": None} | changes
    return JUDGE(msgspec.convert(body, ResultBody), TODAY)


def known(**of_session: Any) -> KnownRows:
    """A session and a book that ends with line 7, issued the day before."""
    rows = KnownRows()
    session = {
        "session_id": 3,
        "code": SESSION.code,
        "held_on": HELD_ON,
        "framework": "KNLNNVN-2014",
        "issuance": "on_posting",
        "status": "open",
    }
    rows.learn({SESSION: SessionRow(**{**session, **of_session})}, {BOOK: BookRow(5, "bac")})
    rows.book_ends.expect({5: BookEnd(7, TODAY - dt.timedelta(days=1))})
    return rows


def drafter(rows: KnownRows) -> Drafter:
    return Drafter(JUDGE, load_book_kinds()[FRAMEWORK_CERTIFICATE], rows)


def test_lines_follow_the_end_of_the_book_in_the_order_of_the_sheets() -> None:
    rows = known()
    draft = drafter(rows).draft([sheet(1), sheet(2)], NOW)
    assert draft is not None
    entries = [row.entry for row in draft.rows if row.entry is not None]
    assert [entry.line for entry in entries] == [8, 9]
    assert [entry.register_number for entry in entries] == ["8", "9"]
    assert draft.before == {5: BookEnd(7, TODAY - dt.timedelta(days=1))}
    assert draft.after == {5: BookEnd(9, TODAY)}
    assert [answer.certificate.serial for answer in draft.answers if answer.certificate] == [
        entry.serial for entry in entries
    ]


def test_the_next_batch_begins_where_a_drafted_one_will_end() -> None:
    rows = known()
    drafter(rows).draft([sheet(1)], NOW)
    following = drafter(rows).draft([sheet(2)], NOW)
    assert following is not None
    assert following.before == {5: BookEnd(8, TODAY)}


def test_a_sheet_below_every_level_takes_no_line() -> None:
    low = sheet(scores=dict.fromkeys(("listening", "reading", "writing", "speaking"), 1.0))
    draft = drafter(known()).draft([low], NOW)
    assert draft is not None
    assert draft.rows[0].entry is None
    assert (draft.answers[0].level, draft.answers[0].certificate) == (None, None)
    assert (draft.before, draft.after) == ({}, {})


def test_a_certificate_of_an_earlier_day_than_the_line_above_is_a_late_entry() -> None:
    late = sheet(issued_on=(TODAY - dt.timedelta(days=5)).isoformat())
    draft = drafter(known()).draft([late, sheet(2)], NOW)
    assert draft is not None
    assert [row.entry.late_entry for row in draft.rows if row.entry] == [True, False]


def test_what_this_process_does_not_know_cannot_be_drafted() -> None:
    without_session, without_end = KnownRows(), known()
    without_end.book_ends.drop([5])
    assert drafter(without_session).draft([sheet()], NOW) is None
    assert drafter(without_end).draft([sheet()], NOW) is None
    assert drafter(known()).draft([sheet(institution_code="HUE")], NOW) is None


@pytest.mark.parametrize(
    "of_session",
    [{"held_on": dt.date(2026, 3, 16)}, {"issuance": "on_decision"}, {"status": "closed"}],
)
def test_a_session_that_is_otherwise_is_asked_of_the_database(of_session: dict[str, Any]) -> None:
    assert drafter(known(**of_session)).draft([sheet()], NOW) is None


def test_one_number_or_one_person_twice_in_a_batch_is_asked_of_the_database() -> None:
    person = sheet(1).body.candidate.citizen_id
    same_number = sheet(2, candidate=EXAMPLE_RESULT["candidate"] | {"number": "0001"})
    same_person = sheet(
        2, candidate=EXAMPLE_RESULT["candidate"] | {"number": "0002", "citizen_id": person}
    )
    assert drafter(known()).draft([sheet(1), same_number], NOW) is None
    assert drafter(known()).draft([sheet(1), same_person], NOW) is None


def test_a_book_of_other_numbering_is_asked_of_the_database() -> None:
    own = sheet(certificate={"serial": "A1", "register_number": "01"})
    assert drafter(known()).draft([own], NOW) is None
