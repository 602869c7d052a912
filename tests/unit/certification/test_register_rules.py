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

from services.certification.directory.authorisations import Exam, missing_activity
from services.certification.registry.did_you_mean import (
    guesses,
    is_meant,
    safe_spellings,
    search_form,
)
from services.certification.registry.gaps import gaps_in, number_in
from services.certification.registry.serials import (
    FRAMEWORK_CERTIFICATE,
    check_character,
    earlier_check_character,
    is_misspelt,
    is_reserved,
    is_well_formed,
    load_book_kinds,
)
from services.certification.registry.status import is_in_force, status_of
from services.certification.registry.written_keys import folded, number_key, same_key
from services.certification.verification.disclosure import knows_holder
from shared.contracts.events import Authorisation

KIND = load_book_kinds()[FRAMEWORK_CERTIFICATE]
ALPHABET = string.digits + string.ascii_uppercase


def test_the_earlier_check_character_is_that_of_iso_7064() -> None:
    """Published example: the Global Release Identifier A1-2425G-ABC1234002-M."""
    assert earlier_check_character("A12425GABC1234002") == "M"


@pytest.mark.parametrize(
    "serial", ["VINH.2026.000001.C", "VINH.2026.000069.9", "vinh.2026.000001.c"]
)
def test_serials_with_the_earlier_character_stay_well_formed(serial: str) -> None:
    assert is_well_formed(serial)
    assert not is_misspelt(serial)


@given(st.integers(1, 999_999), st.integers(0, 30), st.sampled_from(ALPHABET))
def test_a_single_wrong_character_is_noticed(line: int, place: int, wrong: str) -> None:
    serial = KIND.serial_of("DHV", 2026, line)
    assert is_well_formed(serial)
    assert serial[-1] not in "OI01"
    place %= len(serial)
    assume(serial[place] in ALPHABET and not alike(serial[place], wrong))
    body, _, check = (serial[:place] + wrong + serial[place + 1 :]).rpartition(".")
    assert check_character(body) != check


def alike(one: str, other: str) -> bool:
    """O and Q are taken for 0, I and L for 1."""
    return one == other or any({one, other} <= set(group) for group in ("0OQ", "1IL"))


def test_no_new_serial_ends_in_a_character_that_is_taken_for_another() -> None:
    checks = {KIND.serial_of("DHV", 2026, line)[-1] for line in range(1, 5_000)}
    assert checks == set(ALPHABET) - set("OI01")


def test_nearly_all_exchanged_neighbours_are_noticed() -> None:
    """What went before leaves 32 states, which one character makes."""
    pairs = [
        (before, one, other)
        for before in ALPHABET
        for one, other in permutations(ALPHABET, 2)
        if not alike(one, other)
    ]
    missed = [
        pair
        for pair in pairs
        if check_character("".join(pair)) == check_character(pair[0] + pair[2] + pair[1])
    ]
    assert (len(missed), len(pairs)) == (96, 44_928)


@given(st.integers(1, 999_999), st.data())
def test_letters_typed_for_digits_lead_to_one_serial_only(line: int, data: st.DataObject) -> None:
    serial = KIND.serial_of("DHV", 2026, line)
    head, digits, check = serial[:4], serial[4:-2], serial[-1]
    typed = "".join(
        data.draw(st.sampled_from({"0": "0Oo", "1": "1IlL"}.get(char, char))) for char in digits
    )
    assume(typed != digits)
    others = [folded(each) for each in safe_spellings(f"{head}{typed}.{check}")]
    assert [other for other in others if is_well_formed(other) and other[-1] == check.lower()] == [
        folded(serial)
    ]


@pytest.mark.parametrize(
    "typed", ["ĐHV/2O26/1", "DHV.2026.000007", "DHV.2026.000007.X", "X", "", "DHV.2O26.OO7.X"]
)
def test_nothing_else_is_taken_for_another_serial(typed: str) -> None:
    assert safe_spellings(typed) == ()


