"""How much of a bulk body is accepted. Every figure bounds memory or work, none the number of rows."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are in bytes. A body over ``max_body_bytes`` is refused whole; a row over
    ``max_row_bytes`` is a row problem. ``max_inflation`` is the highest ratio of unpacked to packed
    size of one part of a workbook that has more than 16 MiB unpacked (a real sheet stays below 60);
    ``max_unpacked_bytes`` is what is unpacked of all its parts, each time that one is read."""

    max_body_bytes: int = 256 * MIB
    max_row_bytes: int = 256 * KIB
    max_columns: int = 500
    max_part_bytes: int = 512 * MIB
    max_unpacked_bytes: int = 1536 * MIB
    max_inflation: int = 200
    max_merged_ranges: int = 20_000
    header_search_rows: int = 40
    chunk_bytes: int = 64 * KIB


DEFAULT_LIMITS = Limits()
