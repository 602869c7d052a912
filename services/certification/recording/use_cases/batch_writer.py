"""Group commit: sheets that arrive together share one transaction, each answered after its commit."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg
import msgspec
import structlog

from services.certification.recording import repository
from services.certification.recording.answers import Recorded
from services.certification.recording.rows import AnswerRow, RequestRow
from services.certification.recording.use_cases.recorder import Recorder
from services.certification.sheets.judging import Sheet
from services.certification.sheets.namesakes import NAMESAKE
from services.certification.sheets.refusals import constraint_refusal
from services.certification.sheets.schemas import (
    ResultAnswer,
    ResultWarning,
)
from shared.clock import Clock
from shared.contracts.problem import (
    MEDIA_TYPE,
    DependencyUnavailable,
    IdempotencyInProgress,
    Language,
    Problem,
)
from shared.idempotency.keys import IdempotencyKey
from shared.idempotency.repository import stored_answers
from shared.persistence.audit import AuditRow
from shared.persistence.database import DATABASE_FAILURES, Database
from shared.security.principal import Principal
from shared.web.edge import replayed

JSON: Final = "application/json"
_LARGEST_BATCH: Final = 128
_LONGEST_QUEUE: Final = 20_000
_GATHERING_STEPS: Final = 4
_GATHERING_SECONDS: Final = 0.0005
_UNDRAFTED_BATCHES: Final = 10
_ATTEMPTS: Final = 3
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    media_type: str
    body: bytes
    replayed: bool = False


@dataclass(slots=True, eq=False)
class Posting:
    """One request on its way. ``answer`` is resolved once what it says is committed."""

    sheet: Sheet
    principal: Principal
    correlation_id: str
    language: Language
    key: IdempotencyKey | None
    answer: asyncio.Future[Answer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class _KeyTaken(Exception):
    """Another transaction finished a request with one of these keys meanwhile."""


class BatchWriter:
    """One batch is written while the next one gathers. Batches share books: a second one at the same time
    would mostly wait for the first, and could not know the lines it will get. A batch that fails is tried
    again sheet by sheet, so that one bad sheet does not fail its neighbours."""

    def __init__(self, database: Database, recorder: Recorder, clock: Clock) -> None:
        self.recorder = recorder
        self._database = database
        self._clock = clock
        self._queue: deque[Posting] = deque()
        self._connection: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._undrafted = 0
        self._log = structlog.get_logger("results")

    async def close(self) -> None:
        """Lets what is under way finish, then lets go of the connection."""
        while self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    @property
    def is_cut_off(self) -> bool:
        """Whether the connection is gone; the next batch makes a new one."""
        return self._connection is None or self._connection.is_closed()

    async def submit(self, posting: Posting) -> Answer:
        if len(self._queue) >= _LONGEST_QUEUE:
            raise DependencyUnavailable(
                "Hàng đợi ghi kết quả đã đầy, hãy gửi lại sau",
                "Too many results are waiting, please send again later",
                headers={"Retry-After": "1"},
            )
        self._queue.append(posting)
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await posting.answer

    async def _work(self) -> None:
        try:
            # Whoever has already sent something gets on this batch.
            await asyncio.sleep(0)
            while self._queue:
                count = min(len(self._queue), _LARGEST_BATCH)
                await self._write([self._queue.popleft() for _ in range(count)])
                await self._gather(count)
        finally:
            self._task = None

    async def _gather(self, answered: int) -> None:
        """Waits for those just answered: most send their next sheet at once, and a larger batch costs little
        more. Nobody waits longer than two milliseconds. A lone sender never waits."""
        expected = min(len(self._queue) + answered, _LARGEST_BATCH)
        for _ in range(_GATHERING_STEPS):
            if not self._queue or len(self._queue) >= expected:
                break
            await asyncio.sleep(_GATHERING_SECONDS)

    async def _write(self, batch: list[Posting]) -> None:
        try:
            if self._connection is None or self.is_cut_off:
                self._connection = await self._connect()
            await self._write_on(self._connection, batch)
        except DATABASE_FAILURES as error:
            self._fail(batch, error)
        except Exception as error:  # noqa: BLE001 - whoever waits must be answered
            self._log.exception("results not recorded")
            self._fail(batch, error)
        finally:
            if self._connection is not None and self._connection.is_closed():
                self._connection.terminate()
                self._connection = None

    async def _connect(self) -> asyncpg.Connection:
        connection = await self._database.connect()
        await repository.bound_waiting(connection)
        return connection

    def _fail(self, batch: Sequence[Posting], error: Exception) -> None:
        """What is not answered by now is unknown to its sender: it may be sent again."""
        self.recorder.known.clear()
        lost = isinstance(
            error,
            OSError
            | asyncpg.PostgresConnectionError
            | asyncpg.InterfaceError
            | asyncpg.InternalClientError,
        )
        problem = DependencyUnavailable(
            "Chưa ghi được kết quả, hãy gửi lại",
            "The result could not be recorded, please send it again",
            headers={"Retry-After": "1"},
        )
        for posting in batch:
            if not posting.answer.done():
                posting.answer.set_exception(problem)
        self._log.warning("batch failed", error=type(error).__name__, lost=lost)

    async def _write_on(self, connection: asyncpg.Connection, batch: list[Posting]) -> None:
        await self.recorder.mark_namesakes(connection, [posting.sheet for posting in batch])
        if await self._write_drafted(connection, batch):
            return
        try:
            await self._commit(connection, batch)
            return
        except (asyncpg.LockNotAvailableError, asyncpg.PostgresConnectionError):
            raise
        except (asyncpg.PostgresError, _KeyTaken, Problem) as error:
            if connection.is_closed():
                raise
            self._log.info("batch is tried again sheet by sheet", error=type(error).__name__)
        for posting in batch:
            await self._write_alone(connection, posting)

    async def _write_drafted(self, connection: asyncpg.Connection, batch: list[Posting]) -> bool:
        """Whether the batch could be drafted and was written so. After one that had to be undone, the next few
        are not drafted: whoever sends known sheets mostly sends more of them."""
        if self._undrafted:
            self._undrafted -= 1
            return False
        scopes = [posting.key.scope for posting in batch if posting.key is not None]
        if len(set(scopes)) < len(scopes):
            return False
        now = self._clock.now()
        draft = self.recorder.drafter.draft([posting.sheet for posting in batch], now)
        if draft is None:
            return False
        answers = [
            _encode(_with_warning(answer, posting))
            for answer, posting in zip(draft.answers, batch, strict=True)
        ]
        requests = [
            _request_row(posting, answer) for posting, answer in zip(batch, answers, strict=True)
        ]
        try:
            await repository.add_draft(connection, draft, requests, now)
        except (asyncpg.LockNotAvailableError, asyncpg.PostgresConnectionError):
            raise
        except asyncpg.PostgresError as error:
            self.recorder.known.book_ends.drop(draft.before)
            if connection.is_closed():
                raise
            self._undrafted = _UNDRAFTED_BATCHES
            self._log.info("batch was not as drafted", error=type(error).__name__)
            return False
        for posting, answer in zip(batch, answers, strict=True):
            _resolve(posting, Answer(201, JSON, answer))
        return True

    async def _write_alone(self, connection: asyncpg.Connection, posting: Posting) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._commit(connection, [posting])
                return
            except (_KeyTaken, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                if attempt == _ATTEMPTS:
                    self._refuse(posting, IdempotencyInProgress(headers={"Retry-After": "1"}))
            except Problem as problem:
                await self._commit_refusal(connection, posting, problem)
                return
            except asyncpg.UniqueViolationError as error:
                refusal = constraint_refusal(error.constraint_name)
                if refusal is None:
                    raise
                await self._commit_refusal(connection, posting, refusal)
                return
            except asyncpg.DataError as error:
                self._log.error("a sheet cannot be stored", error=type(error).__name__)
                self._fail([posting], error)
                return

    @staticmethod
    def _refuse(posting: Posting, problem: Problem) -> None:
        if not posting.answer.done():
            posting.answer.set_exception(problem)

    async def _commit_refusal(
        self, connection: asyncpg.Connection, posting: Posting, problem: Problem
    ) -> None:
        answer = _problem_answer(problem, posting)
        if posting.key is not None:
            async with connection.transaction():
                await repository.close_batch(
                    connection, [_kept(posting.key, answer)], [], [], self._clock.now()
                )
        _resolve(posting, answer)

    async def _commit(self, connection: asyncpg.Connection, batch: Sequence[Posting]) -> None:
        """Everything of the batch in one transaction: results, register, keys, audit, events last."""
        now = self._clock.now()
        answers: list[tuple[Posting, Answer]] = []
        transaction = connection.transaction()
        await transaction.start()
        try:
            fresh, refused = await self._without_replays(connection, batch, answers)
            written = await self.recorder.record(connection, [p.sheet for p in fresh], now)
            audit, keep = [], []
            for posting, outcome in zip(fresh, written.outcomes, strict=True):
                answer = _answer_of(outcome, posting)
                answers.append((posting, answer))
                if posting.key is not None:
                    keep.append(_kept(posting.key, answer))
                if isinstance(outcome, Recorded) and outcome.created:
                    audit.append(_audit_row(outcome, posting, now))
            free = await repository.close_batch(connection, keep, audit, written.events, now)
            if free < len(keep):
                raise _KeyTaken
        except BaseException:
            if not connection.is_closed():
                await transaction.rollback()
            raise
        await transaction.commit()
        self.recorder.learn(written)
        for posting, answer in answers:
            _resolve(posting, answer)
        for posting, problem in refused:
            self._refuse(posting, problem)

    async def _without_replays(
        self,
        connection: asyncpg.Connection,
        batch: Sequence[Posting],
        answers: list[tuple[Posting, Answer]],
    ) -> tuple[list[Posting], list[tuple[Posting, Problem]]]:
        """Answers requests whose key is finished; the second of two equal keys waits for the first."""
        scopes = [posting.key.scope for posting in batch if posting.key is not None]
        if not scopes:
            return list(batch), []
        stored = await stored_answers(connection, scopes, self._clock.now())
        if not stored and len(set(scopes)) == len(scopes):
            return list(batch), []
        fresh: list[Posting] = []
        refused: list[tuple[Posting, Problem]] = []
        seen: set[bytes] = set()
        for posting in batch:
            key = posting.key
            if key is None:
                fresh.append(posting)
            elif key.scope in stored:
                try:
                    replay = replayed(stored[key.scope], key.fingerprint)
                except Problem as problem:
                    refused.append((posting, problem))
                else:
                    answer = Answer(
                        replay.status_code,
                        replay.media_type or JSON,
                        bytes(replay.body),
                        replayed=True,
                    )
                    answers.append((posting, answer))
            elif key.scope in seen:
                self._queue.append(posting)
            else:
                seen.add(key.scope)
                fresh.append(posting)
        return fresh, refused


def _request_row(posting: Posting, answer: bytes) -> RequestRow:
    principal, key = posting.principal, posting.key
    return RequestRow(
        caller=principal.subject,
        role=principal.role,
        correlation_id=posting.correlation_id,
        scope=None if key is None else key.scope,
        fingerprint=None if key is None else key.fingerprint,
        answer=None if key is None else answer.decode(),
    )


def _kept(key: IdempotencyKey, answer: Answer) -> AnswerRow:
    return AnswerRow(
        scope=key.scope,
        fingerprint=key.fingerprint,
        status=answer.status,
        media_type=answer.media_type,
        body=answer.body.decode(),
    )


def _answer_of(outcome: Recorded | Problem, posting: Posting) -> Answer:
    if isinstance(outcome, Problem):
        return _problem_answer(outcome, posting)
    answer = _with_warning(outcome.answer, posting)
    return Answer(201 if outcome.created else 200, JSON, _encode(answer))


def _with_warning(answer: ResultAnswer, posting: Posting) -> ResultAnswer:
    if not posting.sheet.has_namesake:
        return answer
    warning = ResultWarning(**NAMESAKE.as_json(posting.language))
    return msgspec.structs.replace(answer, warnings=(warning,))


def _problem_answer(problem: Problem, posting: Posting) -> Answer:
    body = _encode(problem.as_json(posting.language, posting.correlation_id))
    return Answer(problem.status, MEDIA_TYPE, body)


def _audit_row(outcome: Recorded, posting: Posting, now: dt.datetime) -> AuditRow:
    principal = posting.principal
    return AuditRow(
        at=now,
        caller=principal.subject,
        role=principal.role,
        action="result.record",
        subject=str(outcome.answer.result_id),
        correlation_id=posting.correlation_id,
        detail=None,
    )


def _resolve(posting: Posting, answer: Answer) -> None:
    if not posting.answer.done():
        posting.answer.set_result(answer)
