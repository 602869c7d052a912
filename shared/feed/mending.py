"""What an operator sees of the feeds that a service follows, and how one that stands still is let go on.

An event that cannot be applied stops its feed: a figure that left it out in silence would be wrong. Somebody
may decide to set that one event aside, with a reason. It stays shown, by ``/health/ready``, the metrics and
whatever rests on the feed, until it is applied after all.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.problem import Forbidden, InvalidRequest, NotFound, Problem
from shared.feed import repository
from shared.feed.repository import Followed, SetAside
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses


class FeedNotStuck(Problem):
    """The feed does not stand still at that position."""

    code, status = "feed_not_stuck", 409
    title_vi, title_en = "Dòng sự kiện không dừng ở vị trí này", "The feed is not stuck there"


class StuckEvent(BaseModel):
    position: int | None = Field(
        description="Null: the whole feed is refused, no event is to blame"
    )
    event_id: UUID | None
    type: str | None
    subject: str | None
    error: str
    since: dt.datetime


class EventSetAside(BaseModel):
    position: int
    event_id: UUID
    type: str
    subject: str
    error: str | None
    reason: str
    decided_by: str
    decided_at: dt.datetime
    passed: bool = Field(description="The feed has gone on past it")
    asked_again: bool = Field(description="It is to be applied after all, at once")


class FollowedFeed(BaseModel):
    feed: str = Field(examples=["enrolment"])
    position: int
    moved_at: dt.datetime
    stuck: StuckEvent | None
    set_aside: list[EventSetAside]


class FollowedFeeds(BaseModel):
    items: list[FollowedFeed]


class Decision(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"position": 1204, "reason": "Lỗi 312, chờ bản sửa"}]},
    )

    position: int = Field(ge=1, le=2**62)
    reason: str = Field(
        min_length=5,
        max_length=500,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Vì sao để riêng / Why it is set aside; without personal data",
    )


class Retry(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"position": 1204}]})

    position: int = Field(ge=1, le=2**62)


FeedName = Annotated[
    str, Path(pattern=r"^[a-z_]{1,40}$", description="Dịch vụ được theo dõi / The service followed")
]


def _require(work: UnitOfWork) -> None:
    if not work.principal.may("feeds:mend"):
        raise Forbidden("Chỉ quản trị được làm việc này", "Only an administrator may do this")


def mending_router() -> APIRouter:
    router = APIRouter(tags=["operations"], route_class=EdgeRoute)

    @router.get(
        "/v1/followed-feeds",
        operation_id="list_followed_feeds",
        summary="Các dòng sự kiện được theo dõi / The feeds this service follows",
        response_model=FollowedFeeds,
        responses=problem_responses(Forbidden),
    )
    async def list_followed_feeds(work: Work) -> FollowedFeeds:
        """How far each is applied, the event that cannot be, and those set aside."""
        _require(work)
        return FollowedFeeds(
            items=[
                _feed(each, await repository.set_aside(work.connection, each.feed))
                for each in await repository.followed(work.connection)
            ]
        )

    @router.post(
        "/v1/followed-feeds/{feed}/set-aside",
        operation_id="set_event_aside",
        summary="Để riêng một sự kiện không áp dụng được / Set aside the event that cannot be applied",
        response_model=FollowedFeed,
        responses=problem_responses(Forbidden, NotFound, FeedNotStuck, InvalidRequest),
    )
    async def set_event_aside(feed: FeedName, body: Decision, work: Work) -> FollowedFeed:
        """The feed goes on without it, and without later events of its subject, which are kept in order behind
        it. All that rests on the feed says so until they are applied. Repeated, it changes nothing."""
        _require(work)
        followed = await _followed(work, feed)
        aside = await repository.set_aside(work.connection, feed)
        if any(each.position == body.position for each in aside):
            return _feed(followed, aside)
        stuck = followed.stuck
        if (
            stuck is None
            or stuck.position != body.position
            or stuck.event_id is None
            or stuck.type is None
            or stuck.subject is None
        ):
            raise FeedNotStuck(
                "Dòng sự kiện không dừng ở vị trí này; hãy xem lại danh sách",
                "The feed is not stuck at this position; look at the list again",
            )
        await repository.add_set_aside(
            work.connection,
            SetAside(
                feed=feed,
                position=body.position,
                event_id=stuck.event_id,
                type=stuck.type,
                subject=stuck.subject,
                error=stuck.error,
                reason=body.reason,
                decided_by=work.principal.subject,
                decided_at=work.clock.now(),
                passed_at=None,
                retry_at=None,
            ),
        )
        work.audit(
            "feed.set_aside",
            f"{feed}:{body.position}",
            {"event_id": str(stuck.event_id), "error": stuck.error, "reason": body.reason},
        )
        return _feed(followed, await repository.set_aside(work.connection, feed))

    @router.post(
        "/v1/followed-feeds/{feed}/re-application",
        operation_id="apply_event_again",
        summary="Áp dụng lại sự kiện đã để riêng / Apply what was set aside after all",
        response_model=FollowedFeed,
        responses=problem_responses(Forbidden, NotFound, InvalidRequest),
    )
    async def apply_event_again(feed: FeedName, body: Retry, work: Work) -> FollowedFeed:
        """The worker applies the event and those of its subject behind it, together and in order; what still
        cannot be applied stays aside, with its error."""
        _require(work)
        followed = await _followed(work, feed)
        aside = await repository.set_aside(work.connection, feed)
        event = next((each for each in aside if each.position == body.position), None)
        if event is None:
            raise NotFound(
                "Không có sự kiện nào để riêng ở vị trí này",
                "No event is set aside at this position",
            )
        await repository.ask_for_retry(work.connection, feed, event.subject)
        work.audit("feed.apply_again", f"{feed}:{body.position}", {"event_id": str(event.event_id)})
        return _feed(followed, await repository.set_aside(work.connection, feed))

    return router


async def _followed(work: UnitOfWork, feed: str) -> Followed:
    for each in await repository.followed(work.connection):
        if each.feed == feed:
            return each
    raise NotFound(
        "Dịch vụ không theo dõi dòng sự kiện này", "This service does not follow that feed"
    )


def _feed(followed: Followed, aside: list[SetAside]) -> FollowedFeed:
    stuck = followed.stuck
    return FollowedFeed(
        feed=followed.feed,
        position=followed.position,
        moved_at=followed.moved_at,
        stuck=None
        if stuck is None or followed.stuck_since is None
        else StuckEvent(**stuck._asdict(), since=followed.stuck_since),
        set_aside=[
            EventSetAside(
                **{
                    name: getattr(each, name)
                    for name in EventSetAside.model_fields
                    if hasattr(each, name)
                },
                passed=each.passed_at is not None,
                asked_again=each.retry_at is not None,
            )
            for each in aside
        ],
    )
