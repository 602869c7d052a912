"""The edge: the only place where a request's transaction is committed, before the answer leaves.

A route class and not a ``yield`` dependency, because the edge has to see the finished answer: an
``Idempotency-Key`` stores it in the same transaction as the work.
"""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any, ClassVar

import asyncpg
import msgspec
from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from shared.clock import Clock
from shared.contracts.problem import (
    MEDIA_TYPE,
    FieldError,
    IdempotencyInProgress,
    InvalidRequest,
    Problem,
)
from shared.idempotency import repository
from shared.idempotency.answers import StoredAnswer, is_stored, require_same_request
from shared.idempotency.keys import (
    IdempotencyKey,
    checked_key,
    key_scope,
    request_fingerprint,
)
from shared.idempotency.under_way import KeysUnderWay
from shared.imports.repeated_keys import repeated_key
from shared.persistence.connection import bound_rehearsal
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.media_types import is_json
from shared.web.problems import problem_body

_WAIT_SECONDS = 5.0
_NO = {"false", "0", "no", "off", "f", "n"}
_BODILESS = {"GET", "HEAD", "OPTIONS"}
_CONNECTION_SECONDS = 10.0
"""How long a request waits for a connection. Then it is answered 503."""


def idempotency_key(request: Request, body: bytes) -> IdempotencyKey | None:
    """The key of a request whose body has arrived. Raises 422 for a header that cannot be a key."""
    key = checked_key(request.headers.get("idempotency-key"))
    if key is None:
        return None
    return IdempotencyKey(
        key_scope(request.state.principal, request.method, request.url.path, key),
        request_fingerprint(
            request.scope["query_string"], request.headers.get("content-type", ""), body
        ),
    )


def replayed(stored: StoredAnswer, fingerprint: bytes) -> Response:
    """The stored answer, or the refusal of a key used for something else."""
    return Response(
        stored.body or "",
        status_code=require_same_request(stored, fingerprint),
        media_type=stored.media_type,
        headers={"Idempotency-Replayed": "true"},
    )


def asks_for_rehearsal(request: Request) -> bool:
    """Whether ``dry_run`` is given and says anything but no: what is doubtful is not written."""
    if not request.scope["query_string"]:
        return False
    given = request.query_params.getlist("dry_run")
    return any(value.strip().lower() not in _NO for value in given)


@asynccontextmanager
async def open_work(request: Request) -> AsyncIterator[UnitOfWork]:
    """A unit of work in a transaction of its own, committed when the block ends without an error; of a
    request with ``dry_run=true`` it is taken back.

    Only the edge and the chunks of bulk bodies use it.
    """
    database: Database = request.app.state.database
    clock: Clock = request.app.state.clock
    async with database.pool.acquire(timeout=_CONNECTION_SECONDS) as connection:
        transaction = connection.transaction()
        await transaction.start()
        work = UnitOfWork(
            connection,
            principal=request.state.principal,
            clock=clock,
            correlation_id=request.state.correlation_id,
            questions_per_day=request.app.state.questions_per_day,
            rehearsal=asks_for_rehearsal(request),
        )
        try:
            if work.rehearsal:
                # It may last as long as a file: who works in earnest must not wait for it, nor it for them.
                await bound_rehearsal(connection)
            yield work
            if work.rehearsal:
                await transaction.rollback()
                async with connection.transaction():
                    await work.flush_lasting()
                return
            await work.flush()
        except BaseException as error:
            if not connection.is_closed():
                await transaction.rollback()
                if isinstance(error, Problem):
                    # A refusal is an answer too: the trail keeps that it was asked for.
                    async with connection.transaction():
                        await work.flush_lasting()
            raise
        await transaction.commit()


