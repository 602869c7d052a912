"""Registering or changing one official, as its caller knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.enrolment.directory.officials import repository
from services.enrolment.directory.officials.errors import refusal
from services.enrolment.directory.officials.official import Official, shown_version
from services.enrolment.directory.officials.rows import OfficialRow
from services.enrolment.directory.officials.submission import submission
from services.enrolment.directory.officials.use_cases.reading import belongings_of, known
from services.enrolment.directory.officials.use_cases.registering import register
from services.enrolment.directory.officials.visibility import confined, in_scope, own_part
from shared.contracts.problem import TooManyRequests
from shared.imports.issues import Issue
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys
from shared.web.conditional import match_required


@dataclass(frozen=True, slots=True)
class Stored:
    """``official``: as far as the caller may know it."""

    official: Official
    created: bool
    warnings: Sequence[Issue]
    facts_kept: Sequence[str]


async def put(
    work: UnitOfWork,
    row: OfficialRow,
    keys: PersonKeys,
    require_version: Callable[[int | None], None],
) -> Stored:
    """``require_version`` refuses unless the caller names the version that is there; null: none, as far as the
    caller knows."""
    caller, code = work.principal, row.official_code
    submitted = submission(row, keys)
    if submitted.problems:
        raise refusal(submitted.problems)
    asks = (
        await known(work, code) is None
        or submitted.identity_reason is not None
        or caller.bloc is not None
    )
    if asks:
        await work.questions.left()  # before anybody's row is locked
    before = await known(work, code, lock=True)
    require_version(None if before is None else shown_version(before, caller))
    outcome = (await register(work, [submitted], keys, replace=True, asks=asks))[0]
    if outcome.result == "refused":
        if outcome.issues[0].code == TooManyRequests.code:
            raise work.questions.spent()
        raise refusal(outcome.issues)
    if before is None and outcome.result == "updated" and not outcome.joined:
        raise match_required()  # somebody registered this code since we looked
    stored = (await repository.officials(work.connection, [code]))[code]
    belongings = await belongings_of(work, [stored])
    is_known = before is not None or in_scope(caller, stored, belongings, work.clock.today())
    part = confined if is_known else own_part
    return Stored(
        part(caller, stored, belongings),
        outcome.result == "created",
        outcome.warnings,
        outcome.facts_kept,
    )
