"""SQL of certificates and evidence known from certification's feed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import asyncpg

from services.enrolment.certificates.matching import Certificate, Ending, OwnedCertificate
from services.enrolment.certificates.models import CertificateRecord
from shared.contracts.events import CertificateStanding
from shared.persistence.rows import Columns, columns_of

_ALL: Final = columns_of(CertificateRecord)
_ISSUED: Final = _ALL.without(
    *("ended_on", "ended_effect", "ended_cause", "attached_to", "mismatched_with")
)
_MATCHING_LOCK: Final = 0x62616352  # "bacR"


async def lock_matching(connection: asyncpg.Connection) -> None:
    """Released with the transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _MATCHING_LOCK)


def _values(columns: Columns, found: Iterable[Certificate]) -> list[list[Any]]:
    return columns.arrays([[getattr(each, name) for name in columns.names] for each in found])


def _certificate(values: Iterable[Any]) -> Certificate:
    """From all columns, in their order."""
    return Certificate(**dict(zip(_ALL.names, values, strict=True)))


async def store(connection: asyncpg.Connection, found: Sequence[Certificate]) -> None:
    """Adds certificates, or what a later version says of them."""
    await connection.execute(
        f"""
        INSERT INTO certificate AS kept ({_ISSUED.listed})
        SELECT {_ISSUED.of("given")} FROM {_ISSUED.given()}
        ON CONFLICT (reference) DO UPDATE SET {_ISSUED.without("reference", "kind").set_from()}
        WHERE kept.version < excluded.version
        """,
        *_values(_ISSUED, found),
    )


async def end(connection: asyncpg.Connection, endings: Sequence[Ending]) -> None:
    await connection.execute(
        """
        UPDATE certificate c SET
            ended_on = given.ended_on, ended_effect = given.ended_effect,
            ended_cause = given.ended_cause
        FROM unnest($1::text[], $2::date[], $3::text[], $4::text[])
             AS given (reference, ended_on, ended_effect, ended_cause)
        WHERE c.reference = given.reference
        """,
        [each.reference for each in endings],
        [each.ended_on for each in endings],
        [each.effect for each in endings],
        [each.cause for each in endings],
    )


async def attach(connection: asyncpg.Connection, found: Sequence[Certificate]) -> None:
    await connection.execute(
        """
        UPDATE certificate c
        SET attached_to = given.attached_to, mismatched_with = given.mismatched_with
        FROM unnest($1::text[], $2::text[], $3::text[])
             AS given (reference, attached_to, mismatched_with)
        WHERE c.reference = given.reference
        """,
        [each.reference for each in found],
        [each.attached_to for each in found],
        [each.mismatched_with for each in found],
    )


async def put(connection: asyncpg.Connection, found: Sequence[Certificate]) -> None:
    """Writes these as they are given, attached or not."""
    await connection.execute(
        f"{_ALL.insert_given()} ON CONFLICT (reference) DO UPDATE"
        f" SET {_ALL.without('reference', 'kind').set_from()}",
        *_values(_ALL, found),
    )


async def by_reference(
    connection: asyncpg.Connection, references: Collection[str]
) -> dict[str, Certificate]:
    records = await connection.fetch(
        f"SELECT {_ALL.of('c')} FROM certificate c WHERE c.reference = ANY($1)", list(references)
    )
    found = map(_certificate, records)
    return {each.reference: each for each in found}


async def concerning(
    connection: asyncpg.Connection, codes: Collection[str]
) -> list[OwnedCertificate]:
    """Certificates, evidence apart, that carry an identity of these officials, or are attached to them or in
    their queue: each with the owner of its identity today and that identity's birth check."""
    records = await connection.fetch(
        f"""
        WITH near AS (
            SELECT c.reference FROM official_identity i JOIN certificate c USING (person_key)
            WHERE i.official_code = ANY($1)
            UNION
            SELECT c.reference FROM certificate c WHERE c.attached_to = ANY($1)
            UNION
            SELECT c.reference FROM certificate c WHERE c.mismatched_with = ANY($1)
        )
        SELECT {_ALL.of("c")}, i.official_code AS owner, i.birth_check AS owner_check
        FROM near JOIN certificate c USING (reference)
        LEFT JOIN official_identity i ON i.person_key = c.person_key
        WHERE c.kind = 'certificate'
        ORDER BY c.reference
        """,
        list(codes),
    )
    return [_owned(tuple(record)) for record in records]


async def owned(
    connection: asyncpg.Connection, references: Collection[str]
) -> list[OwnedCertificate]:
    records = await connection.fetch(
        f"""
        SELECT {_ALL.of("c")}, i.official_code AS owner, i.birth_check AS owner_check
        FROM certificate c LEFT JOIN official_identity i ON i.person_key = c.person_key
        WHERE c.reference = ANY($1) ORDER BY c.reference
        """,
        list(references),
    )
    return [_owned(tuple(record)) for record in records]


def _owned(values: tuple[Any, ...]) -> OwnedCertificate:
    return OwnedCertificate(_certificate(values[:-2]), *values[-2:])


async def versions_of_officials(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, int]:
    records = await connection.fetch(
        "SELECT official_code, version FROM official WHERE official_code = ANY($1)", list(codes)
    )
    return dict(map(tuple, records))


async def attached(connection: asyncpg.Connection, code: str) -> list[Certificate]:
    records = await connection.fetch(
        f"SELECT {_ALL.of('c')} FROM certificate c WHERE c.attached_to = $1"
        " ORDER BY c.issued_on DESC, c.reference",
        code,
    )
    return [_certificate(record) for record in records]


async def lasting_of(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, list[CertificateStanding]]:
    """Those of each official that have not ended."""
    records = await connection.fetch(
        f"SELECT {_ALL.of('c')} FROM certificate c WHERE c.attached_to = ANY($1) AND c.ended_on IS NULL"
        " ORDER BY c.attached_to, c.issued_on, c.reference",
        list(codes),
    )
    found: dict[str, list[CertificateStanding]] = defaultdict(list)
    for record in records:
        each = _certificate(record)
        assert each.attached_to is not None
        found[each.attached_to].append(each.summary())
    return dict(found)


async def mismatched(
    connection: asyncpg.Connection, after: tuple[str, str] | None, limit: int
) -> list[tuple[str, Certificate]]:
    """The queue of certificates whose birth date contradicts the roster's, by official and reference; each with
    its official."""
    records = await connection.fetch(
        f"""
        SELECT {_ALL.of("c")} FROM certificate c
        WHERE c.mismatched_with IS NOT NULL
          AND ($1::text IS NULL OR (c.mismatched_with, c.reference) > ($1, $2::text))
        ORDER BY c.mismatched_with, c.reference LIMIT $3
        """,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    found = map(_certificate, records)
    return [(each.mismatched_with, each) for each in found if each.mismatched_with is not None]
