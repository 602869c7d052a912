"""Shapes of identity numbers: what every service takes as one, and what none does.

Numbers are copied from papers and sheets, where dots and spaces group the digits; they are no part of it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from shared.security.person_key import IdentityType, PersonIdentity

LONGEST: Final = 60
_PASSPORT: Final = re.compile(r"[A-Z0-9]{5,20}")
_GROUPING: Final = re.compile(r"[\s.]+")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class NumberFault(NamedTuple):
    code: str
    vi: str
    en: str


CITIZEN_NUMBER: Final = NumberFault(
    "citizen_id_malformed",
    "Số định danh phải đủ 12 chữ số, không toàn số 0.",
    "A citizen number has 12 digits, not all of them zero.",
)
CMND: Final = NumberFault(
    "cmnd9_malformed",
    "Số CMND có 9 chữ số, không toàn số 0.",
    "A CMND has 9 digits, not all of them zero.",
)
PASSPORT: Final = NumberFault(
    "passport_malformed",
    "Số hộ chiếu gồm 5–20 chữ cái không dấu và chữ số, có ít nhất một chữ số khác 0.",
    "A passport number has 5–20 letters and digits, at least one digit other than 0.",
)
OTHER: Final = NumberFault(
    "identity_number_malformed",
    f"Số giấy tờ cần 1–{LONGEST} ký tự, có ít nhất một chữ hoặc số khác 0.",
    f"The number of a paper has 1–{LONGEST} characters, at least one letter or digit other than 0.",
)
CONTROL_CHARACTER: Final = NumberFault(
    "control_character",
    "Có ký tự điều khiển (NUL hoặc tương tự).",
    "Contains a control character (NUL or the like).",
)
COUNTRY: Final = NumberFault(
    "country_malformed",
    "Số định danh và CMND chỉ do Việt Nam cấp: mã nước là VN.",
    "Citizen numbers and CMND are Vietnamese only: the country is VN.",
)


def is_citizen_number(number: str) -> bool:
    return len(number) == 12 and number.isascii() and number.isdigit() and number != "0" * 12


def folded_number(kind: IdentityType, number: str) -> str:
    """Without the dots and spaces that only group it; of other papers a dot may belong to the number."""
    if number.isascii() and number.isalnum():
        return number.upper() if kind == "passport" else number
    if kind == "other":
        return "".join(number.split())
    bare = _GROUPING.sub("", number)
    return bare.upper() if kind == "passport" else bare


def identity_from(kind: IdentityType, country: str, number: str) -> PersonIdentity:
    return PersonIdentity(kind, country.upper(), folded_number(kind, number))


def number_fault(identity: PersonIdentity) -> NumberFault | None:
    """What is wrong with a number already folded; none: it has the shape of its kind."""
    number = identity.number
    if identity.type == "citizen_id":
        return None if is_citizen_number(number) else CITIZEN_NUMBER
    if identity.type == "cmnd9":
        plain = number.isascii() and number.isdigit() and len(number) == 9
        return None if plain and number.strip("0") else CMND
    if _CONTROL.search(number):
        return CONTROL_CHARACTER
    if identity.type == "passport":
        plain = _PASSPORT.fullmatch(number) is not None
        return None if plain and re.search("[1-9]", number) else PASSPORT
    some = any(each.isalnum() and each != "0" for each in number)
    return None if some and len(number) <= LONGEST else OTHER


def country_fault(identity: PersonIdentity) -> NumberFault | None:
    if identity.type in ("citizen_id", "cmnd9") and identity.country != "VN":
        return COUNTRY
    return None
