"""One transaction of one request: facts, events and audit stand or fall together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec

from shared.clock import Clock
from shared.contracts.audiences import Audience
from shared.contracts.events import TYPE_OF, Payload
from shared.persistence.audit import AuditRow, append_audit
from shared.persistence.database import Database
from shared.persistence.keys import uuid7
from shared.persistence.outbox import OutboxRow, append_outbox
from shared.persistence.questions import PER_DAY, Questions
from shared.security.principal import Principal

_ENCODER = msgspec.json.Encoder()


@dataclass(slots=True)
class Trial:
    failed: bool = False


class UnitOfWork:
    """Handed to use cases. It has no ``commit``: only the edge that opened it commits.

    Events and audit lines are buffered and written by :meth:`flush` right before the commit, the outbox
    last: a sequence number is then taken as late as possible, which keeps the feed's holes short-lived.
    ``questions`` counts the answers that say something of what lies outside the caller's scope.
    A ``rehearsal`` is taken back at its end: it emits nothing, and of its lines only the lasting ones are written.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        *,
        principal: Principal,
        clock: Clock,
        correlation_id: str,
        questions_per_day: int = PER_DAY,
        rehearsal: bool = False,
    ) -> None:
        self.connection = connection
        self.rehearsal = rehearsal
        self.principal = principal
        self.clock = clock
        self.correlation_id = correlation_id
        self.questions = Questions(connection, principal, clock, questions_per_day)
        self._outbox: list[OutboxRow] = []
        self._audit: list[AuditRow] = []
        self._lasting: list[AuditRow] = []

    def emit(self, payload: Payload, *, subject: str, audience: Audience | None = None) -> None:
        """Publishes an event with this transaction. ``audience`` null: decided at sequencing."""
        event = TYPE_OF[type(payload)]
        self._outbox.append(
            OutboxRow(
                event_id=uuid7(),
                type=event.name,
                subject=subject,
                occurred_at=self.clock.now(),
                data=_ENCODER.encode(payload).decode(),
                audience=None if audience is None else audience.stored(),
            )
        )

    def audit(
        self,
        action: str,
        subject: str,
        detail: dict[str, Any] | None = None,
        *,
        lasting: bool = False,
    ) -> None:
        """Writes an audit line with this transaction; ``detail`` holds no name and no identity number. A
        ``lasting`` line records the request itself. It is written also when the request is refused."""
        (self._lasting if lasting else self._audit).append(
            AuditRow(
                at=self.clock.now(),
                caller=self.principal.subject,
                role=self.principal.role,
                action=action,
                subject=subject,
                correlation_id=self.correlation_id,
                detail=None if detail is None else msgspec.json.encode(detail).decode(),
            )
        )

    async def publish(self, events: Sequence[OutboxRow]) -> None:
        """Writes events that are made already. A rehearsal must not take a place in the feed: followers
        wait for every place that was taken, until its transaction has ended."""
        if not self.rehearsal:
            await append_outbox(self.connection, events)

    async def flush(self) -> None:
        """Writes what was buffered. The edge calls it right before the commit."""
        if self._audit:
            rows, self._audit = self._audit, []
            await append_audit(self.connection, rows)
        await self.flush_lasting()
        if self._outbox:
            events, self._outbox = self._outbox, []
            await self.publish(events)

    async def flush_lasting(self) -> None:
        """Writes what stands though the work was taken back: lasting lines, and questions that were answered."""
        if self._lasting:
            rows, self._lasting = self._lasting, []
            await append_audit(self.connection, rows)
        await self.questions.write()

    @asynccontextmanager
    async def trial(self) -> AsyncIterator[Trial]:
        """Part of the work that can be taken back whole, lines and events included, and done otherwise."""
        before = len(self._outbox), len(self._audit), len(self._lasting)
        transaction = self.connection.transaction()
        await transaction.start()
        trial = Trial()
        try:
            yield trial
        except BaseException:
            await transaction.rollback()
            raise
        if not trial.failed:
            await transaction.commit()
            return
        await transaction.rollback()
        del self._outbox[before[0] :], self._audit[before[1] :], self._lasting[before[2] :]


@asynccontextmanager
async def background_work(
    database: Database, principal: Principal, clock: Clock
) -> AsyncIterator[UnitOfWork]:
    """A unit of work of a worker, committed when the block ends without an error."""
    async with database.pool.acquire() as connection, connection.transaction():
        work = UnitOfWork(connection, principal=principal, clock=clock, correlation_id="worker")
        yield work
        await work.flush()
