"""What runs beside the certification service: sequencer of its feed, follower of enrolment's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import asyncpg
import httpx

from services.certification.directory.event_handlers import apply_agencies, apply_institutions
from services.certification.evidence.event_handlers import (
    apply_referrals,
    evidence_audiences,
)
from services.certification.persistence import SCHEMA
from services.certification.settings import enrolment_url
from shared.clock import Clock, SystemClock
from shared.contracts.audiences import Audience
from shared.contracts.events import (
    TYPE_OF,
    AgencyChanged,
    Envelope,
    EvidenceReferred,
    InstitutionChanged,
    decode,
)
from shared.feed.follower import FeedClient, Follower
from shared.feed.repository import PendingEvent
from shared.feed.sequencer import Sequencer
from shared.persistence.database import Database
from shared.process.worker import run_worker, worker_database
from shared.security.tokens import ServiceToken

_APPLIED = frozenset(
    TYPE_OF[payload].name for payload in (InstitutionChanged, AgencyChanged, EvidenceReferred)
)


def make_sequencer(database: Database, clock: Clock) -> Sequencer:
    """Events of certificates carry their audience; those of evidence go up the tree as of today."""

    async def audiences(
        connection: asyncpg.Connection, events: Sequence[PendingEvent]
    ) -> dict[int, Audience]:
        undecided = [event for event in events if event.audience is None]
        return await evidence_audiences(connection, undecided, clock.today())

    return Sequencer(database, audiences)


async def apply_enrolment(connection: asyncpg.Connection, events: Sequence[Envelope]) -> None:
    payloads = [decode(event) for event in events if event.type in _APPLIED]
    if payloads:
        await apply_institutions(connection, payloads)
        await apply_agencies(connection, payloads)
        await apply_referrals(connection, payloads)


def make_followers(
    database: Database, environment: Mapping[str, str], clock: Clock, http: httpx.AsyncClient
) -> dict[str, Follower]:
    del clock
    client = FeedClient(http, enrolment_url(environment), ServiceToken(environment, SCHEMA.name))
    return {"enrolment": Follower(database, "enrolment", client, apply_enrolment)}


async def run(environment: Mapping[str, str] | None = None) -> None:
    """Until SIGTERM; ``environment`` defaults to that of the process."""
    environment = os.environ if environment is None else environment
    clock = SystemClock()
    database = worker_database(environment, SCHEMA, connections=4)
    async with httpx.AsyncClient() as http:
        followers = make_followers(database, environment, clock, http)
        tasks = [make_sequencer(database, clock).run, *(each.run for each in followers.values())]
        await run_worker(database, tasks, clock)
