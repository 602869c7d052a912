"""Files that are made at once take turns, so that they cost others no more than one file does."""

from __future__ import annotations

import asyncio

from shared.web.turns import Turns


async def test_pieces_of_many_files_never_run_at_once() -> None:
    turns = Turns()
    running = most = done = 0

    async def file() -> None:
        nonlocal running, most, done
        for _ in range(5):
            async with turns.piece():
                running += 1
                most = max(most, running)
                await asyncio.sleep(0)
                running -= 1
            done += 1

    await asyncio.gather(*(file() for _ in range(8)))
    assert (most, done) == (1, 40)


async def test_a_piece_that_fails_leaves_the_turn_to_others() -> None:
    turns = Turns()

    async def broken() -> None:
        async with turns.piece():
            raise ValueError("no such row")

    await asyncio.gather(broken(), broken(), return_exceptions=True)
    async with asyncio.timeout(1), turns.piece():
        pass
