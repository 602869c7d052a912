"""Whose acceptance of evidence counts (CONTRACT §4.9), by hand, on both paths."""

from __future__ import annotations

import itertools

import pytest

from tests.worlds import events as made
from tests.worlds.asking import DAKLAK, HCM, achieved, row_of
from tests.worlds.events import Event

pytestmark = pytest.mark.usefixtures("counted_by")

KEY = "key-A"
TREE = [*DAKLAK, *HCM]


def paper(level: int = 4, decided_on: str = "2024-05-01", name: str = "P") -> Event:
    return made.evidence(name, KEY, level, "2023-03-01", decided_on=decided_on)


def official(*posts: dict[str, object]) -> Event:
    return made.official("A", *(posts or [made.assignment("H15.03", "public_employee")]))


def holds(*events: Event, agency: str = "H15", as_of: str = "2025-12-31") -> bool:
    return achieved([*TREE, *events], "daklak-2020", "I2-2025", as_of, agency) == 1


def level_of(*events: Event) -> int | None:
    row = row_of([*TREE, *events], "A", "daklak-2020", "I2-2025")
    assert row is not None
    return row.level


@pytest.mark.parametrize(
    ("authority", "counts"),
    [
        ("H15", True),
        ("H15.03", True),
        (None, True),
        ("H29", False),
        ("H15.01", False),
        ("Z", False),
    ],
)
def test_an_acceptance_counts_at_or_above_the_person_s_body_only(
    authority: str | None, counts: bool
) -> None:
    assert holds(official(), made.accepted_by(authority, paper())) is counts


def test_an_acceptance_of_the_first_version_counts_as_one_of_the_whole_nation() -> None:
    assert holds(official(), paper())


def test_the_body_of_the_day_of_the_decision_decides_and_not_that_of_today() -> None:
    moved = official(
        made.assignment("H29.03", "public_employee", "2020-01-01", "2024-12-31"),
        made.assignment("H15.03", "public_employee", "2025-01-01"),
    )
    assert holds(moved, made.accepted_by("H29", paper(decided_on="2024-12-31")))
    assert not holds(moved, made.accepted_by("H29", paper(decided_on="2025-01-01")))
    assert not holds(moved, made.accepted_by("H15", paper(decided_on="2024-12-31")))
    assert holds(moved, made.accepted_by("H15", paper(decided_on="2025-01-01")))


def test_without_an_assignment_that_day_the_latest_before_decides_else_the_earliest_after() -> None:
    gap = official(
        made.assignment("H29.03", "public_employee", "2021-01-01", "2022-12-31"),
        made.assignment("H29.01", "civil_servant", "2020-01-01", "2020-12-31"),
        made.assignment("H15.03", "public_employee", "2025-01-01"),
    )
    assert holds(gap, made.accepted_by("H29.03", paper(decided_on="2024-05-01")))
    assert not holds(gap, made.accepted_by("H29.01", paper(decided_on="2024-05-01")))
    assert not holds(gap, made.accepted_by("H15", paper(decided_on="2024-05-01")))
    assert holds(gap, made.accepted_by("H29.01", paper(decided_on="2019-05-01")))
    assert not holds(gap, made.accepted_by("H29.03", paper(decided_on="2019-05-01")))


def test_a_secondment_chooses_no_authority() -> None:
    seconded = official(
        made.assignment("H15.03", "public_employee"),
        made.assignment("H29.03", "public_employee", primary=False, posting="secondment"),
    )
    assert not holds(seconded, made.accepted_by("H29", paper()))
    assert holds(seconded, made.accepted_by("H15", paper()))


def test_the_tree_of_the_day_that_chose_the_body_says_who_stands_above_it() -> None:
    school = {"system": "public_service", "province": "66"}
    moves = made.agency(
        "H15.S",
        made.agency_version("2015-01-01", "2024-12-31", parent="H15.01", **school),
        made.agency_version("2025-01-01", parent="H15.02", **school),
    )
    post = official(made.assignment("H15.S", "public_employee"))
    for day, authority, counts in (
        ("2024-12-31", "H15.01", True),
        ("2024-12-31", "H15.02", False),
        ("2025-01-01", "H15.01", False),
        ("2025-01-01", "H15.02", True),
    ):
        accepted = made.accepted_by(authority, paper(decided_on=day))
        assert holds(moves, post, accepted) is counts, (day, authority)
        # The tree told last changes who decides as much as the tree told first.
        assert holds(post, accepted, moves) is counts, (day, authority)


def test_an_authority_confined_to_a_bloc_decides_for_bodies_of_that_bloc() -> None:
    for body, bloc, counts in (
        ("H15.02", "party", True),
        ("H15.02", "state", False),
        ("H15.01", "party", False),
        ("H15.01", "state", True),
    ):
        post = official(made.assignment(body, "civil_servant"))
        for authority in ("H15", None):
            accepted = made.accepted_by(authority, paper(), bloc)
            row = row_of([*TREE, post, accepted], "A", "daklak-2020", "I1-2025")
            assert row is not None
            assert (row.level == 4) is counts, (body, bloc, authority)


def test_acceptances_of_several_authorities_add_up_and_the_highest_that_stands_counts() -> None:
    own = made.accepted_by("H15", paper(level=4))
    lower = made.accepted_by("H15.03", paper(level=3))
    foreign = made.accepted_by("H29", paper(level=6))
    assert level_of(official(), own, lower, foreign) == 4
    withdrawn = made.withdrawal_of(own, "2025-03-01")
    assert level_of(official(), own, lower, foreign, withdrawn) == 3
    assert holds(official(), own, lower, withdrawn, as_of="2025-02-28")
    assert not holds(official(), own, lower, withdrawn, as_of="2025-03-01")
    other = made.withdrawal_of(foreign, "2025-03-01")
    assert level_of(official(), own, lower, foreign, other) == 4


def test_a_withdrawal_that_names_no_acceptance_ends_the_one_that_named_no_authority() -> None:
    old, ended = paper(), made.withdrawn("P", KEY, "2025-03-01")
    assert not holds(official(), old, ended)
    assert holds(official(), old, ended, made.accepted_by("H15", paper(level=4)))


def test_every_order_of_events_gives_the_same_answer() -> None:
    accepted = made.accepted_by("H15", paper(decided_on="2024-05-01"))
    foreign = made.accepted_by("H29", paper(level=6, decided_on="2024-05-01"))
    told = [
        *(accepted, foreign, made.withdrawal_of(foreign, "2024-06-01")),
        made.official("A", made.assignment("H29.03", "public_employee"), version=1),
        made.official("A", made.assignment("H15.03", "public_employee"), version=2),
    ]
    assert all(holds(*order) for order in itertools.permutations(told))
