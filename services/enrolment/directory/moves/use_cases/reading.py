"""Reading the moves of an official."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import (
    Belonging,
    sees_directory,
    sees_persons_of,
    within_bloc,
)
from services.enrolment.directory.moves import repository
from services.enrolment.directory.moves.move import Move
from services.enrolment.directory.officials import repository as officials
from services.enrolment.directory.officials.official import Official, shown_version
from services.enrolment.directory.officials.use_cases.reading import belongings_of
from services.enrolment.directory.officials.visibility import confined, in_scope
from shared.contracts.problem import NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


async def visible(
    work: UnitOfWork, code: str, *, lock: bool = False
) -> tuple[Official, Sequence[Move]]:
    """The official, whole, and the moves that the caller may see, in the order of their recording. Raises
    :class:`NotFound` where there are none to see.

    Of an official in scope these are all; whoever is confined to a bloc sees those that changed an assignment in
    its bodies. Of others these are the moves to a body in scope that can still be undone: whoever recorded a move
    to come must be able to take it back before the official is theirs.
    """
    caller = work.principal
    if not sees_directory(caller) and caller.role != "official":
        raise NotFound
    official = (await officials.officials(work.connection, [code], lock=lock)).get(code)
    if official is None:
        raise NotFound
    moves = await repository.moves_of(work.connection, code)
    today = work.clock.today()
    bodies = {post.given.agency_code for post in official.posts}
    bodies |= {post.given.agency_code for move in moves for post in (*move.before, *move.after)}
    bodies |= {move.received_by for move in moves if move.received_by is not None}
    belongings = await agencies.belongings(work.connection, bodies, today)
    if in_scope(caller, official, belongings, today):
        return official, [move for move in moves if _concerns(caller, move, belongings)]
    received = [
        move
        for move in moves
        if today <= move.undone_until
        and move.received_by is not None
        and sees_persons_of(caller, belongings.get(move.received_by))
    ]
    if not received:
        raise NotFound
    return official, received


def _concerns(caller: Principal, move: Move, belongings: Mapping[str, Belonging]) -> bool:
    if caller.bloc is None or caller.role == "official":
        return True
    changed = {*move.before} ^ {*move.after}
    return any(within_bloc(caller, belongings.get(post.given.agency_code)) for post in changed)


async def listed(work: UnitOfWork, code: str) -> tuple[int, Sequence[Move]]:
    """The official's version as the caller knows it, and the moves as :func:`visible`. Whoever is confined to a
    bloc is told of a move into a body of the other that the official went, and not where to."""
    official, moves = await visible(work, code)
    known = confined(work.principal, official, await belongings_of(work, [official]))
    return shown_version(known, work.principal), [await as_known(work, move) for move in moves]


async def as_known(work: UnitOfWork, move: Move) -> Move:
    if move.to_agency is None or work.principal.bloc is None:
        return move
    belongings = await agencies.belongings(work.connection, [move.to_agency], work.clock.today())
    if within_bloc(work.principal, belongings.get(move.to_agency)):
        return move
    return msgspec.structs.replace(move, to_agency=None)
