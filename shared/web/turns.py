"""Long work in short pieces, one at a time. After each piece there is a pause, in which small requests are answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

_SHARE_OF_PAUSE: Final = 0.25
_LONGEST_PAUSE_SECONDS: Final = 0.02


class Turns:
    """All files that a process makes share one of these: together they never take more than one of them
    would, however many they are."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def piece(self) -> AsyncIterator[None]:
        """Around one piece of work, which should take no more than some tens of milliseconds. Then everybody
        pauses for a quarter of the time it took."""
        clock = asyncio.get_running_loop().time
        async with self._lock:
            began = clock()
            try:
                yield
            finally:
                pause = (clock() - began) * _SHARE_OF_PAUSE
                await asyncio.sleep(min(pause, _LONGEST_PAUSE_SECONDS))
