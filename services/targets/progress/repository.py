"""SQL that answers questions: figures in one statement, lists of people by page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.targets.population.series import Cells, Opening, Page


class Found(NamedTuple):
    """All that one figure needs, from one snapshot."""

    fingerprint: str
    made: UUID
    width: int
    """Profiles known to the database."""
    enrolment: str
    certification: str
    known: bool
    in_tree: bool
    in_scope: bool
    counted_by_origin: bool
    """The body asked is the plan's own or above it on the day, so that L2 may count one origin alone."""
    page: Page | None
    tail: list[Cells]
    set_aside: list[tuple[str, int]]
    """Feed and position of events that no figure counts, because somebody set them aside."""


# A body belongs today where it stands, else where it last stood, else where it will.
_SCOPE_DAY = """
    SELECT coalesce(
        max({today}) FILTER (WHERE first <= {today} AND {today} < until),
        max(until) FILTER (WHERE until <= {today}) - 1,
        min(first)) AS day
    FROM ancestry WHERE body = {body} AND ancestor = {body}
"""

_FIGURE = f"""
    WITH asked AS (
        SELECT EXISTS (
                   SELECT FROM ancestry WHERE body = $1 AND ancestor = $1
                   AND first <= $2 AND $2 < until) AS in_tree,
               $4 <> '' AND EXISTS (
                   SELECT FROM ancestry WHERE body = $3 AND ancestor = $1
                   AND first <= $2 AND $2 < until) AS counted_by_origin
    ), chosen AS (
        SELECT s.id FROM asked JOIN series s
            ON s.agency_code = $1 AND s.origin = CASE WHEN asked.counted_by_origin THEN $4 ELSE '' END
        WHERE asked.in_tree
    )
    SELECT p.fingerprint, p.made,
           (SELECT coalesce(max(id), -1) + 1 FROM profile) AS width,
           (SELECT cursor FROM feed_cursor WHERE source = 'enrolment') AS enrolment,
           (SELECT cursor FROM feed_cursor WHERE source = 'certification') AS certification,
           EXISTS (SELECT FROM agency WHERE code = $1) AS known,
           asked.in_tree, asked.counted_by_origin,
           $5::text IS NULL OR EXISTS (
               SELECT FROM ancestry a, ({_SCOPE_DAY.format(body="$1", today="$6::integer")}) scope
               WHERE a.body = $1 AND a.ancestor = $5 AND a.first <= scope.day AND scope.day < a.until
           ) AS in_scope,
           page.from_day, page.opening, page.changes,
           (SELECT array_agg(a.source || ' ' || a.position ORDER BY a.source, a.position)
            FROM feed_set_aside a
            WHERE a.settled_at IS NULL AND a.passed_at IS NOT NULL) AS set_aside,
           (SELECT array_agg(cells) FROM series_tail t, chosen
            WHERE t.series = chosen.id AND $7) AS tail
    FROM projection p CROSS JOIN asked
    LEFT JOIN LATERAL (
        SELECT q.from_day, q.opening, q.changes FROM series_page q, chosen
        WHERE q.series = chosen.id AND q.from_day <= $2 AND $7
        ORDER BY q.from_day DESC LIMIT 1) page ON true
"""


async def find(
    connection: asyncpg.Connection,
    *,
    agency: str,
    day: int,
    plan_body: str,
    origin: str,
    scope: str | None,
    today: int,
    with_cells: bool = True,
) -> Found:
    """``origin``: what is counted apart at the plan's own body and above it, empty for nobody.
    ``scope``: the caller's agency, within which the body must stand today, or on its last day in the
    tree where it has none left."""
    row = await connection.fetchrow(
        _FIGURE, agency, day, plan_body, origin, scope, today, with_cells
    )
    page = None
    if row["opening"] is not None:
        page = Page(
            row["from_day"],
            Opening.from_bytes(row["opening"]),
            Cells.from_bytes(row["changes"]),
        )
    return Found(
        fingerprint=row["fingerprint"],
        made=row["made"],
        width=row["width"],
        enrolment=row["enrolment"] or "",
        certification=row["certification"] or "",
        known=row["known"],
        in_tree=row["in_tree"],
        in_scope=row["in_scope"],
        counted_by_origin=row["counted_by_origin"],
        page=page,
        tail=[Cells.from_bytes(each) for each in row["tail"] or ()],
        set_aside=[
            (feed, int(position))
            for feed, position in (each.split(" ") for each in row["set_aside"] or ())
        ],
    )


async def one_snapshot(connection: asyncpg.Connection) -> None:
    """All later statements of this transaction see the same facts. Must come first."""
    await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


class Member(NamedTuple):
    official_code: str
    body: str
    origin: str
    profile: int


async def read_members(
    connection: asyncpg.Connection,
    *,
    agency: str,
    day: int,
    profiles: Sequence[int],
    origin: str,
    others_too: bool,
    bloc: str | None,
    after: str,
    limit: int,
) -> list[Member]:
    """People of the subtree on ``day`` by official code: those of ``profiles``, of ``origin`` where it is not
    empty; with ``others_too`` also everybody of another origin."""
    rows = await connection.fetch(
        """
        SELECT s.official_code, s.body, s.origin, s.profile
        FROM ancestry a JOIN standing s ON s.body = a.body
        WHERE a.ancestor = $1 AND a.first <= $2 AND $2 < a.until
          AND s.first <= $2 AND $2 < s.until AND s.official_code > $7
          AND ((($4 = '' OR s.origin = $4) AND s.profile = ANY($3::integer[]))
               OR ($5 AND $4 <> '' AND s.origin <> $4))
          AND ($6::text IS NULL OR EXISTS (
              SELECT FROM bloc b WHERE b.body = s.body AND b.bloc = $6
              AND b.first <= $2 AND $2 < b.until))
        ORDER BY s.official_code LIMIT $8
        """,
        agency,
        day,
        list(profiles),
        origin,
        others_too,
        bloc,
        after,
        limit,
    )
    return [Member(*row) for row in rows]


async def bodies_in_scope(
    connection: asyncpg.Connection,
    bodies: Collection[str],
    *,
    scope: str | None,
    bloc: str | None,
    today: int,
) -> set[str]:
    """Those that stand today within the caller's agency ``scope`` and reporting ``bloc``; null: within any."""
    rows = await connection.fetch(
        f"""
        SELECT given.body FROM unnest($1::text[]) AS given (body)
        CROSS JOIN LATERAL ({_SCOPE_DAY.format(body="given.body", today="$4::integer")}) scope
        WHERE ($2::text IS NULL OR EXISTS (
                  SELECT FROM ancestry a WHERE a.body = given.body AND a.ancestor = $2
                  AND a.first <= scope.day AND scope.day < a.until))
          AND ($3::text IS NULL OR EXISTS (
                  SELECT FROM bloc b WHERE b.body = given.body AND b.bloc = $3
                  AND b.first <= scope.day AND scope.day < b.until))
        """,
        list(bodies),
        scope,
        bloc,
        today,
    )
    return {row["body"] for row in rows}
