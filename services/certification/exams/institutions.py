"""Authorisations as this service knows them, fresh enough to judge a sheet by."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from services.certification.exams import repository
from services.certification.exams.authorisations import missing_activity
from services.certification.exams.errors import InstitutionNotAuthorised
from services.certification.exams.sheets import Sheet
from shared.contracts.events import Authorisation
from shared.contracts.problem import DependencyUnavailable, FieldError
from shared.persistence.database import Database

_FRESH_SECONDS: Final = 1.0
_CACHED: Final = 10_000
_decode = msgspec.json.Decoder(tuple[Authorisation, ...]).decode


class Institutions:
    """Reads an institution's authorisations at most once a second. ``follow`` applies what enrolment has
    committed by now, takes two seconds at most, and tells whether it got that far."""

    def __init__(self, database: Database, follow: Callable[[], Awaitable[bool]]) -> None:
        self._database = database
        self._follow = follow
        self._known: dict[str, tuple[float, tuple[Authorisation, ...]]] = {}
        self._catching_up = asyncio.Lock()
        self._caught_up_from = float("-inf")
        self._caught_up = False

    async def check(self, sheet: Sheet) -> None:
        """Raises :class:`InstitutionNotAuthorised`, but only after having caught up with the feed, and
        :class:`DependencyUnavailable` where that failed: a refusal would be kept under the request's
        key, though enrolment may know better. Never called inside a transaction."""
        code = sheet.body.institution_code
        known = self._known.get(code)
        if known is None or known[0] < time.monotonic() - _FRESH_SECONDS:
            known = await self._read(code)
        if refusal_of(known[1], sheet) is None:
            return
        caught_up = await self.catch_up()
        known = await self._read(code)
        refusal = refusal_of(known[1], sheet)
        if refusal is not None:
            raise refusal if caught_up else unconfirmed()

    async def _read(self, code: str) -> tuple[float, tuple[Authorisation, ...]]:
        async with self._database.pool.acquire() as connection:
            found = await repository.authorisations_of(connection, [code])
        known = (time.monotonic(), decoded(found.get(code)))
        if len(self._known) > _CACHED:
            self._known.clear()
        self._known[code] = known
        return known

    async def catch_up(self) -> bool:
        """Callers who come while somebody else catches up share the next run."""
        asked_at = time.monotonic()
        async with self._catching_up:
            if self._caught_up_from < asked_at:
                started = time.monotonic()
                self._caught_up = await self._follow()
                self._caught_up_from = started
            return self._caught_up


def unconfirmed() -> DependencyUnavailable:
    return DependencyUnavailable(
        "Chưa hỏi được dịch vụ danh bạ về đơn vị này, hãy gửi lại",
        "Enrolment could not be asked about this body, please send again",
        headers={"Retry-After": "2"},
    )


def decoded(stored: str | None) -> tuple[Authorisation, ...]:
    return () if stored is None else _decode(stored)


def refusal_of(
    authorisations: tuple[Authorisation, ...], sheet: Sheet
) -> InstitutionNotAuthorised | None:
    """Why the institution may not give this result; null when it may."""
    body = sheet.body
    return refusal(
        authorisations,
        body.language,
        body.format,
        sheet.judged.level,
        body.exam_session.held_on,
    )


def refusal(
    authorisations: tuple[Authorisation, ...],
    language: str,
    exam_format: str,
    level: int | None,
    held_on: dt.date,
) -> InstitutionNotAuthorised | None:
    missing = missing_activity(authorisations, language, exam_format, level, held_on)
    if missing is None:
        return None
    done = "tổ chức thi" if missing == "testing" else "cấp chứng chỉ"
    vi = f"vào ngày {held_on:%d/%m/%Y} đơn vị không được Bộ cho phép {done} {exam_format}"
    en = (
        f"on {held_on} the ministry had not authorised this institution for {missing} {exam_format}"
    )
    if level is not None:
        vi, en = f"{vi} bậc {level}", f"{en} level {level}"
    vi, en = f"{vi}, ngôn ngữ {language}", f"{en}, language {language}"
    known = any(each.language == language for each in authorisations)
    pointer = "/institution_code" if known or not authorisations else "/language"
    code = InstitutionNotAuthorised.code
    return InstitutionNotAuthorised(vi, en, errors=[FieldError(pointer, code, vi, en)])
