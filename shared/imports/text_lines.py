"""Cuts a text body into its lines while it arrives."""

from __future__ import annotations

import codecs

from shared.imports.errors import BodyEncodingUnreadable


class LineSplitter:
    """Feed it bytes; it gives the complete lines without their ends (LF or CRLF; a lone CR ends no
    line). ``None`` stands for a line longer than ``max_line_bytes``, dropped as it comes."""

    def __init__(self, max_line_bytes: int) -> None:
        self._max = max_line_bytes
        self._rest = b""
        self._dropping = False

    def feed(self, chunk: bytes) -> list[bytes | None]:
        lines = (self._rest + chunk).split(b"\n")
        self._rest = lines.pop()
        out = [self._whole(line) for line in lines]
        if self._dropping or len(self._rest) > self._max:
            self._rest, self._dropping = b"", True
        return out

    def close(self) -> list[bytes | None]:
        last = self._rest
        self._rest = b""
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
