"""What is taken as an identity number, by every service alike."""

from __future__ import annotations

import pytest

from shared.security.identity_numbers import country_fault, identity_from, number_fault

RIGHT = [
    ("citizen_id", "038 085 000 001", "038085000001"),
    ("citizen_id", " 038.085.000.001\u00a0", "038085000001"),
    ("cmnd9", "171 234 567", "171234567"),
    ("cmnd9", "171.234.567", "171234567"),
    ("passport", "n 123.4567", "N1234567"),
    ("other", "AB-12/3", "AB-12/3"),
    ("other", "1.2 3", "1.23"),
]
WRONG = [
    ("citizen_id", "000000000000", "citizen_id_malformed"),
    ("citizen_id", "38085000001", "citizen_id_malformed"),
    ("citizen_id", "03808500000x", "citizen_id_malformed"),
    ("citizen_id", "٠٣٨٠٨٥٠٠٠٠٠١", "citizen_id_malformed"),
    ("citizen_id", " ", "citizen_id_malformed"),
    ("citizen_id", "...", "citizen_id_malformed"),
    ("citizen_id", "038085000001\x00", "citizen_id_malformed"),
    ("cmnd9", "000000000", "cmnd9_malformed"),
    ("cmnd9", "17123456", "cmnd9_malformed"),
    ("cmnd9", "17123456A", "cmnd9_malformed"),
    ("cmnd9", "", "cmnd9_malformed"),
    ("passport", " . ", "passport_malformed"),
    ("passport", "B12", "passport_malformed"),
    ("passport", "BCDEFGH", "passport_malformed"),
    ("passport", "00000000", "passport_malformed"),
    ("passport", "B-1234567", "passport_malformed"),
    ("passport", "Số 1234567", "passport_malformed"),
    ("passport", "B1234567\x00", "control_character"),
    ("other", " ", "identity_number_malformed"),
    ("other", "000", "identity_number_malformed"),
    ("other", "---", "identity_number_malformed"),
    ("other", "1" * 61, "identity_number_malformed"),
    ("other", "1\ud800", "control_character"),
]


@pytest.mark.parametrize(("kind", "given", "number"), RIGHT)
def test_dots_and_spaces_that_group_a_number_are_no_part_of_it(
    kind: str, given: str, number: str
) -> None:
    identity = identity_from(kind, "vn", given)  # type: ignore[arg-type]
    assert (identity.number, identity.country) == (number, "VN")
    assert number_fault(identity) is None


@pytest.mark.parametrize(("kind", "given", "code"), WRONG)
def test_a_malformed_number_is_refused(kind: str, given: str, code: str) -> None:
    fault = number_fault(identity_from(kind, "VN", given))  # type: ignore[arg-type]
    assert fault is not None
    assert fault.code == code


def test_vietnamese_papers_are_of_vietnam() -> None:
    for kind in ("citizen_id", "cmnd9"):
        assert country_fault(identity_from(kind, "US", "171234567")) is not None  # type: ignore[arg-type]
        assert country_fault(identity_from(kind, "vn", "171234567")) is None  # type: ignore[arg-type]
    assert country_fault(identity_from("passport", "US", "N1234567")) is None
