"""Which versions of agencies a caller may submit."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

import msgspec

from services.enrolment.directory.agencies.refusals import OF_FAULTS
from services.enrolment.directory.agencies.scope import (
    Belonging,
    sees_body,
    within_bloc,
)
from services.enrolment.directory.agencies.submissions import AgencyRow, error
from services.enrolment.directory.agencies.versions import dated
from shared.contracts.events import AgencyLevel
from shared.imports.issues import Issue
from shared.security.principal import Principal

MOST_VERSIONS: Final = 500
"""Versions that one body may have. Every body below it is judged against each of them."""

HIGHEST_FIRST: Final = get_args(AgencyLevel)


@dataclass(frozen=True, slots=True)
class Admission:
    """What decides over the rows of one caller."""

    caller: Principal
    present: Mapping[str, Sequence[AgencyRow]]
    """The versions that are there, by code."""
    belongings: Mapping[str, Belonging]
    """Where the bodies that rows name belong today."""
    own_level: AgencyLevel
    """The level of the caller's own body."""


def admitted(
    admission: Admission, rows: Sequence[AgencyRow]
) -> tuple[dict[int, AgencyRow], dict[int, list[Issue]]]:
    """By their place: rows that the caller may submit, and what is wrong with the others."""
    refused: dict[int, list[Issue]] = {}
    caller, present, belongings = admission.caller, admission.present, admission.belongings
    new_in_scope = _new_in_scope(rows, present, belongings, caller)
    number = Counter({code: len(versions) for code, versions in present.items()})
    candidates: dict[int, AgencyRow] = {}
    submitted_first: dict[tuple[str, dt.date], AgencyRow] = {}
    versions = {version.key: version for each in present.values() for version in each}
    for index, row in enumerate(rows):
        old = versions.get(row.key)
        parent_kept = old is not None and old.parent_code == row.parent_code
        if not parent_kept and row.parent_code is None and not caller.is_nationwide:
            refused[index] = [
                error(
                    "/parent_code",
                    "parent_required",
                    "Chỉ cấp toàn quốc lập được cơ quan đứng đầu.",
                    "Only a nation-wide caller may set up a body without a parent.",
                )
            ]
        elif (
            not parent_kept
            and not caller.is_nationwide
            and row.parent_code is not None
            and row.parent_code not in new_in_scope
            and not sees_body(caller, belongings.get(row.parent_code))
        ):
            pointer, vi, en = OF_FAULTS["parent_unknown"]
            refused[index] = [
                error(
                    pointer,
                    "parent_unknown",
                    vi.format(other=row.parent_code),
                    en.format(other=row.parent_code),
                )
            ]
        elif (
            reserved := _reserved(caller, row, present, belongings, admission.own_level)
        ) is not None:
            refused[index] = [reserved]
        elif (first := submitted_first.setdefault(row.key, row)) != row:
            refused[index] = [
                error(
                    "/valid_from",
                    "row_repeated",
                    f"Phiên bản từ {first.valid_from:%d/%m/%Y} của cơ quan này đã có ở dòng khác.",
                    f"Another row gives this agency's version from {first.valid_from.isoformat()}.",
                )
            ]
        elif old is None and number[row.code] >= MOST_VERSIONS:
            refused[index] = [
                error(
                    "/valid_from",
                    "too_many_versions",
                    f"Một cơ quan có nhiều nhất {MOST_VERSIONS} phiên bản.",
                    f"An agency has at most {MOST_VERSIONS} versions.",
                )
            ]
        else:
            candidates[index] = row
            number[row.code] += old is None
    return candidates, refused


def own_level(caller: Principal, own: Sequence[AgencyRow], today: dt.date) -> AgencyLevel:
    """The level today of the caller's own body, whose versions are ``own``. It is the nation's for whoever sees
    all of it."""
    if caller.is_nationwide or caller.agency is None:
        return "central"
    begun = [row for row in own if row.valid_from <= today]
    return begun[-1].level if begun else "commune"


def _sets_blocs(caller: Principal, own_level: AgencyLevel) -> bool:
    """Whether the caller may declare the bloc of a body: the nation's or a province's authority that is
    confined to no bloc itself."""
    return (
        caller.bloc is None
        and caller.role in ("authority", "admin")
        and own_level in ("central", "province")
    )


def _reserved(
    caller: Principal,
    row: AgencyRow,
    present: Mapping[str, Sequence[AgencyRow]],
    belongings: Mapping[str, Belonging],
    own_level: AgencyLevel,
) -> Issue | None:
    """Why the row may not say what it says of its body's level or bloc, or of a body behind the border."""
    known = [each for each in present.get(row.code, ()) if each.valid_from <= row.valid_from]
    before = known[-1] if known else None
    raised = before is None or HIGHEST_FIRST.index(row.level) < HIGHEST_FIRST.index(before.level)
    if raised and HIGHEST_FIRST.index(row.level) < HIGHEST_FIRST.index(own_level):
        return error(
            "/level",
            "level_reserved",
            "Không đặt cho cơ quan cấp cao hơn cấp của chính cơ quan bạn; cấp trên mới đặt được.",
            "Nobody gives a body a level above that of the own body; who is above sets it.",
        )
    if row.bloc != (before.bloc if before else None) and not _sets_blocs(caller, own_level):
        return error(
            "/bloc",
            "bloc_reserved",
            "Chỉ cơ quan có thẩm quyền cấp toàn quốc hoặc cấp tỉnh, không thuộc riêng một khối, đặt khối của cơ quan.",
            "Only an authority of the nation or of a province that is confined to no bloc sets a body's bloc.",
        )
    if caller.bloc is None:
        return None
    if row.code in present and not within_bloc(caller, belongings.get(row.code)):
        return error(
            "/code",
            "bloc_border",
            "Cơ quan này thuộc khối khác; tài khoản thuộc một khối chỉ sửa cơ quan của khối mình.",
            "This body is of the other bloc; a caller of one bloc changes bodies of that bloc only.",
        )
    if before is not None and before.system != row.system:
        return error(
            "/system",
            "bloc_border",
            "Tài khoản thuộc một khối không đổi hệ thống của cơ quan.",
            "A caller of one bloc changes no body's system.",
        )
    return None


def as_meant(row: AgencyRow, present: Sequence[AgencyRow]) -> AgencyRow:
    """A version sent back as it was read, with its real end, is the one that is present."""
    for version, last in dated(present) if row.valid_to is not None else ():
        if row == msgspec.structs.replace(version, valid_to=last):
            return version
    return row


def _new_in_scope(
    rows: Sequence[AgencyRow],
    present: Mapping[str, Sequence[AgencyRow]],
    belongings: Mapping[str, Belonging],
    caller: Principal,
) -> set[str]:
    """Bodies that these rows set up below bodies of the caller's scope, at any depth."""
    below: dict[str, list[str]] = {}
    waiting: list[str] = []
    for row in rows:
        if row.code in present:
            continue
        if row.parent_code is None:
            if caller.is_nationwide:
                waiting.append(row.code)
        elif sees_body(caller, belongings.get(row.parent_code)):
            waiting.append(row.code)
        else:
            below.setdefault(row.parent_code, []).append(row.code)
    found: set[str] = set()
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += below.get(code, ())
    return found
