"""L2: whose plan counts the people of a merged province (docs/counting.md), by hand.

Quảng Trị (old 45) and Quảng Bình (old 44) became Quảng Trị (new 44) on 2025-07-01.
"""

from __future__ import annotations

import pytest

from tests.worlds import events as made
from tests.worlds.asking import QUANGTRI, eligible, province, reason_of
from tests.worlds.events import Event

pytestmark = pytest.mark.usefixtures("counted_by")

at = made.assignment
AFTER = "2025-12-31"
SURVIVING = {"L2_merged_province": "surviving_plan"}


def quangbinh() -> list[Event]:
    """H46: ends on the last of June; its department and a commune go on below H50."""
    last, first = "2025-06-30", "2025-07-01"
    return [
        made.agency("H46", made.agency_version("2015-01-01", last, province="44")),
        made.agency(
            "H46.01",
            made.agency_version("2015-01-01", last, parent="H46", province="44"),
            made.agency_version(first, parent="H50", province="44"),
        ),
        made.agency(
            "H46.X",
            made.agency_version(
                "2015-01-01", last, parent="H46", level="commune", commune_kind="xa", province="44"
            ),
        ),
    ]


def founded(code: str, *predecessors: str, province_code: str = "44") -> Event:
    return made.agency(
        code,
        made.agency_version(
            "2025-07-01",
            parent="H50",
            level="commune",
            commune_kind="xa",
            province=province_code,
            predecessors=predecessors,
        ),
    )


TREE = [*QUANGTRI, *quangbinh()]


def counts(
    *events: Event,
    as_of: str = AFTER,
    agency: str | None = None,
    indicator: str = "I1-2025",
    **readings: str,
) -> int:
    return eligible([*TREE, *events], "quangtri-2022", indicator, as_of, agency, **readings)


def test_body_that_stood_in_the_plans_province_counts_with_its_newcomers() -> None:
    newcomer = made.official("A", at("H50.01", valid_from="2026-01-01"))
    moved = made.official(
        "B", at("H46.01", valid_to="2025-06-30"), at("H50.01", valid_from="2025-07-01")
    )
    assert counts(newcomer, moved, as_of="2026-06-30") == 2


def test_body_that_stood_in_the_other_province_does_not_count_though_its_new_code_looks_alike() -> (
    None
):
    person = made.official("A", at("H46.01"))
    assert counts(person) == 0
    assert reason_of([*TREE, person], "A", "quangtri-2022", "I1-2025", AFTER) == "other_territory"
    assert counts(person, **SURVIVING) == 1


def test_before_the_merger_and_for_any_other_body_everybody_is_counted() -> None:
    person = made.official("A", at("H46.01"))
    assert counts(person, as_of="2025-06-30", agency="H46") == 1
    assert counts(person, as_of=AFTER, agency="H46.01") == 1
    assert counts(person, as_of=AFTER, agency="H50") == 0


def test_bodies_above_the_plans_own_count_its_territory_only() -> None:
    nation = made.agency("A01", made.agency_version(level="central", province="01"))
    below = [
        made.agency("H50", made.agency_version(parent="A01", province="45"), version=2),
        made.agency("H46", made.agency_version(parent="A01", province="44"), version=2),
    ]
    events = [
        nation,
        *below,
        made.official("A", at("H50.01")),
        made.official("B", at("H46.01")),
        made.official("C", at("A01")),
    ]
    assert counts(*events, agency="A01") == 1
    assert counts(*events, agency="A01", as_of="2025-06-30") == 2
    assert counts(*events, agency="A01", **SURVIVING) == 2


@pytest.mark.parametrize(
    ("predecessors", "count"),
    [
        (("H50.X",), 1),
        (("H50.X", "H50.P"), 1),
        (("H46.X",), 0),
    ],
)
def test_later_body_takes_the_origin_of_its_predecessors(
    predecessors: tuple[str, ...], count: int
) -> None:
    newcomer = made.official("A", at("H50.N", valid_from="2026-01-01"))
    events = founded("H50.N", *predecessors), newcomer
    assert counts(*events, indicator="I4-2025", as_of="2026-06-30") == count


