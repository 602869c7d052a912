"""Rows of evidence, as the database takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from shared.contracts.events import Bloc, EvidenceKind


class EvidenceRow(NamedTuple):
    """A row of ``evidence``. ``scores`` as JSON."""

    evidence_id: UUID
    natural_key: bytes
    content_hash: bytes
    filed_by: str | None
    person_key: str
    birth_check: str | None
    identity_type: str
    identity_country: str
    identity_number: str
    full_name: str
    birth_date: str
    kind: EvidenceKind
    language: str
    dated: dt.date
    expires_on: dt.date | None
    test: str | None
    certificate_number: str | None
    issued_by: str | None
    scores: str | None
    degree: str | None
    field: str | None
    recorded_at: dt.datetime


class Decision(NamedTuple):
    """A row of ``evidence_decision``: an acceptance or its withdrawal."""

    evidence_id: UUID
    seq: int
    kind: str
    decision_number: str
    decided_on: dt.date
    level: int | None
    equivalence_table: str | None
    recorded_at: dt.datetime
    acceptance_id: UUID
    authority_named: bool
    accepted_by: str | None
    bloc: Bloc | None


class ReferralRow(NamedTuple):
    """A row of ``evidence_referral``."""

    evidence_id: UUID
    version: int
    agency_code: str | None


class FiledName(NamedTuple):
    """A name that some paper has for a person."""

    person_key: str
    filed_by: str | None
    full_name: str


class Scope(NamedTuple):
    """Which papers a caller sees: those that ``filers`` filed. An authority also sees those that wait for the
    bodies ``waiting``, and those that one of ``accepting`` (null: anybody) accepted, within ``bloc`` if given."""

    filers: Sequence[str]
    waiting: Sequence[str] = ()
    accepting: Sequence[str] | None = ()
    bloc: str | None = None
