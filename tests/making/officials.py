"""Officials, assignments and rows as the rules of enrolment see them, without a database."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import msgspec

from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.officials.hidden_numbers import KeyedIdentity
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import GivenPost, Post, settled
from services.enrolment.directory.officials.rows import AssignmentPart, OfficialRow
from services.enrolment.directory.officials.submission import Submission, submission
from shared.contracts.events import OfficialAttributes
from shared.security.person_key import PersonIdentity, PersonKeys
from shared.security.principal import Principal

KEYS = PersonKeys(b"k" * 32)
BORN = "1985-03-02"
NUMBER = "001185000001"
OTHER_NUMBER = "001185000002"

BELONGINGS = {
    "X.A": Belonging(("X.A", "X"), "state"),
    "X.P": Belonging(("X.P", "X"), "party"),
    "Y.A": Belonging(("Y.A", "Y"), "state"),
    "Y.B": Belonging(("Y.B", "Y"), "state"),
}


def clerk(agency: str, **more: Any) -> Principal:
    return Principal("clerk", "agency", agency=agency, **more)


def given(
    body: str, first: dt.date = dt.date(2018, 9, 1), last: dt.date | None = None, **more: Any
) -> GivenPost:
    values: dict[str, Any] = {
        "status": "public_employee",
        "position_title": "Chuyên viên",
        "leadership": None,
        "requires_language": False,
        "requires_language_basis": None,
        "job_position_code": None,
        "posting": "regular",
        "primary": True,
        "language_teacher": None,
        "foreign_affairs": None,
        "language_qualified_post": None,
    }
    return GivenPost(agency_code=body, valid_from=first, given_to=last, **values | more)


def posts(*each: GivenPost) -> list[Post]:
    return settled([Post(uuid4(), one, one.given_to) for one in each])


def keyed(number: str = NUMBER, born: str = BORN) -> KeyedIdentity:
    identity = PersonIdentity.citizen(number)
    return KeyedIdentity(identity, *KEYS.both(identity, born))


def official(*each: GivenPost, **more: Any) -> Official:
    values: dict[str, Any] = {
        "version": 3,
        "identity": keyed(),
        "former": (),
        "record_code": None,
        "full_name": "Lê Thị Bé",
        "birth_date": BORN,
        "sex": "female",
        "attributes": OfficialAttributes(),
        "absences": (),
    }
    return Official(official_code="O-1", posts=posts(*(each or (given("X.A"),))), **values | more)


def row(body: str | None = "X.A", first: dt.date = dt.date(2018, 9, 1), **more: Any) -> Submission:
    """A row of the official that :func:`official` makes; ``assignment``: changes of its assignment."""
    part = None
    if body is not None:
        part = AssignmentPart(
            agency_code=body,
            status="public_employee",
            position_title="Chuyên viên",
            valid_from=first,
        )
        part = msgspec.structs.replace(part, **more.pop("assignment", {}))
    values: dict[str, Any] = {
        "citizen_id": NUMBER,
        "full_name": "Lê Thị Bé",
        "birth_date": BORN,
        "assignments": () if part is None else (part,),
    }
    made = submission(OfficialRow(official_code="O-1", **values | more), KEYS)
    assert not made.problems, made.problems
    return made
