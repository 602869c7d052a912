"""A paper as filed: what makes it one, and what it says."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from services.certification.evidence.acceptance import judge_language, refusals_of_filing
from services.certification.evidence.rows import EvidenceRow
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
    """One paper of one person, filed by one body. Papers of one ``natural_key`` are one paper; with another
    ``content`` it says something else."""

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
        person = self.body.person
        return _stated(
            self.full_name,
            person.birth_date,
            self.body.issued_by,
            self.body.expires_on,
            _scores(self.body) or {},
        )

    def as_row(self, recorded_at: dt.datetime) -> EvidenceRow:
        body, identity = self.body, self.identity
        scores = _scores(body)
        return EvidenceRow(
            evidence_id=self.evidence_id,
            natural_key=self.natural_key,
            content_hash=self.content,
            filed_by=self.filer,
            person_key=self.person_key,
            birth_check=self.birth_check,
            identity_type=identity.type,
            identity_country=identity.country,
            identity_number=identity.number,
            full_name=self.full_name,
            birth_date=body.person.birth_date,
            kind=body.kind,
            language=body.language,
            dated=body.dated,
            expires_on=body.expires_on,
            test=body.test,
            certificate_number=body.certificate_number,
            issued_by=body.issued_by,
            scores=None if scores is None else msgspec.json.encode(scores).decode(),
            degree=body.degree,
            field=body.field,
            recorded_at=recorded_at,
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
            filer,
            person_key,
            body.kind,
            body.language,
            body.dated,
            body.test,
            body.certificate_number,
            body.degree,
            body.field,
        ),
        content=_digest(name, person.birth_date, body.issued_by, body.expires_on, _scores(body)),
        filer=filer,
        body=body,
        identity=identity,
        full_name=name,
        person_key=person_key,
        birth_check=keys.birth_check(identity, person.birth_date),
    )


def stated_in(row: EvidenceRow) -> dict[str, object]:
    """The same of a paper as it is kept."""
    return _stated(row.full_name, row.birth_date, row.issued_by, row.expires_on, scores_in(row))


def scores_in(row: EvidenceRow) -> dict[str, float | str]:
    """None for a paper without scores."""
    return (
        {} if row.scores is None else msgspec.json.decode(row.scores, type=dict[str, float | str])
    )


def _stated(
    full_name: str,
    birth_date: str,
    issued_by: str | None,
    expires_on: dt.date | None,
    scores: Mapping[str, object],
) -> dict[str, object]:
    return {
        "/person/full_name": full_name,
        "/person/birth_date": birth_date,
        "/issued_by": issued_by,
        "/expires_on": expires_on,
        **{f"/scores/{name}": scores.get(name) for name in ScoresBody.model_fields},
    }


def _scores(body: EvidenceBody) -> dict[str, Any] | None:
    return None if body.scores is None else body.scores.model_dump(exclude_none=True)


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode([str(part) for part in parts])).digest()
