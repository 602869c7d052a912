"""What the endpoints of results work with."""

from __future__ import annotations

from services.certification.recording.use_cases.batch_writer import BatchWriter
from services.certification.sheets.judging import Judge
from services.certification.sheets.refusals import refused_body
from services.certification.sheets.schemas import ResultBody
from shared.clock import Clock
from shared.imports.decoding import RowDecoder, RowError


class ResultsState:
    """Stands in the application's state while it runs."""

    def __init__(self, judge: Judge, writer: BatchWriter, clock: Clock) -> None:
        self.judge = judge
        self.writer = writer
        self.clock = clock
        self.decoder: RowDecoder[ResultBody] = RowDecoder(ResultBody)

    def decode(self, raw: bytes) -> ResultBody:
        try:
            return self.decoder.decode(raw)
        except RowError as error:
            parts = self.judge.refusals_of_parts(self.decoder.loosely(raw), self.clock.today())
            raise refused_body(error.issues, parts) from None
