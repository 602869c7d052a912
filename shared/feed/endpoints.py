"""``GET /v1/events``: the feed that other services and portals read."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated, Any, Final
from uuid import UUID

import asyncpg
import msgspec
from fastapi import APIRouter, Query, Request, Response

from shared.clock import Clock
from shared.contracts import audiences
from shared.contracts.audiences import PART, SCOPED, Reader
from shared.contracts.events import WITHHELD
from shared.contracts.problem import CursorUnknown, Forbidden
from shared.feed import repository
from shared.feed.cursors import decode_cursor, encode_cursor
from shared.feed.repository import ServedEvent
from shared.feed.waiting import FeedBell, wait_for_ring
from shared.persistence.audit import AuditRow, append_audit
from shared.persistence.database import Database
from shared.security.principal import Principal
from shared.web.problems import problem_responses
from shared.web.shares import hold_share

LARGEST_PAGE: Final = 1000
"""Events for a reader that is no service's own follower, whatever it asks for."""
_WINDOW = 50_000


def readers_of(principal: Principal) -> list[Reader] | None:
    """Names under which this caller finds events addressed to it; null: all of them."""
    if principal.is_nationwide and principal.bloc is None:
        return None
    names = [audiences.EVERYBODY]
    if principal.role in ("agency", "authority", "auditor"):
        names.append(audiences.ALL_AGENCIES)
        if principal.agency is not None:
            names.append(audiences.agency(principal.agency, principal.bloc))
            if principal.role != "agency":
                names.append(audiences.authority(principal.agency, principal.bloc))
        elif principal.bloc is not None:
            names.append(audiences.of_bloc(principal.bloc))
    if principal.role == "institution" and principal.institution is not None:
        names.append(audiences.institution(principal.institution))
    return names


class CloudEvent(msgspec.Struct, frozen=True, gc=False):
    """CloudEvents 1.0 in the JSON format; the payload is passed on as stored."""

    specversion: str
    id: UUID
    source: str
    type: str
    subject: str
    time: dt.datetime
    datacontenttype: str
    data: msgspec.Raw


def cloud_event(source: str, event: ServedEvent, *, whole: bool) -> CloudEvent:
    """``whole``: with the fields that are null for a reader without ``pii:read``."""
    return CloudEvent(
        "1.0",
        event.event_id,
        source,
        event.type,
        event.subject,
        event.occurred_at,
        "application/json",
        msgspec.Raw(event.data.encode()) if whole else _shown(event),
    )


_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NULL = msgspec.Raw(b"null")


def _shown(event: ServedEvent) -> msgspec.Raw:
    withheld = WITHHELD.get(event.type)
    if withheld is None:
        return msgspec.Raw(event.data.encode())
    fields = _FIELDS.decode(event.data)
    fields.update(dict.fromkeys(withheld, _NULL))
    return msgspec.Raw(msgspec.json.encode(fields))


async def _record_reading(
    request: Request, connection: asyncpg.Connection, after: int, position: int, events: int
) -> None:
    """The line of the trail for one page; committed before the page leaves."""
    principal: Principal = request.state.principal
    clock: Clock = request.app.state.clock
    detail = {"after": after, "to": position, "events": events}
    line = AuditRow(
        at=clock.now(),
        caller=principal.subject,
        role=principal.role,
        action="feed.read",
        subject=f"{events} events",
        correlation_id=request.state.correlation_id,
        detail=msgspec.json.encode(detail).decode(),
    )
    await append_audit(connection, [line])


