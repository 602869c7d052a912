"""Files are read apart from the process that answers: one process for each, bounded and ended at its bounds."""

from __future__ import annotations

import asyncio
import os
import pickle
import re
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import structlog

from shared.contracts.problem import FieldError, Problem, TooManyRequests
from shared.imports import errors
from shared.imports.errors import FileTooDemanding, FileUnreadable
from shared.imports.file_items import Task
from shared.imports.limits import KIB, MIB
from shared.imports.reader_process import (
    LENGTH,
    Ended,
    Failed,
    OverLimit,
    Read,
    ReadHeadings,
    Refused,
    as_item,
    decimal_of,
)
from shared.imports.rows import Item

_ROOT: Final = Path(__file__).resolve().parents[2]
_LARGEST_FRAME: Final = 64 * MIB
_RETRY_SECONDS: Final = "10"
_KILLED: Final = frozenset({-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGXFSZ})


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """``at_once`` processes run, ``waiting`` files wait for one, at most ``wait_seconds``. One process takes
    ``memory`` bytes, and ``seconds`` of the processor and ``seconds_per_mib`` for each MiB of the file
    (a sheet of 100 000 officials weighs 6 MiB and takes 15)."""

    at_once: int = 4
    waiting: int = 12
    wait_seconds: float = 60.0
    memory: int = 384 * MIB
    seconds: int = 20
    seconds_per_mib: int = 8

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> ReaderLimits:
        """``BAC_READERS_AT_ONCE`` as ``4/12``: running / waiting; ``BAC_READER_MIB``;
        ``BAC_READER_SECONDS``. Raises :class:`ValueError` for anything else."""
        found = cls()
        if given := environment.get("BAC_READERS_AT_ONCE"):
            match = re.fullmatch(r"([1-9]\d{0,2})/(\d{1,3})", given)
            if match is None:
                raise ValueError("BAC_READERS_AT_ONCE must be like 4/12: running, waiting")
            found = cls(at_once=int(match[1]), waiting=int(match[2]))
        memory = _whole(environment, "BAC_READER_MIB", found.memory // MIB, least=128) * MIB
        seconds = _whole(environment, "BAC_READER_SECONDS", found.seconds, least=1)
        return cls(found.at_once, found.waiting, found.wait_seconds, memory, seconds)


def _whole(environment: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    given = environment.get(name)
    if not given:
        return default
    if not re.fullmatch(r"\d{1,6}", given) or int(given) < least:
        raise ValueError(f"{name} must be a whole number from {least}")
    return int(given)


class ReaderProcesses:
    """The reader processes of one service. A request waits while all are busy. One that would wait too long is
    refused with 429."""

    def __init__(self, limits: ReaderLimits | None = None) -> None:
        self._limits = limits or ReaderLimits()
        self._free = asyncio.Semaphore(self._limits.at_once)
        self._asking = 0
        self._decoder = msgspec.msgpack.Decoder(list[Read], ext_hook=decimal_of)
        self._log = structlog.get_logger("imports")

    async def read(
        self, file: BinaryIO, size: int, task: Task, headings: dict[str, str]
    ) -> AsyncGenerator[Item[dict[str, Any]], None]:
        """The items of a whole file on disk. Raises the problems of the file; rows given before stand."""
        async with self._turn(), self._process(file, size, task) as process:
            assert process.stdout is not None
            while True:
                for read in await self._frame(process, process.stdout):
                    match read:
                        case ReadHeadings():
                            headings |= read.headings
                        case Refused():
                            raise _problem(read)
                        case OverLimit():
                            self._log.warning("file over its limits", limit="memory", size=size)
                            raise _too_demanding()
                        case Failed():
                            self._log.error("reader failed", error=read.error, where=read.where)
                            raise _unreadable()
                        case Ended():
                            return
                        case _:
                            yield as_item(read)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._asking >= self._limits.at_once + self._limits.waiting:
            raise _busy()
        self._asking += 1
        try:
            try:
                await asyncio.wait_for(self._free.acquire(), self._limits.wait_seconds)
            except TimeoutError:
                raise _busy() from None
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._asking -= 1

    @asynccontextmanager
    async def _process(
        self, file: BinaryIO, size: int, task: Task
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        file.flush()
        limits = self._limits
        seconds = limits.seconds + limits.seconds_per_mib * (size // MIB)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-s", "-m", "shared.imports.reader_process"),
            *(str(file.fileno()), str(limits.memory), str(seconds)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=(file.fileno(),),
            cwd="/",
            # None of the service's own: they hold its keys and the way to its database.
            env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "PYTHONUTF8": "1"},
            limit=256 * KIB,
        )
        try:
            assert process.stdin is not None
            with suppress(BrokenPipeError, ConnectionResetError):
                process.stdin.write(pickle.dumps(task))
                await process.stdin.drain()
                process.stdin.close()
            yield process
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await asyncio.shield(process.wait())

    async def _frame(
        self, process: asyncio.subprocess.Process, out: asyncio.StreamReader
    ) -> list[Read]:
        try:
            (length,) = LENGTH.unpack(await out.readexactly(LENGTH.size))
            if length > _LARGEST_FRAME:
                raise _too_demanding()
            return self._decoder.decode(await out.readexactly(length))
        except asyncio.IncompleteReadError:
            ended = await process.wait()
            if ended in _KILLED:
                self._log.warning("file over its limits", limit=signal.Signals(-ended).name)
                raise _too_demanding() from None
            self._log.error("reader ended", code=ended)
            raise _unreadable() from None


def _problem(read: Refused) -> Problem:
    kind = getattr(errors, read.problem, None)
    if not (isinstance(kind, type) and issubclass(kind, Problem)):
        return _unreadable()
    faults = [FieldError(*msgspec.structs.astuple(one)) for one in read.errors]
    return kind(read.detail_vi, read.detail_en, errors=faults)


def _busy() -> TooManyRequests:
    return TooManyRequests(
        "Hệ thống đang đọc nhiều tệp, hãy gửi lại sau",
        "Many files are being read, please send it again later",
        headers={"Retry-After": _RETRY_SECONDS},
    )


def _too_demanding() -> FileTooDemanding:
    return FileTooDemanding(
        "Đọc tệp này tốn quá nhiều bộ nhớ hoặc thời gian; hãy mở bằng Excel, chép dữ liệu sang tệp mới hoặc chia tệp. "
        "Các dòng đã nhận trước đó vẫn có hiệu lực.",
        "This file takes too much memory or time to read; copy its data to a new workbook, or split it. "
        "Rows taken before that stand.",
    )


def _unreadable() -> FileUnreadable:
    return FileUnreadable(
        "Không đọc được tệp này; hãy mở bằng Excel, chép dữ liệu sang tệp mới rồi gửi lại. "
        "Các dòng đã nhận trước đó vẫn có hiệu lực.",
        "This file could not be read; copy its data to a new workbook and send that. "
        "Rows taken before that stand.",
    )
