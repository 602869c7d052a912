"""The bloc of a body follows its own system first (CONTRACT §1): paths of the tree are told anew.

Officials in bodies that come to another bloc are looked at again, so that readers of the feed are told who joined
them and who left.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = dt.date.max
_DAY = dt.timedelta(days=1)
_OF_SYSTEM = {"party": "party", "socio_political": "party", "state": "state"}

Segment = tuple[dt.date, dt.date, tuple[str, ...], str]


def upgrade() -> None:
    bind = op.get_bind()
    versions: dict[str, list[Any]] = defaultdict(list)
    for row in bind.execute(
        text(
            "SELECT agency_code, valid_from, valid_to, parent_code, system, bloc FROM agency_version"
            " ORDER BY agency_code, valid_from"
        )
    ):
        versions[row.agency_code].append(row)
    spans = {code: _in_force(rows) for code, rows in versions.items()}
    held: dict[str, list[Segment]] = defaultdict(list)
    for row in bind.execute(
        text(
            "SELECT agency_code, valid_from, valid_to, path, bloc FROM agency_path"
            " ORDER BY agency_code, valid_from"
        )
    ):
        held[row.agency_code].append(
            (row.valid_from, row.valid_to or _OPEN, tuple(row.path), row.bloc)
        )
    changed = {
        code: found for code in versions if (found := _climbed(code, spans)) != held.get(code, [])
    }
    if not changed:
        return
    bind.execute(
        text("DELETE FROM agency_path WHERE agency_code = ANY(:codes)"), {"codes": list(changed)}
    )
    bind.execute(
        text(
            "INSERT INTO agency_path (agency_code, valid_from, valid_to, path, bloc)"
            " VALUES (:code, :first, :last, :path, :bloc)"
        ),
        [
            {
                "code": code,
                "first": first,
                "last": None if last == _OPEN else last,
                "path": list(path),
                "bloc": bloc,
            }
            for code, found in changed.items()
            for first, last, path, bloc in found
        ],
    )
    bind.execute(
        text(
            "INSERT INTO reach_due (official_code) SELECT DISTINCT official_code FROM assignment"
            " WHERE agency_code = ANY(:codes) ON CONFLICT DO NOTHING"
        ),
        {"codes": list(changed)},
    )


def _in_force(rows: list[Any]) -> list[tuple[dt.date, dt.date, Any]]:
    found = []
    for place, row in enumerate(rows):
        last = row.valid_to or _OPEN
        if place + 1 < len(rows):
            last = min(last, rows[place + 1].valid_from - _DAY)
        if last >= row.valid_from:
            found.append((row.valid_from, last, row))
    return found


def _climbed(code: str, spans: dict[str, list[tuple[dt.date, dt.date, Any]]]) -> list[Segment]:
    found: list[Segment] = []
    waiting: list[tuple[tuple[str, ...], dt.date, dt.date, str | None]] = [
        ((code,), dt.date.min, _OPEN, None)
    ]
    while waiting:
        path, first, last, nearest = waiting.pop()
        for begins, ends, row in spans.get(path[-1], ()):
            low, high = max(first, begins), min(last, ends)
            if low > high:
                continue
            bloc = nearest or row.bloc or _OF_SYSTEM.get(row.system)
            if row.parent_code is None:
                found.append((low, high, path, bloc or "state"))
            elif row.parent_code not in path:
                waiting.append(((*path, row.parent_code), low, high, bloc))
    joined: list[Segment] = []
    for segment in sorted(found):
        before = joined[-1] if joined else None
        if (
            before
            and before[1] != _OPEN
            and before[1] + _DAY == segment[0]
            and before[2:] == segment[2:]
        ):
            joined[-1] = (before[0], segment[1], *before[2:])
        else:
            joined.append(segment)
    return joined


def downgrade() -> None:
    """The paths stay: the code of any version makes them from the versions of agencies."""
