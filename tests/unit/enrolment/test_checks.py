"""What a row of an official may look like in itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.directory.officials.checks import MAX_ASSIGNMENTS, MAX_FORMER, faults_of
from services.enrolment.directory.officials.rows import (
    AbsencePart,
    AssignmentPart,
    AttributesPart,
    IdentityPart,
    OfficialRow,
)

ASSIGNMENT = AssignmentPart(
    agency_code="H15.A",
    status="civil_servant",
    position_title="Chuyên viên",
    valid_from=dt.date(2018, 1, 1),
)
ORDINARY = OfficialRow(
    official_code="O-1",
    citizen_id="066070000001",
    full_name="Nguyễn Văn A",
    birth_date="1970-01-01",
    sex="nam",
    assignments=(ASSIGNMENT,),
    attributes=AttributesPart(language_teacher=False),
)
ABSENCE = AbsencePart(kind="Đi học", valid_from=dt.date(2020, 1, 1))
PASSPORT = IdentityPart(type="passport", number="B1234567")
TOO_EARLY, TOO_LATE = dt.date(1899, 12, 31), dt.date(2201, 1, 1)


def row(**fields: Any) -> OfficialRow:
    return msgspec.structs.replace(ORDINARY, **fields)


def assigned(**fields: Any) -> OfficialRow:
    return row(assignments=(msgspec.structs.replace(ASSIGNMENT, **fields),))


def absent(**fields: Any) -> OfficialRow:
    return row(absences=(msgspec.structs.replace(ABSENCE, **fields),))


def told(given: OfficialRow) -> list[tuple[str, str]]:
    return [(each.pointer, each.code) for each in faults_of(given)]


@pytest.mark.parametrize(
    "given",
    [
        ORDINARY,
        row(assignments=(), attributes=None, sex=None),
        row(birth_date="1970", sex=" Nữ ", record_code="Hồ sơ 12"),
        row(citizen_id="066.070.000.001"),
        row(citizen_id="********0001"),
        row(citizen_id=None, identity=PASSPORT, former_identities=(PASSPORT,)),
        row(identity=IdentityPart(type="citizen_id", number="066070000001")),
        row(citizen_id=None, identity=IdentityPart(type="other", number="***1")),
        row(agency_code="H15.A", absences=(ABSENCE,)),
        assigned(posting="secondment", primary=False, valid_to=dt.date(2018, 1, 1)),
        assigned(requires_language=True, requires_language_basis="area"),
        assigned(position_title="tab\tin"),
    ],
)
def test_nothing_is_wrong_with(given: OfficialRow) -> None:
    assert told(given) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (row(official_code=""), ("/official_code", "code_malformed")),
        (row(official_code="import"), ("/official_code", "code_malformed")),
        (row(official_code="a\n"), ("/official_code", "code_malformed")),
        (row(full_name="a\x00b"), ("/full_name", "control_character")),
        (row(full_name="An\u200b"), ("/full_name", "invisible_character")),
        (row(full_name=" "), ("/full_name", "text_length")),
        (row(full_name="x" * 201), ("/full_name", "text_length")),
        (row(full_name="#N/A"), ("/full_name", "cell_error")),
        (row(full_name="Tr?n"), ("/full_name", "characters_lost")),
        (row(record_code=""), ("/record_code", "text_length")),
        (row(record_code="1" * 101), ("/record_code", "text_length")),
        (row(sex="x"), ("/sex", "not_in_list")),
        (row(birth_date="1981-02-29"), ("/birth_date", "birth_date_malformed")),
        (row(birth_date="1899"), ("/birth_date", "birth_date_malformed")),
        (row(birth_date="٠980"), ("/birth_date", "birth_date_malformed")),
        (row(identity=PASSPORT), ("/identity", "two_identities")),
        (row(citizen_id="06607000000"), ("/citizen_id", "citizen_id_malformed")),
        (row(citizen_id="0" * 12), ("/citizen_id", "citizen_id_malformed")),
        (row(citizen_id="***0001"), ("/citizen_id", "citizen_id_malformed")),
        (
            row(citizen_id=None, identity=IdentityPart(type="passport", country="é1", number="")),
            ("/identity/country", "country_malformed"),
        ),
        (
            row(
                citizen_id=None,
                identity=IdentityPart(type="cmnd9", country="LA", number="123456789"),
            ),
            ("/identity/country", "country_malformed"),
        ),
        (
            row(former_identities=(PASSPORT, IdentityPart(type="cmnd9", number="12"))),
            ("/former_identities/1/number", "cmnd9_malformed"),
        ),
        (row(former_identities=(PASSPORT,) * (MAX_FORMER + 1)), ("/former_identities", "too_many")),
        (row(assignments=(ASSIGNMENT,) * (MAX_ASSIGNMENTS + 1)), ("/assignments", "too_many")),
        (row(absences=(ABSENCE,) * (MAX_ASSIGNMENTS + 1)), ("/absences", "too_many")),
        (row(agency_code="H15.B"), ("/agency_code", "agency_code_derived")),
        (row(assignments=(ASSIGNMENT, ASSIGNMENT)), ("/assignments/1", "assignment_repeated")),
        (assigned(position_title=""), ("/assignments/0/position_title", "text_length")),
        (
            assigned(position_title="Kế\u2800toán"),
            ("/assignments/0/position_title", "invisible_character"),
        ),
        (assigned(agency_code="Ô.1"), ("/assignments/0/agency_code", "code_malformed")),
        (assigned(job_position_code="-x"), ("/assignments/0/job_position_code", "code_malformed")),
        (assigned(valid_from=TOO_EARLY), ("/assignments/0/valid_from", "date_out_of_range")),
        (assigned(valid_to=TOO_LATE), ("/assignments/0/valid_to", "date_out_of_range")),
        (
            assigned(valid_to=dt.date(2017, 12, 31)),
            ("/assignments/0/valid_to", "valid_to_before_valid_from"),
        ),
        (
            assigned(posting="secondment", primary=True),
            ("/assignments/0/primary", "secondment_is_not_primary"),
        ),
        (
            assigned(requires_language_basis="area"),
            ("/assignments/0/requires_language_basis", "basis_without_requirement"),
        ),
        (absent(kind=" "), ("/absences/0/kind", "text_length")),
        (absent(valid_from=TOO_EARLY), ("/absences/0/valid_from", "date_out_of_range")),
        (absent(valid_to=TOO_LATE), ("/absences/0/valid_to", "date_out_of_range")),
        (absent(valid_to=TOO_EARLY), ("/absences/0/valid_to", "date_out_of_range")),
        (
            absent(valid_to=dt.date(2019, 12, 31)),
            ("/absences/0/valid_to", "valid_to_before_valid_from"),
        ),
        (
            row(attributes=AttributesPart(language_degree_awarded_on=TOO_EARLY)),
            ("/attributes/language_degree_awarded_on", "date_out_of_range"),
        ),
        (
            row(attributes=AttributesPart(foreign_taught_degree_awarded_on=TOO_LATE)),
            ("/attributes/foreign_taught_degree_awarded_on", "date_out_of_range"),
        ),
    ],
)
def test_one_thing_is_wrong_with(given: OfficialRow, expected: tuple[str, str]) -> None:
    assert told(given) == [expected]


_TEXTS = st.sampled_from(
    [
        "Nguyễn Văn A",
        "",
        " ",
        "\u00a0",
        "a\x00b",
        "tab\tin",
        "x" * 201,
        "x" * 301,
        "\u0301",
        "\ud800",
    ]
)
_DAYS = st.sampled_from([TOO_EARLY, dt.date(1900, 1, 1), dt.date(2020, 5, 6), TOO_LATE])
_MANY_FAULTS = st.builds(
    row,
    official_code=st.sampled_from(["H15.A-1", "", "-x", "x" * 65]),
    citizen_id=st.sampled_from(["066070000001", "06607000000", "\x00", "***", None]),
    identity=st.one_of(
        st.none(),
        st.builds(
            IdentityPart,
            type=st.sampled_from(["citizen_id", "cmnd9", "passport", "other"]),
            country=st.sampled_from(["VN", "L", ""]),
            number=st.sampled_from(["", "***", "B1234567", "\ud800"]),
        ),
    ),
    record_code=st.one_of(st.none(), _TEXTS),
    full_name=_TEXTS,
    birth_date=st.sampled_from(["1980-02-29", "1899", "80", ""]),
    assignments=st.lists(
        st.builds(
            AssignmentPart,
            agency_code=st.sampled_from(["H15.A", "", "a b"]),
            status=st.just("cadre"),
            position_title=_TEXTS,
            valid_from=_DAYS,
            valid_to=st.one_of(st.none(), _DAYS),
        ),
        max_size=3,
    ).map(tuple),
)


@settings(deadline=None)
@given(_MANY_FAULTS)
def test_all_that_is_wrong_is_told_once_for_each_field(given: OfficialRow) -> None:
    pointers = [pointer for pointer, _ in told(given)]
    assert len(pointers) == len(set(pointers))
    alone = told(row(full_name=given.full_name))
    assert [each for each in told(given) if each[0] == "/full_name"] == alone