@pytest.mark.parametrize(
    "predecessors", [("H50.X", "H46.X"), (), ("UNKNOWN",), ("H50.X", "UNKNOWN")]
)
def test_where_predecessors_differ_or_are_missing_the_persons_own_30_june_decides(
    predecessors: tuple[str, ...],
) -> None:
    events = [
        founded("H50.N", *predecessors),
        made.official(
            "A", at("H50.X", valid_to="2025-06-30"), at("H50.N", valid_from="2025-07-01")
        ),
        made.official(
            "B", at("H46.X", valid_to="2025-06-30"), at("H50.N", valid_from="2025-07-01")
        ),
    ]
    tree = [*TREE, *events]
    assert reason_of(tree, "A", "quangtri-2022", "I4-2025", AFTER) == "no_certificate"
    assert reason_of(tree, "B", "quangtri-2022", "I4-2025", AFTER) == "other_territory"


def test_newcomers_follow_the_province_that_kept_the_name() -> None:
    newcomer = made.official("A", at("H50.N", valid_from="2026-01-01"))
    assert counts(founded("H50.N"), newcomer, indicator="I4-2025", as_of="2026-06-30") == 1
    elsewhere = founded("H50.N", province_code="66")
    assert counts(elsewhere, newcomer, indicator="I4-2025", as_of="2026-06-30") == 0
    unknown = founded("H50.N", province_code="99")
    assert counts(unknown, newcomer, indicator="I4-2025", as_of="2026-06-30") == 0


def test_origin_is_followed_through_bodies_that_came_and_went() -> None:
    between = made.agency(
        "H50.M",
        made.agency_version(
            "2025-07-01",
            "2025-12-31",
            parent="H50",
            level="commune",
            province="44",
            predecessors=["H46.X"],
        ),
    )
    heir = made.agency(
        "H50.N",
        made.agency_version(
            "2026-01-01",
            parent="H50",
            level="commune",
            commune_kind="xa",
            province="44",
            predecessors=["H50.M"],
        ),
    )
    person = made.official("A", at("H50.N", valid_from="2026-01-01"))
    assert counts(between, heir, person, indicator="I4-2025", as_of="2026-06-30") == 0


def test_predecessor_that_had_ended_before_has_its_last_province() -> None:
    ended = made.agency(
        "H50.O",
        made.agency_version(
            "2015-01-01", "2020-12-31", parent="H50", level="commune", province="45"
        ),
    )
    person = made.official("A", at("H50.N", valid_from="2026-01-01"))
    events = ended, founded("H50.N", "H50.O"), person
    assert counts(*events, indicator="I4-2025", as_of="2026-06-30") == 1


def test_predecessors_that_name_each_other_leave_it_to_the_person() -> None:
    events = [
        founded("H50.N", "H50.M"),
        founded("H50.M", "H50.N"),
        made.official("A", at("H50.N", valid_from="2026-01-01")),
    ]
    assert counts(*events, indicator="I4-2025", as_of="2026-06-30") == 1


def test_r6_does_not_count_the_excluded_of_another_territory() -> None:
    person = made.official("A", at("H46.01"), language_teacher=True)
    readings = {"R6_exclusion_effect": "count_as_achieved"}
    assert counts(person, **readings) == 0
    assert counts(person, **readings, **SURVIVING) == 1


def test_contract_staff_of_another_territory_are_not_cbccvc_first() -> None:
    person = made.official("A", at("H46.01", "contract_staff"))
    assert reason_of([*TREE, person], "A", "quangtri-2022", "I1-2025", AFTER) == "not_cbccvc"


def test_unit_plan_of_hoanghoa_counts_its_whole_province_of_one_name() -> None:
    events = [
        *province("H56", "38"),
        made.agency(
            "H56.09.TTYTHH",
            made.agency_version(parent="H56", system="public_service", province="38"),
        ),
        made.official("A", at("H56.09.TTYTHH", "public_employee")),
    ]
    assert eligible(events, "hoanghoa-2021", "I2-2025", AFTER) == 1
    assert eligible(events, "hoanghoa-2021", "I2-2025", AFTER, "H56") == 1
