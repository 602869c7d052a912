"""A paper as filed: what it is told apart by, and what it says."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from services.certification.evidence.acceptance import judge_language, refusals_of_filing
from services.certification.evidence.schemas import EvidenceBody, ScoresBody
from services.certification.faults import (
    noting,
    together,
)
from services.certification.framework.documents import Languages
from services.certification.identities import judged_identity
from services.certification.names import plain_name
from shared.contracts.events import EvidenceRecorded
from shared.contracts.problem import Problem
from shared.persistence.keys import uuid7
from shared.security.person_key import PersonIdentity, PersonKeys


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of one person, filed by one body; ``natural_key`` makes it one, ``content`` tells whether
    it was filed again as it was."""

    evidence_id: UUID
    natural_key: bytes
    content: bytes
    filer: str | None
    body: EvidenceBody
    identity: PersonIdentity
    full_name: str
    person_key: str
    birth_check: str | None

    @property
    def stated(self) -> dict[str, object]:
        """What a paper of this key may not say otherwise, by pointer."""
        return _stated(
            (
                self.full_name,
                self.body.person.birth_date,
                self.body.issued_by,
                self.body.expires_on,
            ),
            _scores(self.body) or {},
        )

    def as_row(self, recorded_at: dt.datetime) -> tuple[Any, ...]:
        """In the order of the table's columns."""
        body, identity = self.body, self.identity
        scores = _scores(body)
        return (
            *(self.evidence_id, self.natural_key, self.content, self.filer),
            *(self.person_key, self.birth_check),
            *(identity.type, identity.country, identity.number),
            *(self.full_name, body.person.birth_date),
            *(body.kind, body.language, body.dated, body.expires_on, body.test),
            *(body.certificate_number, body.issued_by),
            None if scores is None else msgspec.json.encode(scores).decode(),
            *(body.degree, body.field, recorded_at),
        )

    def as_event(self) -> EvidenceRecorded:
        return EvidenceRecorded(
            version=1,
            evidence_id=self.evidence_id,
            kind=self.body.kind,
            person_key=self.person_key,
            birth_check=self.birth_check,
            language=self.body.language,
            dated=self.body.dated,
        )


def paper_of(
    body: EvidenceBody,
    filer: str | None,
    keys: PersonKeys,
    languages: Languages,
    today: dt.date,
) -> Paper:
    """Raises ``evidence_dates_impossible``, ``language_unknown`` and what is wrong with the identity: the first,
    with the faults of all."""
    person = body.person
    found: list[Problem] = []
    with noting(found):
        judge_language(body.language, languages)
    found += refusals_of_filing(body.dated, body.expires_on, person.birth_date, today)
    with noting(found):
        identity = judged_identity(person.citizen_id, person.identity, "/person")
    if found:
        raise together(found)
    person_key = keys.person_key(identity)
    name = plain_name(person.full_name)
    return Paper(
        evidence_id=uuid7(),
        natural_key=_digest(
            *(filer, person_key, body.kind, body.language, body.dated, body.test),
            *(body.certificate_number, body.degree, body.field),
        ),
        content=_digest(name, person.birth_date, body.issued_by, body.expires_on, _scores(body)),
        filer=filer,
        body=body,
        identity=identity,
        full_name=name,
        person_key=person_key,
        birth_check=keys.birth_check(identity, person.birth_date),
    )


def stated_in(row: Mapping[str, Any]) -> dict[str, object]:
    """The same of a paper as it is kept."""
    scores = msgspec.json.decode(row["scores"]) if row["scores"] is not None else {}
    return _stated(
        (row["full_name"], row["birth_date"], row["issued_by"], row["expires_on"]), scores
    )


def _stated(said: tuple[object, ...], scores: Mapping[str, object]) -> dict[str, object]:
    pointers = ("/person/full_name", "/person/birth_date", "/issued_by", "/expires_on")
    marks = {f"/scores/{name}": scores.get(name) for name in ScoresBody.model_fields}
    return {**dict(zip(pointers, said, strict=True)), **marks}


def _scores(body: EvidenceBody) -> dict[str, Any] | None:
    return None if body.scores is None else body.scores.model_dump(exclude_none=True)


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode([str(part) for part in parts])).digest()
