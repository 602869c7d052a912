"""Parts of a workbook: read from its zip within limits, and parsed without document types."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.parsers import expat

from shared.imports.errors import OldSpreadsheetFormat, SpreadsheetMalformed, SpreadsheetTooLarge
from shared.imports.file_kinds import refuse_other_packages
from shared.imports.limits import MIB, Limits

_OLE_CONTAINER: Final = b"\xd0\xcf\x11\xe0"
_MAX_DIRECTORY: Final = 1 * MIB
_MAX_PARTS: Final = 5_000
_INFLATION_MATTERS: Final = 16 * MIB
_LONGEST_ELEMENT: Final = 1 * MIB
MAX_DEPTH: Final = 64
"""Elements within elements; Excel's own parts stay below 15."""
# What zipfile and zlib raise for files that are cut, altered or locked.
_ZIP_FAULTS: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error,
    ValueError, OverflowError,
)  # fmt: skip


def malformed() -> SpreadsheetMalformed:
    return SpreadsheetMalformed(
        "Không mở được tệp .xlsx: tệp hỏng hoặc bị cắt; hãy mở bằng Excel, lưu lại rồi gửi lại.",
        "The .xlsx file cannot be opened: it is damaged or cut off; open it in Excel, save it again.",
    )


class Parts:
    """The parts of one workbook file. Only parts that are asked for are unpacked."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        file.seek(0)
        if file.read(4) == _OLE_CONTAINER:
            raise OldSpreadsheetFormat(
                "Tệp Excel 97-2003 (.xls) hoặc có mật khẩu: hãy bỏ mật khẩu, chọn Lưu thành › Excel Workbook (.xlsx).",
                "An Excel 97-2003 file (.xls) or one with a password: Save As › Excel Workbook (.xlsx) without one.",
            )
        if _directory_size(file) > _MAX_DIRECTORY:
            raise _too_large()
        try:
            self._zip = zipfile.ZipFile(file)
        except _ZIP_FAULTS as error:
            raise malformed() from error
        if len(self._zip.infolist()) > _MAX_PARTS:
            raise _too_large()
        # Some writers part folders with a backslash.
        self._names = {
            name.lower().replace("\\", "/").lstrip("/"): name for name in self._zip.namelist()
        }
        refuse_other_packages(self._names, self._beginning_of("mimetype"))
        self._unpacked = 0

    def _beginning_of(self, path: str) -> bytes:
        if not self.has(path):
            return b""
        try:
            with self._zip.open(self._names[path]) as part:
                return part.read(100)
        except _ZIP_FAULTS:
            return b""

    def has(self, path: str) -> bool:
        return path.lower() in self._names

    def chunks(self, path: str) -> Iterator[bytes]:
        """The unpacked part; its checksum is verified by the time the last chunk is out."""
        name = self._names.get(path.lower())
        if name is None:
            raise malformed()
        limits = self._limits
        info = self._zip.getinfo(name)
        ceiling = max(_INFLATION_MATTERS, info.compress_size * limits.max_inflation)
        if info.file_size > min(ceiling, limits.max_part_bytes):
            raise _too_large()
        try:
            with self._zip.open(info) as part:
                while chunk := part.read(limits.chunk_bytes):
                    self._unpacked += len(chunk)
                    if self._unpacked > limits.max_unpacked_bytes:
                        raise _too_large()
                    yield chunk
        except _ZIP_FAULTS as error:
            raise malformed() from error


def _too_large() -> SpreadsheetTooLarge:
    return SpreadsheetTooLarge(
        "Tệp Excel quá lớn khi giải nén; hãy xóa vùng trống đã định dạng hoặc chia tệp.",
        "The workbook is too large once unpacked; remove formatted empty areas or split it.",
    )


def _directory_size(file: BinaryIO) -> int:
    """Bytes of the zip's directory: it is read whole, so it has to be small before it is."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise malformed()
    (directory,) = struct.unpack_from("<L", tail, end + 12)
    if directory != 0xFFFFFFFF:
        return int(directory)
    wide = tail.rfind(b"PK\x06\x06", 0, end)
    if wide < 0 or len(tail) < wide + 48:
        raise malformed()
    return int(struct.unpack_from("<Q", tail, wide + 40)[0])


def _refuse_doctype(*_: object) -> None:
    raise malformed()


class XmlReader:
    """No document type, hence no entities to expand; names as written, with their prefix.

    Who sets handlers calls :func:`check_depth` for each element that begins: the parser keeps the name
    of every open element.
    """

    def __init__(self) -> None:
        self.expat = expat.ParserCreate()
        self.expat.buffer_text = True
        self.expat.StartDoctypeDeclHandler = _refuse_doctype
        self._fed = 0

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            self.expat.Parse(chunk, final)
        except expat.ExpatError as error:
            raise malformed() from error
        self._fed += len(chunk)
        # An element is held until its end, and looked at from its beginning with each chunk.
        if self._fed - self.expat.CurrentByteIndex > _LONGEST_ELEMENT:
            raise malformed()


def check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise malformed()


def bare(name: str) -> str:
    """The name without its prefix: some writers say ``x:row``."""
    return name.rpartition(":")[2]
