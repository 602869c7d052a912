"""Districts and townships ended on 2025-06-30."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.enrolment.directory.agencies.submissions import AgencyRow, doubts_about

AFTER = dt.date(2025, 7, 1)
LAST = dt.date(2025, 6, 30)


def row(**changes: Any) -> AgencyRow:
    values: dict[str, Any] = {
        "code": "H56.99",
        "name": "Cơ quan",
        "parent_code": "H56",
        "level": "commune",
        "system": "state",
        "province_code": "38",
        "valid_from": dt.date(2000, 1, 1),
        "valid_to": None,
    }
    return AgencyRow(**values | changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"level": "district", "valid_from": AFTER}, [("/valid_from", "district_after_reform")]),
        ({"level": "district"}, [("/valid_to", "district_after_reform")]),
        ({"level": "district", "valid_to": AFTER}, [("/valid_to", "district_after_reform")]),
        ({"level": "district", "valid_to": LAST}, []),
        (
            {"commune_kind": "thi_tran", "valid_from": AFTER},
            [("/valid_from", "township_after_reform")],
        ),
        ({"commune_kind": "thi_tran"}, [("/valid_to", "township_after_reform")]),
        ({"commune_kind": "thi_tran", "valid_to": LAST}, []),
        ({"commune_kind": "xa", "valid_from": AFTER}, []),
        ({"commune_kind": "dac_khu", "valid_from": AFTER}, []),
        ({"level": "province"}, []),
    ],
)
def test_what_cannot_stand_after_the_reform_is_warned(
    changes: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    found = doubts_about(row(**changes))
    assert [(each.pointer, each.code) for each in found] == told
    assert {each.severity for each in found} <= {"warning"}