@pytest.mark.parametrize(
    ("typed", "serial"),
    [
        ("DHV 2026 0007", "DHV/2026/0007"),
        ("dhv-2026-7", "DHV/2026/0007"),
        ("DHV/2O26/OOO7", "DHV/2026/0007"),
        ("DHV/2026/0007/", "DHV/2026/0007"),
        ("DHV//2026\\0007", "DHV/2026/0007"),
        ("ＤＨＶ／２０２６／７", "DHV/2026/0007"),
        ("l2", "I2"),
    ],
)
def test_what_looks_alike_is_searched_alike(typed: str, serial: str) -> None:
    assert search_form(typed) == search_form(serial)


@pytest.mark.parametrize("typed", ["DHV/2026/70", "DHV/2026/8", "DHV/2025/0007", "ĐHV/2026/0007"])
def test_another_number_does_not_look_alike(typed: str) -> None:
    assert search_form(typed) != search_form("DHV/2026/0007")


@pytest.mark.parametrize(
    "written", ["DHV.2026.{}.{}", "dhv 2026 {} {}", "DHV/2O26/{}/{}", "DHV2026{}{}"]
)
@given(line=st.integers(1, 999_999))
def test_a_serial_of_ours_is_guessed_without_its_separators_and_zeros(
    written: str, line: int
) -> None:
    serial = KIND.serial_of("DHV", 2026, line)
    typed = written.format(line, serial[-1])
    assert [
        guess
        for guess in guesses(typed)
        if guess.line == line and guess.year == 2026 and is_meant(guess, "DHV", serial)
    ]
    assert not [guess for guess in guesses(typed) if is_meant(guess, "DHCT", serial)]


@given(st.integers(1, 2_000_000))
def test_every_serial_of_ours_has_the_reserved_form(line: int) -> None:
    assert is_reserved(KIND.serial_of("ĐH Vinh", 2026, line))


@given(st.integers(1, 999_999), st.sampled_from((str, str.lower)), st.sampled_from(("", " ")))
def test_a_serial_of_ours_is_meant_by_each_way_of_typing_it(
    line: int, written: Callable[[str], str], space: str
) -> None:
    serial = KIND.serial_of("DHV", 2026, line)
    typed = space + written(serial).replace(".", f".{space}")
    assert folded(typed) == folded(serial)
    assert is_reserved(typed)
    assert not is_misspelt(typed)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "DHV/x",
            "DHV/x ",
            "dhv/x",
            " D H V / X",
            "DHV/x\n",
            "DHV/x\r\n",
            "DHV\u00a0/x",
            "DHV/\u3000x",
        ),
        *("Đhv/x".replace("Đ", "D"), "\tdhv/X"),
    ],
)
def test_case_spaces_and_line_ends_make_no_other_key(written: str) -> None:
    assert same_key(written, "DHV/x")
    assert folded(folded(written)) == folded(written)


@pytest.mark.parametrize("written", ["DHV/x/", "DHV-x", "DHVx", "DHV/0x", "ĐHV/x", "DHV/х", ""])
def test_separators_zeros_and_other_letters_do(written: str) -> None:
    assert not same_key(written, "DHV/x")


def test_letters_with_accents_are_composed_before_they_are_compared() -> None:
    assert folded(unicodedata.normalize("NFD", " ĐH  Vinh Ế1")) == "đhvinhế1"
    assert not same_key("x", None)
    assert same_key(None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0012/2026", "12"),
        ("2026/0012", "12/2026"),
        ("12-2026", " 12 / 2026"),
        ("A-0012", "a12"),
        ("１２", "12"),
        ("2026", "02026"),
        ("12/cc", "0012 CC/2026"),
    ],
)
def test_a_register_number_is_one_in_its_book_and_year(one: str, other: str) -> None:
    assert number_key(one, 2026) == number_key(other, 2026)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12", "13"),
        ("12/2025", "12/2026"),
        ("2026/0001", "2026/0002"),
        ("A12", "12A"),
        ("A12", "B12"),
        ("1/2", "12"),
        ("2026", "1"),
    ],
)
def test_other_register_numbers_stay_apart(one: str, other: str) -> None:
    assert number_key(one, 2026) != number_key(other, 2026)


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
    assert is_in_force(status_of(annex)) == (status in ("valid", "corrected", "suspended"))


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
    found = missing_activity(held, Exam(language, exam_format, level, dt.date.fromisoformat(day)))
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
