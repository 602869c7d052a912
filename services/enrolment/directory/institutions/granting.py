"""What a province's authority may record of an institution: the tasks that its own province assigned."""

from __future__ import annotations

from collections.abc import Sequence

from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.institutions.schemas import AuthorisationBody, InstitutionBody
from shared.contracts.problem import FieldError


def not_ones_own(
    stored: InstitutionBody | None, given: InstitutionBody, authority: Sequence[AgencyRow]
) -> FieldError | None:
    """The first difference that is not the province's to make, if any. ``authority``: the versions of the
    caller's body, in order. Name and kind are the province's as long as nobody else granted anything."""
    before = stored.authorisations if stored is not None else []
    for place, each in enumerate(given.authorisations):
        if each not in before and (found := _foreign(each, authority, f"/{place}")) is not None:
            return found
    kept = list(given.authorisations)
    for each in before:
        if each in kept:
            kept.remove(each)
        elif (found := _foreign(each, authority, "")) is not None:
            return found
    if stored is not None and any(_foreign(each, authority, "") for each in before):
        for name in ("name", "kind"):
            if getattr(stored, name) != getattr(given, name):
                return FieldError(
                    f"/{name}",
                    "granted_by_others_too",
                    "Cơ sở này còn được cấp khác cho phép; chỉ cấp toàn quốc sửa được tên, loại",
                    "Others granted this institution too; only a nation-wide caller renames it",
                )
    return None


def _foreign(
    each: AuthorisationBody, authority: Sequence[AgencyRow], place: str
) -> FieldError | None:
    if each.granted_by == "ministry":
        return FieldError(
            f"/authorisations{place}",
            "of_the_ministry",
            "Chỉ cấp toàn quốc ghi được giấy phép của Bộ",
            "Only a nation-wide caller records what the ministry granted",
        )
    begun = [row for row in authority if row.valid_from <= each.valid_from] or authority[:1]
    if each.granted_by == "province" and begun and begun[-1].province_code == each.province_code:
        return None
    return FieldError(
        f"/authorisations{place}",
        "of_another_grantor",
        "Chỉ ghi được việc tỉnh mình giao (mã tỉnh vào ngày bắt đầu)",
        "Only what the caller's own province assigned (by its code of the first day) may be recorded",
    )
