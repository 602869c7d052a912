"""Looking up a serial, and comparing a name or a birth date with the holder's within the budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.certification.registry.did_you_mean import guesses, safe_spellings, search_form
from services.certification.verification import repository
from services.certification.verification.disclosure import knows_holder
from services.certification.verification.errors import HolderGuessesSpent
from services.certification.verification.guesses import GuessBudget
from services.certification.verification.rows import PublicCertificate
from shared.clock import VIETNAM, Clock
from shared.persistence.database import Database


async def find(database: Database, serial: str) -> list[PublicCertificate]:
    """Certificates of this serial; where there are none, of what it can safely be taken for."""
    if "\x00" in serial:
        return []
    async with database.pool.acquire() as connection:
        rows = await repository.find_public(connection, [serial])
        if not rows and (others := safe_spellings(serial)):
            rows = await repository.find_public(connection, others)
    return rows


async def serials_meant(database: Database, serial: str) -> list[str]:
    """Serials of the register that may be meant."""
    form = search_form(serial)
    if "\x00" in serial or not form:
        return []
    async with database.pool.acquire() as connection:
        found = await repository.serials_like(connection, form, guesses(serial))
    return sorted(set(found))


@dataclass(frozen=True, slots=True)
class HolderCheck:
    """Compares what is claimed of a holder, from one client address."""

    database: Database
    budget: GuessBudget
    clock: Clock
    address: str

    async def holder_fits(
        self,
        rows: Sequence[PublicCertificate],
        full_name: str | None,
        birth_date: dt.date | None,
    ) -> PublicCertificate | None:
        """The one certificate whose holder this is. Raises :class:`HolderGuessesSpent`.

        A guess is taken before anybody knows the answer, so that of many sent at once each is counted. It is
        given back where it was right.
        """
        if full_name is None and birth_date is None:
            return None
        fitting = [row for row in rows if knows_holder(*row.holder, full_name, birth_date)]
        day = self.clock.today()
        counted = (
            (f"verify certificate {rows[0].certificate_id}", self.budget.of_certificate),
            (f"verify address {self.address}", self.budget.of_address),
        )
        taken: list[str] = []
        async with self.database.pool.acquire() as connection:
            for counter, most in counted:
                if not await repository.take_guess(connection, counter, day, most):
                    await repository.give_back_guesses(connection, taken, day)
                    raise _spent(self.clock)
                taken.append(counter)
            if len(fitting) != 1:
                return None
            await repository.give_back_guesses(connection, taken, day)
        return fitting[0]


def _spent(clock: Clock) -> HolderGuessesSpent:
    midnight = dt.datetime.combine(clock.today() + dt.timedelta(days=1), dt.time(), tzinfo=VIETNAM)
    return HolderGuessesSpent(
        "Hôm nay đã nhập sai họ tên hoặc ngày sinh quá nhiều lần; ngày mai hãy thử lại. Trạng thái của chứng "
        "chỉ vẫn tra cứu được",
        "Too many wrong names or birth dates were given today; please try tomorrow. What the certificate is "
        "worth can be looked up all the same",
        headers={"Retry-After": str(max(1, int((midnight - clock.now()).total_seconds())))},
    )
