"""Comparing a name or a birth date with the holder's, within the budget."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import asyncpg

from services.certification.verification import repository
from services.certification.verification.errors import HolderGuessesSpent
from services.certification.verification.guesses import GuessBudget
from shared.clock import VIETNAM, Clock


async def judge_guess(
    connection: asyncpg.Connection,
    budget: GuessBudget,
    clock: Clock,
    *,
    certificate_id: UUID,
    address: str,
    fits: bool,
) -> bool:
    """``fits``, which is told only while the budget lasts. Raises :class:`HolderGuessesSpent`.

    A guess is taken before the answer is known to anybody, so that of many sent at once each is counted, and
    given back where it was right.
    """
    day = clock.today()
    counted = f"verify certificate {certificate_id}", f"verify address {address}"
    taken: list[str] = []
    for counter, most in zip(counted, (budget.of_certificate, budget.of_address), strict=True):
        if not await repository.take_guess(connection, counter, day, most):
            await repository.give_back_guesses(connection, taken, day)
            raise _spent(clock)
        taken.append(counter)
    if fits:
        await repository.give_back_guesses(connection, taken, day)
    return fits


def _spent(clock: Clock) -> HolderGuessesSpent:
    midnight = dt.datetime.combine(clock.today() + dt.timedelta(days=1), dt.time(), tzinfo=VIETNAM)
    return HolderGuessesSpent(
        "Hôm nay đã nhập sai họ tên hoặc ngày sinh quá nhiều lần; ngày mai hãy thử lại. Trạng thái của chứng "
        "chỉ vẫn tra cứu được",
        "Too many wrong names or birth dates were given today; please try tomorrow. What the certificate is "
        "worth can be looked up all the same",
        headers={"Retry-After": str(max(1, int((midnight - clock.now()).total_seconds())))},
    )
