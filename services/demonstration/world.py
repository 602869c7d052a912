"""The whole demonstration: built anew by code, the same on every run, and invented throughout."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from services.demonstration.agencies import health_centre_of_hoang_hoa, province_tree
from services.demonstration.attainment import SPECIALISED, outcome
from services.demonstration.evidence import Evidence, EvidenceFiles
from services.demonstration.exams import ExamRecords, Exams, Sheet
from services.demonstration.identities import IdentityNumbers
from services.demonstration.names import Sex, full_name
from services.demonstration.officials import Official, Roster
from services.demonstration.places import (
    HEALTH_CENTRE,
    HEALTH_CENTRE_INSTITUTION,
    HEALTH_CENTRE_LETTERS,
    HEALTH_CENTRE_PROVINCE,
    PLACES,
)
from services.demonstration.tree import AgencyVersion, Tree

FIRST_EXAM = dt.date(2020, 1, 1)
_FILING_KINDS = {
    *("department", "commune_committee", "party_committee", "socio_political_body"),
    *("district_committee", "province_committee"),
}


@dataclass(slots=True)
class PlaceRecords:
    """What is loaded for one place."""

    key: str
    plan: str
    body: str
    institution: str
    tree: Tree
    officials: list[Official] = field(default_factory=list)
    exams: ExamRecords = field(default_factory=ExamRecords)
    evidence: list[Evidence] = field(default_factory=list)


@dataclass(slots=True)
class Demonstration:
    places: list[PlaceRecords]

    def place(self, key: str) -> PlaceRecords:
        return next(one for one in self.places if one.key == key)

    @property
    def agencies(self) -> list[AgencyVersion]:
        """Parents before children."""
        found = [version for place in self.places for version in place.tree.in_order()]
        return sorted(found, key=lambda one: one.valid_from)

    @property
    def officials(self) -> list[Official]:
        return [official for place in self.places for official in place.officials]

    @property
    def sheets(self) -> list[Sheet]:
        """In the order in which registers are written: by day of issue."""
        found = [sheet for place in self.places for sheet in place.exams.sheets]
        return sorted(
            found, key=lambda one: (one.session.issued_on, one.session.institution, one.number)
        )


def build() -> Demonstration:
    """About 13 000 people; takes a second or two."""
    numbers = IdentityNumbers()
    places = []
    for place in PLACES:
        tree = province_tree(place)
        roster = Roster(
            *(place.key, place.letters, tree, numbers, place.minority, place.minority_share)
        )
        records = PlaceRecords(place.key, place.plan, place.root, place.institution, tree)
        records.officials = roster.build()
        places.append(records)
    centre = PlaceRecords(
        *("hoanghoa", "hoanghoa-2021", HEALTH_CENTRE, HEALTH_CENTRE_INSTITUTION),
        health_centre_of_hoang_hoa(),
    )
    centre.officials = Roster(centre.key, HEALTH_CENTRE_LETTERS, centre.tree, numbers).build()
    places.append(centre)
    for records in places:
        _attain(records, numbers)
    return Demonstration(places)


def _attain(records: PlaceRecords, numbers: IdentityNumbers) -> None:
    random = Random(f"bac attainment {records.key}")
    exams = Exams(records.key, records.institution, FIRST_EXAM)
    files = EvidenceFiles(records.key, records.body)
    for official in records.officials:
        first = official.assignments[0]
        sector = records.tree.workplaces[first.agency_code].sector
        reached = outcome(random, official, sector)
        filed_by = filing_body(records, official)
        by_exam = random.random() < (0.55 if reached == 5 else 0.88)
        shown = exams.sit(official, reached, by_exam=by_exam)
        if reached and shown is None:
            files.level_paper(official, reached, filed_by)
        needed = 3 if "commune" in sector else 4
        share = SPECIALISED[records.key] if reached >= needed else 0.035
        if random.random() < share and official.last.valid_to is None:
            files.specialised_paper(official, sector, filed_by)
    province = next((one.code_before for one in PLACES if one.key == records.key), None)
    exams.outsiders(_outsiders(random, numbers, province or HEALTH_CENTRE_PROVINCE))
    small = records.key == "hoanghoa"
    exams.afterwards(
        wrong_births=1 if small else 2,
        remarkings=1 if small else 3,
        revocations=1 if small else 4,
    )
    records.exams = exams.records
    records.evidence = files.filed


def _outsiders(
    random: Random, numbers: IdentityNumbers, province: str
) -> list[tuple[str, str, dt.date]]:
    """Students and others who sit the same exams."""
    people = []
    for _ in range(25):
        sex: Sex = "female" if random.random() < 0.5 else "male"
        born = dt.date(random.randint(1990, 2001), random.randint(1, 12), random.randint(1, 28))
        people.append(
            (numbers.citizen_id(province, born, sex), full_name(random, sex, "", 0.0), born)
        )
    return people


def filing_body(records: PlaceRecords, official: Official) -> str:
    """The department or commune that files papers for the official's last body; where that is no more,
    the department of home affairs."""
    if records.key == "hoanghoa":
        return HEALTH_CENTRE
    standing = {
        version.code: version for version in records.tree.versions if version.valid_to is None
    }
    code: str | None = official.last.agency_code
    while code is not None and code in standing:
        if standing[code].kind in _FILING_KINDS:
            return code
        code = standing[code].parent_code
    return f"{records.body}.MH.SNV"
