"""Cuts a text body into its lines while it arrives."""

from __future__ import annotations

import codecs

from shared.imports.errors import BodyEncodingUnreadable


class LineSplitter:
    """Feed it bytes; it gives the complete lines without their ends (LF or CRLF). ``None`` stands for
    a line longer than ``max_line_bytes``, dropped as it comes. With ``lone_cr`` a file whose first line
    ends in a lone CR (of an old Macintosh) has all its lines so; elsewhere a lone CR ends no line."""

    def __init__(self, max_line_bytes: int, *, lone_cr: bool = False) -> None:
        self._max = max_line_bytes
        self._end: bytes | None = None if lone_cr else b"\n"
        self._rest = b""
        self._dropping = False

    def feed(self, chunk: bytes) -> list[bytes | None]:
        end = self._end or self._first_end(self._rest + chunk)
        lines = (self._rest + chunk).split(end)
        self._rest = lines.pop()
        out = [self._whole(line) for line in lines]
        if self._dropping or len(self._rest) > self._max:
            self._rest, self._dropping = b"", True
        return out

    def _first_end(self, text: bytes) -> bytes:
        feed, back = text.find(b"\n"), text.find(b"\r")
        if feed >= 0 and (back < 0 or feed <= back + 1):
            self._end = b"\n"
        elif 0 <= back < len(text) - 1:
            self._end = b"\r"
        return self._end or b"\n"

    def close(self) -> list[bytes | None]:
        last = self._rest
        self._rest = b""
        if self._end is None and b"\r" in last[:-1]:
            return [self._whole(line) for line in last.split(b"\r") if line]
        return [self._whole(last)] if last or self._dropping else []

    def _whole(self, line: bytes) -> bytes | None:
        if self._dropping or len(line) > self._max:
            self._dropping = False
            return None
        return line[:-1] if line.endswith(b"\r") else line


class Utf8Stream:
    """Takes the byte order mark off, and turns UTF-16 that has one into UTF-8 where that is allowed
    (Excel's “Unicode text” is UTF-16)."""

    def __init__(self, *, allow_utf16: bool) -> None:
        self._allow_utf16 = allow_utf16
        self._head: bytes | None = b""
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        if self._head is not None:
            self._head += chunk
            if len(self._head) < 4 and not final:
                return b""
            chunk, self._head = self._opening(self._head), None
        if self._decoder is None:
            return chunk
        try:
            return self._decoder.decode(chunk, final).encode()
        except UnicodeError as error:
            raise BodyEncodingUnreadable(
                "Tệp UTF-16 bị hỏng hoặc bị cắt.", "The UTF-16 text is broken or cut off."
            ) from error

    def _opening(self, head: bytes) -> bytes:
        if head.startswith(codecs.BOM_UTF8):
            return head[3:]
        marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        if marked and self._allow_utf16 and b"\x00\x00" not in head[:4]:
            self._decoder = codecs.getincrementaldecoder("utf-16")()
            return head
        if marked or b"\x00" in head[:4]:
            raise BodyEncodingUnreadable(
                "Văn bản phải ở bảng mã UTF-8, không phải UTF-16 hay UTF-32.",
                "The text must be UTF-8, not UTF-16 or UTF-32.",
            )
        return head
