"""What a row may look like, whichever way it is checked."""

import datetime as dt
import hashlib
import hmac
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.directory.officials.submissions import (
    AssignmentPart,
    AttributesPart,
    OfficialRow,
    _checked,
    _plainly_right,
)
from shared.security.person_key import PersonIdentity, PersonKeys

_TEXTS = st.sampled_from(
    [
        "Nguyễn Văn A",
        "",
        " ",
        "\u00a0",
        "a\x00b",
        "tab\tin",
        "x" * 100,
        "x" * 201,
        "x" * 301,
        "\u0301",
    ]
)
_CODES = st.sampled_from(["H15.A-1", "", "-x", "Ô.1", "x" * 64, "x" * 65, "a b", "a\n"])
_DAYS = st.sampled_from(
    [dt.date(1899, 12, 31), dt.date(1900, 1, 1), dt.date(2020, 5, 6), dt.date(2201, 1, 1)]
)
_MAYBE_DAYS = st.one_of(st.none(), _DAYS)


def _row(**fields: Any) -> OfficialRow:
    return OfficialRow(**fields)


_ASSIGNMENTS = st.builds(
    AssignmentPart,
    agency_code=_CODES,
    status=st.just("civil_servant"),
    position_title=_TEXTS,
    requires_language=st.booleans(),
    requires_language_basis=st.sampled_from([None, "area"]),
    job_position_code=st.one_of(st.none(), _CODES),
    posting=st.sampled_from(["regular", "secondment"]),
    primary=st.sampled_from([None, True, False]),
    valid_from=_DAYS,
    valid_to=_MAYBE_DAYS,
)
_ROWS = st.builds(
    _row,
    official_code=_CODES,
    citizen_id=st.sampled_from(
        ["066070000001", " 066070000001", "06607000000", "٠66070000001", None]
    ),
    record_code=st.one_of(st.none(), _TEXTS),
    full_name=_TEXTS,
    birth_date=st.sampled_from(["1980-02-29", "1981-02-29", "1980", "1899", "80", "1980-2-9", ""]),
    sex=st.sampled_from([None, "male", " Nữ ", "x", ""]),
    assignments=st.lists(_ASSIGNMENTS, max_size=2).map(tuple),
    attributes=st.one_of(
        st.none(), st.builds(AttributesPart, language_degree_awarded_on=_MAYBE_DAYS)
    ),
)


@given(_ROWS)
def test_no_row_passes_at_a_glance_that_the_checks_refuse(row: OfficialRow) -> None:
    if _plainly_right(row):
        assert list(_checked(row)) == []


def _ordinary() -> OfficialRow:
    return OfficialRow(
        official_code="O-1",
        citizen_id="066070000001",
        full_name="Nguyễn Văn A",
        birth_date="1970-01-01",
        sex="nam",
        assignments=(
            AssignmentPart(
                agency_code="H15.A",
                status="civil_servant",
                position_title="Chuyên viên",
                valid_from=dt.date(2018, 1, 1),
            ),
        ),
        attributes=AttributesPart(language_teacher=False),
    )


def test_the_ordinary_row_passes_at_a_glance() -> None:
    assert _plainly_right(_ordinary())


@given(st.binary(min_size=32, max_size=200), st.text(min_size=1, max_size=40))
def test_keys_are_hmac_sha256_of_the_number_under_the_system_key(
    secret: bytes, number: str
) -> None:
    keys, identity = PersonKeys(secret), PersonIdentity("passport", "VN", number)
    try:
        text = identity.canonical().encode()
    except UnicodeEncodeError:
        return

    def expected(message: bytes) -> bytes:
        return hmac.new(secret, message, hashlib.sha256).digest()

    check = expected(b"birth|" + text + b"|1980-03-05")
    assert keys.both(identity, "1980-03-05") == (expected(text), check)
    assert keys.both(identity, "1980") == (expected(text), None)
    assert keys.person_key(identity) == expected(text).hex()
    assert keys.birth_check(identity, "1980-03-05") == check.hex()
