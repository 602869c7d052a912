"""Recording sheets: the way of one posted sheet.

    POST /v1/results
      │ endpoints            bytes, key, caller
      │   sheets.judging     body → Sheet, or a refusal
      │   directory          is the institution authorised?
      ▼ BatchWriter.submit   waits here, with others, for the next batch
      │   Drafter            from memory: rows, register numbers, events, answers
      │   repository         one statement that undoes itself where anything is not as drafted
      │   Recorder           where it could not be drafted: sessions, results, books, in a transaction
      │                      where a sheet spoils the batch: sheet by sheet
      ▼ Answer               after the commit: 201 new, 200 known before, or the refusal

Rows of an upload go from ``use_cases.bulk_rows`` to the same Recorder, chunk by chunk.
"""
