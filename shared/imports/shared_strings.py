"""The texts of a workbook, kept in a temporary file: cells only name them by number, in any order."""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from shared.imports.legacy_text import font_encoding
from shared.imports.xml_parts import XmlReader, bare, check_depth, malformed

_BLOCK_STRINGS: Final = 64
_BLOCK_CHARACTERS: Final = 16_384
_BLOCKS_KEPT: Final = 128
# Excel's own limit is 32 767; the rest of a longer text could never be a valid cell.
_LONGEST: Final = 40_000
_LONGEST_FONT: Final = 64
_MOST_RUNS: Final = 1_000


Run = tuple[str, str]
"""A part of a text and the font it is drawn in; no name for the font of the cell."""
Text = str | tuple[Run, ...]


class Runs:
    """Parts of one text that have fonts of their own. They matter where one of the fonts is from before
    Unicode: the same letters then mean two things within a cell."""

    def __init__(self) -> None:
        self.begun: list[list[Any]] = []

    def forget(self) -> None:
        self.begun = []

    def begin(self, at: int) -> None:
        """``at``: how many pieces of the text have been read."""
        if len(self.begun) < _MOST_RUNS:
            self.begun.append([at, ""])

    def drawn_in(self, font: str) -> None:
        if self.begun:
            self.begun[-1][1] = font[:_LONGEST_FONT]

    def of(self, pieces: Sequence[str]) -> tuple[Run, ...]:
        """Ends the text. Empty where no font says which encoding the text has."""
        begun, self.begun = self.begun, []
        if not any(font_encoding(font) for _, font in begun):
            return ()
        ends = [*(at for at, _ in begun[1:]), len(pieces)]
        starts = [0, *(at for at, _ in begun[1:])]
        return tuple(
            ("".join(pieces[start:end]), font)
            for start, end, (_, font) in zip(starts, ends, begun, strict=True)
        )


class SharedStrings:
    """Memory holds 16 bytes for each block of up to 64 texts, and the blocks used last."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the workbook
        self._decoder = msgspec.msgpack.Decoder(list[Text])
        self._encoder = msgspec.msgpack.Encoder()
        self._first = array("Q")
        self._offset = array("Q", [0])
        self._count = 0
        self._pending: list[Text] = []
        self._pending_characters = 0
        self._recent: OrderedDict[int, list[Text]] = OrderedDict()

    def load(self, chunks: Iterator[bytes]) -> None:
        reader = XmlReader()
        texts: list[str] = []
        runs = Runs()
        state = {"in_text": False, "phonetic": 0, "length": 0, "depth": 0}

        def start(name: str, attributes: dict[str, str]) -> None:
            state["depth"] += 1
            check_depth(state["depth"])
            match bare(name):
                case "si":
                    texts.clear()
                    runs.forget()
                    state["length"] = 0
                case "t":
                    state["in_text"] = not state["phonetic"]
                case "rPh":
                    state["phonetic"] += 1
                case "r":
                    runs.begin(len(texts))
                case "rFont":
                    runs.drawn_in(attributes.get("val", ""))

        def end(name: str) -> None:
            state["depth"] -= 1
            match bare(name):
                case "si":
                    drawn = runs.of(texts) if runs.begun else ()
                    self._add(drawn or "".join(texts), state["length"])
                case "t":
                    state["in_text"] = False
                case "rPh":
                    state["phonetic"] -= 1

        def characters(text: str) -> None:
            if state["in_text"] and state["length"] < _LONGEST:
                texts.append(text)
                state["length"] += len(text)

        reader.expat.StartElementHandler = start
        reader.expat.EndElementHandler = end
        reader.expat.CharacterDataHandler = characters
        for chunk in chunks:
            reader.feed(chunk)
        reader.feed(b"", final=True)
        self._flush()

    def __getitem__(self, number: int) -> Text:
        if not 0 <= number < self._count:
            raise malformed()
        block = bisect_right(self._first, number) - 1
        texts = self._recent.get(block)
        if texts is None:
            texts = self._read(block)
            self._recent[block] = texts
            if len(self._recent) > _BLOCKS_KEPT:
                self._recent.popitem(last=False)
        else:
            self._recent.move_to_end(block)
        return texts[number - self._first[block]]

    def close(self) -> None:
        self._file.close()

    def _add(self, text: Text, length: int) -> None:
        self._pending.append(text)
        self._pending_characters += length
        if len(self._pending) == _BLOCK_STRINGS or self._pending_characters >= _BLOCK_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        if not self._pending:
            return
        block: Any = self._encoder.encode(self._pending)
        self._file.write(block)
        self._first.append(self._count)
        self._offset.append(self._offset[-1] + len(block))
        self._count += len(self._pending)
        self._pending = []
        self._pending_characters = 0

    def _read(self, block: int) -> list[Text]:
        begin, end = self._offset[block], self._offset[block + 1]
        self._file.seek(begin)
        return self._decoder.decode(self._file.read(end - begin))
