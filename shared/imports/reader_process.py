"""The process that reads one file: ``python -m shared.imports.reader_process FD BYTES SECONDS``.

A small file can be made to cost much memory and time. So it is read in a process of its own: it has no secret
and no connection, its memory and processor time are limited, and when it ends, nothing else ends.
The task comes pickled on the standard input, from the process that started this one; what is read goes
out on the standard output as frames of MessagePack, each behind its length.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from shared.contracts.problem import Problem
from shared.imports.decoding import RowDecoder
from shared.imports.file_items import Task, file_items
from shared.imports.issues import Issue
from shared.imports.layout import Number
from shared.imports.legacy_text import legacy_of
from shared.imports.limits import MIB
from shared.imports.rows import Item, Notice, Row, RowProblem

LENGTH: Final = struct.Struct("<L")
DECIMAL: Final = 1
"""Code of the extension type of a decimal: MessagePack has none, and a score must not become a float."""
_FRAME_ITEMS: Final = 200
_LARGEST_FILE: Final = 1024 * MIB
_POLITENESS: Final = 5


class ReadRow(msgspec.Struct, frozen=True, array_like=True, tag=0):
    number: int
    place: int | None
    value: dict[str, Any]
    warnings: tuple[Issue, ...]
    sheet: str | None


class ReadProblem(msgspec.Struct, frozen=True, array_like=True, tag=1):
    number: int
    place: int | None
    issues: tuple[Issue, ...]
    readable: Any
    sheet: str | None


class ReadNotice(msgspec.Struct, frozen=True, array_like=True, tag=2):
    issue: Issue
    sheet: str | None


class ReadHeadings(msgspec.Struct, frozen=True, array_like=True, tag=3):
    headings: dict[str, str]


class Fault(msgspec.Struct, frozen=True, array_like=True):
    pointer: str
    code: str
    message_vi: str
    message_en: str


class Refused(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """A problem of the file as a whole, by the name of its class."""

    problem: str
    detail_vi: str
    detail_en: str
    errors: tuple[Fault, ...]


class OverLimit(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """It took more memory than it may."""


class Failed(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """A defect of the reader. Only its place is reported, because the words of an error may quote a cell."""

    error: str
    where: str


class Ended(msgspec.Struct, frozen=True, array_like=True, tag=7):
    pass


Read = (
    ReadRow | ReadProblem | ReadNotice | ReadHeadings | Refused | OverLimit | Failed | Ended
)  # fmt: skip


def as_read(item: Item[dict[str, Any]], *, decimals: bool) -> Read:
    if isinstance(item, Row):
        value = _with_decimals(item.value) if decimals else item.value
        return ReadRow(item.number, item.place, value, item.warnings, item.sheet)
    if isinstance(item, RowProblem):
        readable = _with_decimals(item.readable) if decimals else item.readable
        return ReadProblem(item.number, item.place, item.issues, readable, item.sheet)
    return ReadNotice(item.issue, item.sheet)


def as_item(read: ReadRow | ReadProblem | ReadNotice) -> Item[dict[str, Any]]:
    if isinstance(read, ReadRow):
        return Row(read.number, read.place, read.value, read.warnings, read.sheet)
    if isinstance(read, ReadProblem):
        return RowProblem(read.number, read.place, read.issues, read.readable, read.sheet)
    return Notice(read.issue, read.sheet)


def decimal_of(code: int, data: memoryview) -> Decimal:
    """The extension hook of the decoding side."""
    if code != DECIMAL:
        raise ValueError(f"extension {code}")
    return Decimal(bytes(data).decode())


def _with_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return msgspec.msgpack.Ext(DECIMAL, str(value).encode())
    if isinstance(value, dict):
        return {key: _with_decimals(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_decimals(part) for part in value]
    return value


def read_file(file: BinaryIO, task: Task, out: BinaryIO) -> None:
    """Writes all frames but those of a failure."""
    encoder = msgspec.msgpack.Encoder()
    decimals = any(isinstance(column.kind, Number) for column in task.layout.columns)
    reported = 0

    def send(frame: list[Read]) -> None:
        data = encoder.encode(frame)
        out.write(LENGTH.pack(len(data)))
        out.write(data)
        out.flush()

    headings: dict[str, str] = {}
    decoder: RowDecoder[Any] = RowDecoder(dict[str, Any], legacy_of(task.encoding))
    for items in file_items(file, task, decoder, headings):
        frame: list[Read] = []
        if len(headings) != reported:
            reported = len(headings)
            frame.append(ReadHeadings(headings))
        for item in items:
            frame.append(as_read(item, decimals=decimals))
            if len(frame) >= _FRAME_ITEMS:
                send(frame)
                frame = []
        if frame:
            send(frame)
    send([Ended()])


def refused(problem: Problem) -> Refused:
    return Refused(
        type(problem).__name__,
        problem.detail_vi,
        problem.detail_en,
        tuple(
            Fault(one.pointer, one.code, one.message_vi, one.message_en) for one in problem.errors
        ),
    )


def _bound(memory: int, seconds: int) -> None:
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (most, most))
    os.nice(_POLITENESS)


def _where(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-3:]
    return " ".join(f"{Path(one.filename).name}:{one.lineno}" for one in last)


def main(arguments: Iterable[str]) -> None:
    descriptor, memory, seconds = (int(each) for each in arguments)
    _bound(memory, seconds)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which ends this one
    task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the process that started us
    out = sys.stdout.buffer
    last: Read
    try:
        with os.fdopen(descriptor, "rb") as file:
            read_file(file, task, out)
        return
    except Problem as problem:
        last = refused(problem)
    except MemoryError:
        last = OverLimit()
    except BrokenPipeError:
        os._exit(0)  # nobody listens any more
    except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this file alone
        last = Failed(type(error).__name__, _where(error))
    data = msgspec.msgpack.encode([last])
    out.write(LENGTH.pack(len(data)) + data)
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
