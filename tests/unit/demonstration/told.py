"""The demonstration as the two feeds would tell it, so that figures can be counted without a service."""

from __future__ import annotations

from collections import defaultdict

from services.demonstration.exams import Sheet
from services.demonstration.places import HEALTH_CENTRE, PLACES
from services.demonstration.world import Demonstration
from tests.worlds import events as told

BEFORE, SINCE = "2025-06-30", "2025-07-01"


def level_of(halves: tuple[int, int, int, int] | None) -> int | None:
    """The bands of VSTEP.3-5, written down a second time: sums of half points."""
    total = sum(halves) if halves else 0
    return 5 if total >= 66 else 4 if total >= 46 else 3 if total >= 30 else None


def feeds(
    demonstration: Demonstration, extra_sheets: list[Sheet] | None = None
) -> list[told.Event]:
    found = list(_fact_bodies())
    versions = defaultdict(list)
    for one in demonstration.agencies:
        versions[one.code].append(
            told.agency_version(
                *(one.valid_from, one.valid_to),
                parent=one.parent_code,
                level=one.level,
                system=one.system,
                province=one.province_code,
                commune_kind=one.commune_kind,
                predecessors=one.predecessor_codes,
                central_vertical=one.central_vertical,
            )
        )
    found += [told.agency(code, *ones) for code, ones in versions.items()]
    for official in demonstration.officials:
        row = official.as_row()
        assignments = [
            told.assignment(
                *(one.agency_code, one.post.status, one.valid_from, one.valid_to),
                leadership=one.post.leadership,
                requires_language=one.basis is not None,
                primary=one.primary,
                posting=one.posting,
                **dict.fromkeys(one.attributes, True),
            )
            for one in official.assignments
        ]
        born = row["birth_date"]
        key = official.citizen_id
        found.append(
            told.official(
                official.code, *assignments, born=born, person_key=key, **official.attributes
            )
        )
        if official.former_card:
            keys = (key, official.former_card)
            found.append(
                told.linked(official.code, *((one, told.check_of(one, born)) for one in keys))
            )
    for place in demonstration.places:
        remarked = {one.sheet.key: one for one in place.exams.remarkings}
        revoked = {one.sheet.key: one for one in place.exams.revocations}
        for sheet in place.exams.sheets:
            found += _papers(sheet, remarked.get(sheet.key), revoked.get(sheet.key))
        for number, paper in enumerate(place.evidence):
            if paper.acceptance is None:
                continue
            name = f"{place.key} {number}"
            born = paper.official.born.isoformat()
            found.append(
                told.evidence(
                    *(name, paper.official.citizen_id, paper.level, paper.dated),
                    kind=paper.kind,
                    language=paper.language,
                    birth_check=told.check_of(paper.official.citizen_id, born),
                    expires_on=paper.expires_on,
                    test=paper.test,
                    specialised=paper.kind == "specialised_language",
                    decided_on=paper.acceptance.decision.decided_on,
                )
            )
            if paper.withdrawal:
                found.append(
                    told.withdrawn(name, paper.official.citizen_id, paper.withdrawal.decided_on)
                )
    for sheet in extra_sheets or ():
        found += _papers(sheet, None, None)
    return found


def _papers(sheet: Sheet, remarked, revoked) -> list[told.Event]:
    level = level_of(sheet.halves)
    if level is None:
        return []
    key = sheet.identity["number"]
    check = told.check_of(key, sheet.birth_date.isoformat())
    serial = f"{sheet.session.code}-{sheet.number}"
    found = [told.certificate(serial, key, level, sheet.session.issued_on, birth_check=check)]
    if remarked:
        after = level_of(remarked.halves)
        if after != level:
            found.append(told.superseded(serial, key, remarked.decided_on))
            found.append(
                told.certificate(f"{serial}-2", key, after, remarked.decided_on, birth_check=check)
            )
    if revoked:
        found.append(told.revoked(serial, key, revoked.decided_on, revoked.effect))
    return found


def _fact_bodies():
    for place in PLACES:
        if place.code_before == place.code_after:
            yield told.agency(
                place.root, told.agency_version("2004-01-01", province=place.code_before)
            )
        else:
            yield told.agency(
                place.root,
                told.agency_version("2004-01-01", BEFORE, province=place.code_before),
                told.agency_version(SINCE, province=place.code_after),
            )
    yield told.agency("H56.09", told.agency_version("2004-01-01", province="38"))
    yield told.agency(
        HEALTH_CENTRE,
        told.agency_version(
            "2004-01-01", parent="H56.09", level="district", system="public_service", province="38"
        ),
    )