class PublicRoute(APIRoute):
    """Route class of an endpoint that takes a body and needs no token: the body is read alike, and no more."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def with_whole_body(request: Request) -> Response:
            if request.method not in _BODILESS:
                request = await _arrived(request)
            return await handler(request)

        return with_whole_body


class EdgeRoute(APIRoute):
    """Route class of every endpoint that touches the database and is not a hot path of its own."""

    names_persons: ClassVar[bool] = False
    """Answers that name a person are never stored. Under a key used before, the request, which changes
    nothing the second time, runs again and is answered with the status of the first."""

    async def learns_more(self, request: Request, problem: Problem) -> bool:
        """Asked outside any transaction before a refusal leaves. A route that refuses because of what
        it knows from another service catches up first. True: the request is tried once more."""
        del request, problem
        return False

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def edge(request: Request) -> Response:
            key = None
            if request.method == "POST":
                checked_key(request.headers.get("idempotency-key"))  # refused before a body is read
            if request.method not in _BODILESS:
                request = await _arrived(request)  # no connection is held while it arrives
            if request.method == "POST" and not asks_for_rehearsal(request):
                key = idempotency_key(request, await request.body())  # a rehearsal spends none
            if key is None:
                return await answered(request, None)
            keys: KeysUnderWay = request.app.state.keys_under_way
            async with keys.alone(key.scope, _WAIT_SECONDS):
                try:
                    return await answered(request, key)
                except Problem as problem:
                    await _keep_refusal(request, key, problem)
                    raise

        async def answered(request: Request, key: IdempotencyKey | None) -> Response:
            try:
                return await _attempt(request, handler, key, self.names_persons)
            except Problem as problem:
                if not await self.learns_more(request, problem):
                    raise
            return await _attempt(request, handler, key, self.names_persons)

        return edge


async def _arrived(request: Request) -> Request:
    """The request with its whole body, without a byte order mark. Raises 422 where a key of a JSON body
    stands twice."""
    body = await request.body()
    plain = body.removeprefix(codecs.BOM_UTF8)
    if plain and is_json(request.headers.get("content-type", "")):
        _refuse_repeated_key(plain)
    if plain is body:
        return request

    async def receive() -> Message:
        return {"type": "http.request", "body": plain, "more_body": False}

    return Request(request.scope, receive)


def _refuse_repeated_key(body: bytes) -> None:
    try:
        pointer = repeated_key(body, msgspec.json.decode(body))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return  # no JSON: its reader refuses it
    if pointer is not None:
        vi = "khóa này xuất hiện hai lần trong cùng một đối tượng JSON"
        en = "this key stands twice in one JSON object"
        raise InvalidRequest(errors=[FieldError(pointer, "key_repeated", vi, en)])


class PersonalAnswerRoute(EdgeRoute):
    """Route class of a POST that names a person in its answer. Done twice, it changes no more than done once."""

    names_persons = True


async def _attempt(
    request: Request,
    handler: Callable[[Request], Coroutine[Any, Any, Response]],
    key: IdempotencyKey | None,
    names_persons: bool,
) -> Response:
    async with open_work(request) as work:
        before: Response | None = None
        if key is not None:
            try:
                stored = await repository.claim_idempotency_key(
                    work.connection, key.scope, key.fingerprint, _now(request), wait=_WAIT_SECONDS
                )
            except asyncpg.LockNotAvailableError:
                raise IdempotencyInProgress(headers={"Retry-After": "1"}) from None
            if stored is not None:
                before = replayed(stored, key.fingerprint)
                if not names_persons or before.status_code >= 400:
                    return before
        request.state.work = work
        response = await handler(request)
        if before is not None:
            response.status_code = before.status_code
            response.headers["Idempotency-Replayed"] = "true"
        elif key is not None and 200 <= response.status_code < 300:
            await repository.keep_answer(
                work.connection,
                key.scope,
                response.status_code,
                response.media_type or response.headers.get("content-type", ""),
                "" if names_persons else bytes(response.body).decode(),
            )
        return response


async def _keep_refusal(request: Request, key: IdempotencyKey, problem: Problem) -> None:
    if not is_stored(problem):
        return
    async with open_work(request) as work:
        await repository.keep_refusal(
            work.connection,
            key.scope,
            key.fingerprint,
            _now(request),
            problem.status,
            MEDIA_TYPE,
            problem_body(problem, request).decode(),
        )


def _now(request: Request) -> dt.datetime:
    clock: Clock = request.app.state.clock
    return clock.now()


def _current_work(request: Request) -> UnitOfWork:
    work: UnitOfWork = request.state.work
    return work


def _caller(request: Request) -> Principal:
    principal: Principal = request.state.principal
    return principal


Work = Annotated[UnitOfWork, Depends(_current_work)]
"""The request's unit of work. Never commit it."""

Caller = Annotated[Principal, Depends(_caller)]
"""Who calls."""
