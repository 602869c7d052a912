"""SQL of certificates and evidence known from certification's feed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import asyncpg
import msgspec

from services.enrolment.certificates.matching import Certificate, Ending
from shared.contracts.events import CertificateStanding

_COLUMNS = (
    "c.reference, c.kind, c.version, c.person_key, c.birth_check, c.language, c.level, c.specialised,"
    " c.issued_on, c.counts_from, c.valid_until, c.ended_on, c.ended_effect, c.ended_cause,"
    " c.attached_to, c.mismatched_with"
)


async def store(connection: asyncpg.Connection, found: Sequence[Certificate]) -> None:
    """Adds certificates, or what a later version says of them."""
    await connection.execute(
        """
        INSERT INTO certificate AS kept (reference, kind, version, person_key, birth_check, language,
            level, specialised, issued_on, counts_from, valid_until)
        SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::bytea[], $5::bytea[],
            $6::text[], $7::smallint[], $8::boolean[], $9::date[], $10::date[], $11::date[])
        ON CONFLICT (reference) DO UPDATE SET
            version = excluded.version, person_key = excluded.person_key,
            birth_check = excluded.birth_check, language = excluded.language,
            level = excluded.level, specialised = excluded.specialised,
            issued_on = excluded.issued_on, counts_from = excluded.counts_from,
            valid_until = excluded.valid_until
        WHERE kept.version < excluded.version
        """,
        [each.reference for each in found],
        [each.kind for each in found],
        [each.version for each in found],
        [each.person_key for each in found],
        [each.birth_check for each in found],
        [each.language for each in found],
        [each.level for each in found],
        [each.specialised for each in found],
        [each.issued_on for each in found],
        [each.counts_from for each in found],
        [each.valid_until for each in found],
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
    rows = [msgspec.structs.astuple(each) for each in found]
    await connection.executemany(
        """
        INSERT INTO certificate (reference, kind, version, person_key, birth_check, language, level,
            specialised, issued_on, counts_from, valid_until, ended_on, ended_effect, ended_cause,
            attached_to, mismatched_with)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT (reference) DO UPDATE SET
            version = excluded.version, person_key = excluded.person_key,
            birth_check = excluded.birth_check, language = excluded.language,
            level = excluded.level, specialised = excluded.specialised,
            issued_on = excluded.issued_on, counts_from = excluded.counts_from,
            valid_until = excluded.valid_until, ended_on = excluded.ended_on,
            ended_effect = excluded.ended_effect, ended_cause = excluded.ended_cause,
            attached_to = excluded.attached_to, mismatched_with = excluded.mismatched_with
        """,
        rows,
    )


async def by_reference(
    connection: asyncpg.Connection, references: Collection[str]
) -> dict[str, Certificate]:
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM certificate c WHERE c.reference = ANY($1)", list(references)
    )
    return {record["reference"]: Certificate(**dict(record)) for record in records}


async def concerning(
    connection: asyncpg.Connection, codes: Collection[str]
) -> list[tuple[Certificate, str | None, bytes | None]]:
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
        SELECT {_COLUMNS}, i.official_code AS owner, i.birth_check AS owner_check
        FROM near JOIN certificate c USING (reference)
        LEFT JOIN official_identity i ON i.person_key = c.person_key
        WHERE c.kind = 'certificate'
        ORDER BY c.reference
        """,
        list(codes),
    )
    return [_owned(record) for record in records]


async def owned(
    connection: asyncpg.Connection, references: Collection[str]
) -> list[tuple[Certificate, str | None, bytes | None]]:
    records = await connection.fetch(
        f"""
        SELECT {_COLUMNS}, i.official_code AS owner, i.birth_check AS owner_check
        FROM certificate c LEFT JOIN official_identity i ON i.person_key = c.person_key
        WHERE c.reference = ANY($1) ORDER BY c.reference
        """,
        list(references),
    )
    return [_owned(record) for record in records]


def _owned(record: asyncpg.Record) -> tuple[Certificate, str | None, bytes | None]:
    values = dict(record)
    owner, check = values.pop("owner"), values.pop("owner_check")
    return Certificate(**values), owner, check


async def versions_of_officials(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, int]:
    records = await connection.fetch(
        "SELECT official_code, version FROM official WHERE official_code = ANY($1)", list(codes)
    )
    return {record["official_code"]: record["version"] for record in records}


async def attached(connection: asyncpg.Connection, code: str) -> list[Certificate]:
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM certificate c WHERE c.attached_to = $1"
        " ORDER BY c.issued_on DESC, c.reference",
        code,
    )
    return [Certificate(**dict(record)) for record in records]


async def lasting_of(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, list[CertificateStanding]]:
    """What stands for each official."""
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM certificate c WHERE c.attached_to = ANY($1) AND c.ended_on IS NULL"
        " ORDER BY c.attached_to, c.issued_on, c.reference",
        list(codes),
    )
    found: dict[str, list[CertificateStanding]] = defaultdict(list)
    for record in records:
        found[record["attached_to"]].append(Certificate(**dict(record)).summary())
    return dict(found)


async def mismatched(
    connection: asyncpg.Connection, after: tuple[str, str] | None, limit: int
) -> list[Certificate]:
    """The queue of certificates whose birth date contradicts the roster's, by official and reference."""
    records = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM certificate c
        WHERE c.mismatched_with IS NOT NULL
          AND ($1::text IS NULL OR (c.mismatched_with, c.reference) > ($1, $2::text))
        ORDER BY c.mismatched_with, c.reference LIMIT $3
        """,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [Certificate(**dict(record)) for record in records]
