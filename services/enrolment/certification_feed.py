"""Applies certification's feed: certificates first, then papers."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from services.enrolment.callers import WORKER
from services.enrolment.certificates import event_handlers as certificates
from services.enrolment.certificates.use_cases import lock
from services.enrolment.evidence import event_handlers as evidence
from shared.clock import Clock
from shared.contracts.events import Envelope, Payload, UnknownEvent, decode
from shared.persistence.unit_of_work import UnitOfWork


async def apply(
    connection: asyncpg.Connection, envelopes: Sequence[Envelope], clock: Clock
) -> None:
    """Runs in the transaction that moves the cursor."""
    payloads: list[Payload] = []
    for envelope in envelopes:
        try:
            payload = decode(envelope)
        except UnknownEvent:
            continue
        if isinstance(payload, (*certificates.HANDLED, *evidence.HANDLED)):
            payloads.append(payload)
    if not payloads:
        return
    work = UnitOfWork(connection, principal=WORKER, clock=clock, correlation_id="feed")
    await lock(work)
    await certificates.apply(work, payloads)
    await evidence.apply(work, payloads)
    await work.flush()
