"""Serials, gaps, standing, authorisations, disclosure."""

from __future__ import annotations

import datetime as dt
import string
import unicodedata
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.certification.exams.authorisations import missing_activity
from services.certification.registry.gaps import gaps_in, number_in
from services.certification.registry.serials import (
    FRAMEWORK_CERTIFICATE,
    check_character,
    is_misspelt,
    is_reserved,
    is_well_formed,
    load_book_kinds,
    spellings,
)
from services.certification.registry.standing import stands, status_of
from services.certification.verification.disclosure import knows_holder
from shared.contracts.events import Authorisation

KIND = load_book_kinds()[FRAMEWORK_CERTIFICATE]
ALPHABET = string.digits + string.ascii_uppercase


def test_the_check_character_is_that_of_iso_7064() -> None:
    """Published example: the Global Release Identifier A1-2425G-ABC1234002-M."""
    assert check_character("A12425GABC1234002") == "M"


@given(st.integers(1, 999_999), st.integers(0, 30), st.sampled_from(ALPHABET))
def test_a_single_wrong_character_is_noticed(line: int, place: int, wrong: str) -> None:
    serial = KIND.serial_of("DHV", 2026, line)
    assert is_well_formed(serial)
    place %= len(serial)
    assume(serial[place] in ALPHABET and serial[place] != wrong)
    assert not is_well_formed(serial[:place] + wrong + serial[place + 1 :])


def test_nearly_all_exchanged_neighbours_are_noticed() -> None:
    """The standard misses 72 of 45 360: what went before leaves 36 states, which one character makes."""
    missed = [
        before + pair
        for before in ALPHABET
        for pair in map("".join, permutations(ALPHABET, 2))
        if check_character(before + pair) == check_character(before + pair[::-1])
    ]
    assert len(missed) == 72


@given(st.integers(1, 2_000_000))
def test_every_serial_of_ours_has_the_reserved_form(line: int) -> None:
    assert is_reserved(KIND.serial_of("ĐH Vinh", 2026, line))


@given(st.integers(1, 999_999), st.sampled_from((str, str.lower)), st.sampled_from(("", " ")))
def test_a_serial_of_ours_is_meant_by_each_way_of_typing_it(
    line: int, written: Callable[[str], str], space: str
) -> None:
    serial = KIND.serial_of("DHV", 2026, line)
    typed = space + written(serial).replace(".", f".{space}")
    assert serial in spellings(typed)
    assert spellings(typed)[0] == typed
    assert not is_misspelt(typed)


def test_letters_with_accents_are_composed_before_they_are_looked_up() -> None:
    assert "ĐH Vinh Ế1" in spellings(unicodedata.normalize("NFD", " ĐH  Vinh Ế1"))


def test_only_a_serial_of_the_system_s_form_can_be_called_misspelt() -> None:
    serial = KIND.serial_of("DHV", 2026, 7)
    assert is_misspelt(serial.replace("000007", "000001"))
    assert is_misspelt(serial.replace("000007", "000001").lower())
    assert not is_misspelt("A0000001")


@given(st.sets(st.integers(1, 60), max_size=40))
def test_gaps_and_numbers_make_up_the_whole(numbers: set[int]) -> None:
    missing = {n for first, last in gaps_in(numbers) for n in range(first, last + 1)}
    assert missing | numbers == set(range(1, max(numbers, default=0) + 1))
    assert not missing & numbers


@pytest.mark.parametrize(("text", "number"), [("0012/2026", 12), ("CC-7", 7), ("A", None)])
def test_the_number_inside_a_register_number(text: str, number: int | None) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("annex", "status"),
    [
        ([], "valid"),
        (["correction"], "corrected"),
        (["suspension"], "suspended"),
        (["suspension", "suspension_lifted"], "valid"),
        (["correction", "suspension", "suspension_lifted"], "corrected"),
        (["suspension", "revocation"], "revoked"),
        (["supersession"], "superseded"),
        (["supersession", "annulment"], "annulled"),
    ],
)
def test_the_standing_of_a_certificate(annex: list[str], status: str) -> None:
    assert status_of(annex) == status
    assert stands(status_of(annex)) == (status in ("valid", "corrected", "suspended"))


def authorisation(**changes: Any) -> Authorisation:
    given_: dict[str, Any] = {
        "granted_by": "ministry",
        "province_code": None,
        "activity": "testing",
        "language": "en",
        "formats": ("VSTEP.3-5",),
        "levels": (3, 4, 5),
        "decision_number": "1",
        "valid_from": dt.date(2020, 1, 1),
        "valid_to": dt.date(2026, 1, 31),
    }
    return Authorisation(**{**given_, **changes})


BOTH = (authorisation(), authorisation(activity="certifying"))


@pytest.mark.parametrize(
    ("held", "language", "exam_format", "level", "day", "missing"),
    [
        (BOTH, "en", "VSTEP.3-5", 4, "2026-01-31", None),
        (BOTH, "en", "VSTEP.3-5", None, "2020-01-01", None),
        (BOTH, "en", "VSTEP.3-5", 4, "2026-02-01", "testing"),
        (BOTH, "en", "VSTEP.3-5", 4, "2019-12-31", "testing"),
        (BOTH, "fr", "VSTEP.3-5", 4, "2025-01-01", "testing"),
        (BOTH, "en", "VSTEP.2", 2, "2025-01-01", "testing"),
        (BOTH[:1], "en", "VSTEP.3-5", 4, "2025-01-01", "certifying"),
        (BOTH[:1], "en", "VSTEP.3-5", None, "2025-01-01", None),
        (BOTH[1:], "en", "VSTEP.3-5", 4, "2025-01-01", "testing"),
        ((), "en", "VSTEP.3-5", 4, "2025-01-01", "testing"),
        (
            (authorisation(), authorisation(activity="certifying", granted_by="province")),
            "en",
            "VSTEP.3-5",
            4,
            "2025-01-01",
            "certifying",
        ),
        (
            (authorisation(), authorisation(activity="certifying", levels=(3,))),
            "en",
            "VSTEP.3-5",
            4,
            "2025-01-01",
            "certifying",
        ),
    ],
)
def test_what_an_institution_lacks(
    held: tuple[Authorisation, ...],
    language: str,
    exam_format: str,
    level: int | None,
    day: str,
    missing: str | None,
) -> None:
    found = missing_activity(held, language, exam_format, level, dt.date.fromisoformat(day))
    assert found == missing


@pytest.mark.parametrize(
    ("name", "birth", "knows"),
    [
        (None, None, False),
        ("NGUYỄN VĂN  A", None, True),
        ("Nguyễn Văn B", None, False),
        (None, dt.date(1990, 1, 2), True),
        ("Nguyễn Văn A", dt.date(1990, 1, 3), False),
    ],
)
def test_who_knows_the_holder(name: str | None, birth: dt.date | None, knows: bool) -> None:
    assert knows_holder("Nguyễn Văn A", dt.date(1990, 1, 2), name, birth) == knows
