"""Which versions of agencies a caller may submit, and on which day a version ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.enrolment.directory.agencies.admission import (
    MOST_VERSIONS,
    Admission,
    admitted,
    as_meant,
    own_level,
)
from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.versions import ListedVersion
from shared.security.principal import Principal

FIRST = dt.date(2000, 1, 1)
TODAY = dt.date(2026, 11, 23)
BELONGINGS = {
    "X": Belonging(("X",), "state"),
    "X.A": Belonging(("X.A", "X"), "state"),
    "X.P": Belonging(("X.P", "X"), "party"),
}


def agency(code: str, parent: str | None, since: dt.date = FIRST, **more: Any) -> AgencyRow:
    values: dict[str, Any] = {
        "level": "commune",
        "system": "state",
        "province_code": "01",
    }
    return AgencyRow(code=code, name=code, parent_code=parent, valid_from=since, **values | more)


KNOWN = {
    "X": [agency("X", None, level="province")],
    "X.A": [agency("X.A", "X")],
    "X.P": [agency("X.P", "X", system="party", bloc="party")],
}
NATION = Principal("ministry", "authority")
PROVINCE = Principal("province", "authority", agency="X")
BODY = Principal("clerk", "agency", agency="X.A")


def refused(caller: Principal, *rows: AgencyRow) -> dict[int, str]:
    level = own_level(caller, KNOWN.get(caller.agency or "", ()), TODAY)
    candidates, found = admitted(Admission(caller, KNOWN, BELONGINGS, level), rows)
    assert candidates.keys().isdisjoint(found)
    assert len(candidates) + len(found) == len(rows)
    return {index: issues[0].code for index, issues in found.items()}


def test_only_the_nation_sets_up_a_body_without_a_parent() -> None:
    assert refused(NATION, agency("Z", None, level="province")) == {}
    assert refused(PROVINCE, agency("Z", None)) == {0: "parent_required"}


def test_a_parent_is_in_scope_or_comes_with_the_same_rows() -> None:
    below, new = agency("X.B.1", "X.B"), agency("X.B", "X")
    assert refused(PROVINCE, below) == {0: "parent_unknown"}
    assert refused(PROVINCE, below, new) == {}


def test_nobody_gives_a_level_above_that_of_the_own_body() -> None:
    assert refused(BODY, agency("X.A.1", "X.A", level="province")) == {0: "level_reserved"}


def test_blocs_are_set_by_the_nation_and_by_provinces_that_are_confined_to_none() -> None:
    row = agency("X.A.1", "X.A", bloc="party")
    confined = Principal("p", "authority", agency="X", bloc="state")
    assert refused(PROVINCE, row) == {}
    assert refused(BODY, row) == {0: "bloc_reserved"}
    assert refused(confined, row) == {0: "bloc_reserved"}
    assert refused(confined, agency("X.P", "X", system="party", bloc="party")) == {0: "bloc_border"}


def test_one_version_is_given_once() -> None:
    assert refused(PROVINCE, agency("X.B", "X"), agency("X.B", "X", kind="Sở")) == {
        1: "row_repeated"
    }


def test_a_body_has_so_many_versions_and_no_more() -> None:
    rows = [agency("X.B", "X", FIRST + dt.timedelta(days=n)) for n in range(MOST_VERSIONS + 1)]
    assert refused(PROVINCE, *rows) == {MOST_VERSIONS: "too_many_versions"}


def test_a_version_sent_back_with_its_real_end_is_the_one_that_is_there() -> None:
    later = dt.date(2020, 1, 1)
    known = [agency("X.A", "X"), agency("X.A", "X", later)]
    as_read = agency("X.A", "X", valid_to=later - dt.timedelta(days=1))
    assert as_meant(as_read, known) == known[0]
    ended = agency("X.A", "X", valid_to=dt.date(2010, 1, 1))
    assert as_meant(ended, known) == ended


@pytest.mark.parametrize(
    ("given", "following", "last"),
    [
        (None, None, None),
        (dt.date(2010, 1, 1), None, dt.date(2010, 1, 1)),
        (None, dt.date(2020, 1, 1), dt.date(2019, 12, 31)),
        (dt.date(2010, 1, 1), dt.date(2020, 1, 1), dt.date(2010, 1, 1)),
        (dt.date(2030, 1, 1), dt.date(2020, 1, 1), dt.date(2019, 12, 31)),
    ],
)
def test_a_version_ends_as_given_or_the_day_before_the_next(
    given: dt.date | None, following: dt.date | None, last: dt.date | None
) -> None:
    row = agency("X.A", "X", valid_to=given)
    assert ListedVersion(row, 1, ["X.A", "X"], "state", following).last_day == last
