"""What proves a level or specialised language: certificates and accepted evidence, as dated facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from uuid import UUID

from services.targets.plans.schemas import Language, Plan
from services.targets.population.days import END, months_later, until_after
from shared.contracts.events import (
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
    EvidenceAccepted,
    EvidenceAcceptedV1,
    EvidenceWithdrawn,
    Identity,
    OfficialState,
)

CERTIFICATE: Final = "certificate"
_FOREIGN_FRAMEWORK: Final = frozenset({CERTIFICATE, "framework_certificate", "foreign_certificate"})
"""Kinds that are kept under a foreign-language framework or test, whatever the language."""


class Credential(NamedTuple):
    """A certificate (``kind`` is ``certificate``) or evidence that was accepted."""

    reference: UUID
    person_key: str
    birth_check: str | None
    kind: str
    language: str
    level: int | None
    specialised: bool
    first: int
    """First day it counts."""
    until: int
    """First day it no longer stands; not after ``first`` where it never counts."""
    expires: int
    """First day after what is printed on it; ``END`` where nothing is printed."""
    test: str | None
    accepted_by: str | None = None
    """The agency of the authority that accepted it; null: nation-wide, as for a certificate."""
    bloc: str | None = None
    """The reporting bloc that this authority is confined to."""
    decided_on: int = 0
    """Day of the acceptance."""


def issued(event: CertificateIssued) -> Credential:
    return Credential(
        reference=event.certificate_id,
        person_key=event.person_key,
        birth_check=event.birth_check,
        kind=CERTIFICATE,
        language=event.language,
        level=event.level,
        specialised=False,
        first=(event.counts_from or event.issued_on).toordinal(),
        until=END,
        expires=until_after(event.valid_until),
        test=event.format,
    )


def accepted(event: EvidenceAcceptedV1) -> Credential:
    """One acceptance of a paper; a v1 event, which names no authority, counts as nation-wide."""
    named = event if isinstance(event, EvidenceAccepted) else None
    return Credential(
        reference=named.acceptance_id if named else event.evidence_id,
        person_key=event.person_key,
        birth_check=event.birth_check,
        kind=event.kind,
        language=event.language,
        level=event.level,
        specialised=event.specialised,
        first=event.dated.toordinal(),
        until=END,
        expires=until_after(event.expires_on),
        test=event.test,
        accepted_by=named.accepted_by if named else None,
        bloc=named.bloc if named else None,
        decided_on=event.decided_on.toordinal(),
    )


Ending = CertificateRevoked | CertificateSuperseded | EvidenceWithdrawn


def ending(event: Ending) -> tuple[UUID, int]:
    """Which credential ends, and the first day on which it no longer counts; 0 when it never counted."""
    if isinstance(event, CertificateRevoked) and event.effect == "from_issue":
        return event.certificate_id, 0
    if isinstance(event, EvidenceWithdrawn):
        return event.acceptance_id or event.evidence_id, event.decided_on.toordinal()
    return event.certificate_id, event.decided_on.toordinal()


def ended_before_it_began(person_key: str, reference: UUID, until: int) -> Credential:
    """An ending that was read before its beginning, kept until that one arrives."""
    return Credential(reference, person_key, None, "", "", None, False, END, until, END, None)


def is_foreign(credential: Credential, languages: Mapping[str, Language]) -> bool:
    """Whether the language counts; Khmer and Lao only under a foreign-language framework or test."""
    language = languages.get(credential.language)
    if language is None or not language.foreign:
        return False
    if not language.minority:
        return True
    return credential.kind in _FOREIGN_FRAMEWORK or credential.test is not None


def expiry(credential: Credential, months_by_test: Mapping[str, int]) -> int:
    """First day on which R9 ``unexpired`` no longer counts it."""
    if credential.expires != END or credential.test is None:
        return credential.expires
    months = months_by_test.get(credential.test)
    if months is None:
        return END
    return months_later(dt.date.fromordinal(credential.first), months).toordinal() + 1


def birth_checks(state: OfficialState, linked: Iterable[Identity]) -> dict[str, str | None]:
    """Every person key of the official with its check; the current record wins over older entries."""
    checks = {identity.person_key: identity.birth_check for identity in linked}
    checks[state.person_key] = state.birth_check
    return checks


def matched(
    credentials: Iterable[Credential], checks: Mapping[str, str | None]
) -> tuple[Credential, ...]:
    """Those of the official's whose birth date is not known to differ from the roster's."""
    return tuple(
        credential
        for credential in credentials
        if credential.person_key in checks
        and not _differ(credential.birth_check, checks[credential.person_key])
    )


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


class Proved(NamedTuple):
    level: int | None
    """Best level, whatever any indicator requires."""
    specialised: bool


def proved_on(
    credentials: Iterable[Credential],
    languages: Mapping[str, Language],
    plan: Plan,
    readings: Mapping[str, str],
    day: int,
) -> Proved:
    """What a person's credentials prove on a day under R8 and R9."""
    english_only = readings["R8_language_scope"] == "english_only"
    unexpired = readings["R9_achieved_at"] == "unexpired"
    counting = [
        each
        for each in credentials
        if each.first <= day < each.until
        and is_foreign(each, languages)
        and (each.language == "en" or not english_only)
        and (not unexpired or day < expiry(each, plan.validity_months))
    ]
    return Proved(
        max((each.level for each in counting if each.level is not None), default=None),
        any(each.specialised for each in counting),
    )