def events_router(service: str) -> APIRouter:
    router = APIRouter()

    @router.get(
        "/v1/events",
        operation_id="read_events",
        summary="Dòng sự kiện / Change feed",
        tags=["feed"],
        responses={
            200: {
                "description": "Events after the cursor, oldest first",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/EventPage"}}
                },
            },
            **problem_responses(CursorUnknown, Forbidden),
        },
    )
    async def read_events(
        request: Request,
        after: Annotated[
            str | None,
            Query(
                description="`cursor` của lần trước; bỏ trống: từ đầu / `cursor` of the last answer; "
                "absent: from the beginning"
            ),
        ] = None,
        limit: Annotated[
            int,
            Query(
                ge=1,
                le=5000,
                description=f"Số sự kiện nhiều nhất, không quá {LARGEST_PAGE} một trang / At most this many events,"
                f" and {LARGEST_PAGE} a page",
            ),
        ] = 500,
        wait: Annotated[
            float, Query(ge=0, le=30, description="Số giây chờ tin mới / Seconds to wait for news")
        ] = 0,
    ) -> Response:
        """Events the caller may see. `cursor` moves past those it may not see; `cursor` equals `head`
        when nothing is left. `head` is the same for everybody. `settled` is true when, beyond that, no
        committed change still waits for its place in the feed. A reader without `pii:read` gets birth dates
        as null, and `whole` is false. Each page with events is a line in the audit trail."""
        principal: Principal = request.state.principal
        if not principal.may("feed:read"):
            raise Forbidden(
                "Vai trò này không đọc dòng sự kiện", "This role does not read the feed"
            )
        if wait and not principal.follows_feeds:
            hold_share(request, "long_poll")
        database: Database = request.app.state.database
        bell: FeedBell = request.app.state.feed_bell
        readers = readers_of(principal)
        whole = principal.reads_events_whole
        # A page is made in one go, in which nobody else is answered.
        most = limit if principal.follows_feeds else min(limit, LARGEST_PAGE)
        deadline = asyncio.get_running_loop().time() + wait
        source = f"/{service}"
        position: int | None = None
        begun_at = 0
        while True:
            ring = bell.next_ring()
            async with database.pool.acquire() as connection:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    feed_id, _ = await repository.feed_identity(connection)
                    head = await repository.head_position(connection)
                    if position is None:
                        begun_at = position = decode_cursor(feed_id, after)
                        if position > head:
                            raise CursorUnknown(
                                "Con trỏ đi trước dòng sự kiện; hãy đọc lại từ đầu",
                                "The cursor is ahead of this feed; read again from the beginning",
                            )
                    events, position = await repository.read_feed(
                        connection,
                        position,
                        most,
                        readers,
                        _WINDOW,
                        hidden=[PART] if principal.role == "admin" else [PART, SCOPED],
                    )
                    settled = position >= head and await repository.all_placed(connection)
                if events and not principal.follows_feeds:
                    await _record_reading(request, connection, begun_at, position, len(events))
            remaining = deadline - asyncio.get_running_loop().time()
            if events or (position >= head and remaining <= 0):
                break
            if position >= head:
                await wait_for_ring(ring, remaining)
        body = {
            "events": [cloud_event(source, event, whole=whole) for event in events],
            "cursor": encode_cursor(feed_id, position),
            "head": encode_cursor(feed_id, head),
            "settled": settled,
            "whole": whole,
        }
        return Response(msgspec.json.encode(body), media_type="application/json")

    return router


FEED_SCHEMAS: dict[str, Any] = {
    "EventPage": {
        "type": "object",
        "required": ["events", "cursor", "head", "settled", "whole"],
        "properties": {
            "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
            "cursor": {"type": "string"},
            "head": {"type": "string"},
            "settled": {
                "type": "boolean",
                "description": "Cursor is the head and no committed change waits for its place",
            },
            "whole": {
                "type": "boolean",
                "description": "False: birth dates are withheld from this reader and read null",
            },
        },
    },
    "Event": {
        "type": "object",
        "description": "CloudEvents 1.0; what `data` holds for each `type` stands in docs/events.md.",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": {"type": "string", "format": "uuid"},
            "source": {"type": "string"},
            "type": {"type": "string"},
            "subject": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"type": "string"},
            "data": {"type": "object"},
        },
    },
}
"""Components of the OpenAPI document."""
