"""SQL of officials, their identities and assignments. Writes take whole sets, in one sorted order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import asyncpg

from services.enrolment.directory.officials.models import AssignmentRecord, OfficialRecord
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post
from services.enrolment.directory.officials.stored import (
    StoredOfficial,
    StoredPost,
    stored_official,
    stored_post,
)
from shared.persistence.rows import WORTH_A_COPY, columns_of

_OFFICIALS: Final = columns_of(OfficialRecord, StoredOfficial)
_POSTS: Final = columns_of(AssignmentRecord, StoredPost)
_POST_KEY: Final = ("official_code", "agency_code", "valid_from")


async def officials(
    connection: asyncpg.Connection, codes: Collection[str], *, lock: bool = False
) -> dict[str, Official]:
    """Officials by code. ``lock`` keeps other writers out of them until the transaction ends; locks are taken in
    order of code."""
    records = await connection.fetch(
        f"SELECT {_OFFICIALS.listed} FROM official WHERE official_code = ANY($1)"
        " ORDER BY official_code" + (" FOR UPDATE" if lock else ""),
        list(codes),
    )
    if not records:
        return {}
    found = [StoredOfficial(*record) for record in records]
    posts = await assignments(connection, [each.official_code for each in found])
    return {each.official_code: each.official(posts.get(each.official_code, [])) for each in found}


async def assignments(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, list[Post]]:
    """By official, in order of the first day."""
    records = await connection.fetch(
        f"SELECT {_POSTS.listed} FROM assignment WHERE official_code = ANY($1)"
        " ORDER BY official_code, valid_from, agency_code",
        list(codes),
    )
    found: dict[str, list[Post]] = defaultdict(list)
    for record in records:
        each = StoredPost(*record)
        found[each.official_code].append(each.post())
    return dict(found)


async def claim_identities(
    connection: asyncpg.Connection, claims: Sequence[tuple[bytes, str, bytes | None]]
) -> tuple[dict[bytes, str], set[bytes]]:
    """Takes each (person key, official code, birth check) that nobody has; the constraint decides.
    Returns the owner of every key asked for, and the keys taken now."""
    ordered = sorted(claims)
    taken = await connection.fetch(
        """
        INSERT INTO official_identity (person_key, official_code, birth_check)
        SELECT given.person_key, given.official_code, given.birth_check
        FROM unnest($1::bytea[], $2::text[], $3::bytea[])
             AS given (person_key, official_code, birth_check)
        ON CONFLICT (person_key) DO NOTHING
        RETURNING person_key, official_code
        """,
        [key for key, _, _ in ordered],
        [code for _, code, _ in ordered],
        [check for _, _, check in ordered],
    )
    owners: dict[bytes, str] = dict(map(tuple, taken))
    keys = set(owners)
    missing = [key for key, _, _ in ordered if key not in owners]
    if missing:
        owners |= await owners_of(connection, missing)
    return owners, keys


async def owners_of(connection: asyncpg.Connection, keys: Collection[bytes]) -> dict[bytes, str]:
    records = await connection.fetch(
        "SELECT person_key, official_code FROM official_identity WHERE person_key = ANY($1)",
        list(keys),
    )
    return dict(map(tuple, records))


async def release_identities(connection: asyncpg.Connection, keys: Collection[bytes]) -> None:
    await connection.execute("DELETE FROM official_identity WHERE person_key = ANY($1)", list(keys))


async def recheck_identities(
    connection: asyncpg.Connection, checks: Sequence[tuple[bytes, bytes | None]]
) -> None:
    """Stores birth checks anew after a birth date was corrected."""
    await connection.execute(
        """
        UPDATE official_identity i SET birth_check = given.birth_check
        FROM unnest($1::bytea[], $2::bytea[]) AS given (person_key, birth_check)
        WHERE i.person_key = given.person_key
        """,
        [key for key, _ in checks],
        [check for _, check in checks],
    )


async def add_officials(connection: asyncpg.Connection, added: Sequence[Official]) -> set[str]:
    """Adds those whose code is free, in order of code; returns the codes that were."""
    rows = sorted(map(stored_official, added))
    if len(rows) >= WORTH_A_COPY and await _OFFICIALS.copied(connection, rows):
        return {row.official_code for row in rows}
    records = await connection.fetch(
        f"{_OFFICIALS.insert_given()}"
        " ON CONFLICT (official_code) DO NOTHING RETURNING official_code",
        *_OFFICIALS.arrays(rows),
    )
    return {code for (code,) in records}


async def change_officials(connection: asyncpg.Connection, changed: Sequence[Official]) -> None:
    """Writes changed officials. They must be locked."""
    await connection.execute(
        f"""
        UPDATE official o SET {_OFFICIALS.without("official_code").set_from("given")}
        FROM {_OFFICIALS.given()} WHERE o.official_code = given.official_code
        """,
        *_OFFICIALS.arrays(map(stored_official, changed)),
    )


async def add_posts(connection: asyncpg.Connection, posts: Sequence[tuple[str, Post]]) -> None:
    """Assignments of officials who had none."""
    rows = [stored_post(code, post) for code, post in posts]
    if len(rows) < WORTH_A_COPY or not await _POSTS.copied(connection, rows):
        await _save(connection, rows)


async def save_posts(connection: asyncpg.Connection, posts: Sequence[tuple[str, Post]]) -> None:
    """Adds or replaces assignments by (official, body, first day)."""
    await _save(connection, [stored_post(code, post) for code, post in posts])


async def _save(connection: asyncpg.Connection, rows: Sequence[StoredPost]) -> None:
    """An assignment that is replaced keeps its id."""
    replaced = _POSTS.without(*_POST_KEY, "assignment_id")
    await connection.execute(
        f"{_POSTS.insert_given()} ON CONFLICT ({', '.join(_POST_KEY)})"
        f" DO UPDATE SET {replaced.set_from()}",
        *_POSTS.arrays(rows),
    )


async def remove_posts(connection: asyncpg.Connection, ids: Sequence[tuple[str, UUID]]) -> None:
    await connection.execute(
        """
        DELETE FROM assignment a USING unnest($1::text[], $2::uuid[]) AS gone (code, id)
        WHERE a.official_code = gone.code AND a.assignment_id = gone.id
        """,
        [code for code, _ in ids],
        [identifier for _, identifier in ids],
    )
