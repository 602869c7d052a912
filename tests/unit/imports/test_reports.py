"""The answer to a bulk request."""

from __future__ import annotations

from typing import Any

from shared.contracts.problem import FieldError
from shared.imports.issues import TEXTS, issue
from shared.imports.reading import batches, rows
from shared.imports.report import BulkReport
from shared.imports.rows import Notice, Row, RowProblem


async def body(text: str) -> Any:
    yield text.encode()


async def test_counts_add_up_and_rows_are_named() -> None:
    report = BulkReport("vi")
    stream = body('{"a": 1}\n{bad}\n{"a": 2}\n{"a": 3}\n')
    found = [batch async for batch in batches(rows(stream, "application/x-ndjson"), report, size=2)]
    assert [[row.number for row in batch] for batch in found] == [[1, 3], [4]]
    report.reject(found[0][0], [FieldError("/a", "taken", "Đã có.", "Taken.")])
    report.warn(found[0][1], [FieldError("/a", "odd", "Lạ.", "Odd.")])
    report.count(created=1, unchanged=1)
    assert report.as_json() == {
        "received": 4,
        "created": 1,
        "updated": 0,
        "unchanged": 1,
        "rejected": 2,
        "errors": [
            {"row": 1, "pointer": "/a", "code": "taken", "message": "Đã có.", "place": 1},
            {
                "row": 2, "pointer": "", "code": "row_malformed",
                "message": "Dòng này không phải JSON đúng.", "place": 2,
            },
        ],
        "warnings": [{"row": 3, "pointer": "/a", "code": "odd", "message": "Lạ.", "place": 3}],
        "errors_total": 2,
        "warnings_total": 1,
        "errors_truncated": False,
        "warnings_truncated": False,
    }  # fmt: skip


def test_results_use_their_own_words_and_english_is_spoken() -> None:
    report = BulkReport("en", "results")
    report.saw(Row(1, None, {}))
    report.saw(RowProblem(2, None, (issue("row_malformed"),)))
    report.count(created=1)
    answer = report.as_json()
    assert (answer["recorded"], answer["duplicates"], answer["rejected"]) == (1, 0, 1)
    assert "created" not in answer
    assert answer["errors"][0]["message"] == "This row is not well-formed JSON."


def test_what_is_stored_is_capped_and_says_so() -> None:
    report = BulkReport(stored_at_most=3)
    for number in range(1, 11):
        report.saw(
            RowProblem(number, number, (issue("row_malformed"), issue("number_in_code", "/x")))
        )
    answer = report.as_json()
    assert [error["row"] for error in answer["errors"]] == [1, 2, 3]
    assert (answer["errors_total"], answer["errors_truncated"]) == (10, True)
    assert (answer["warnings_total"], answer["warnings_truncated"]) == (10, True)
    assert (answer["received"], answer["rejected"]) == (10, 10)


async def test_a_line_about_a_cell_names_its_column_as_the_file_does(roster: Any) -> None:
    headings: dict[str, str] = {}
    report = BulkReport(headings=headings)
    text = "MÃ CBCCVC (*);Họ và  tên;Từ ngày\nA1;Lê A;31/02/2018\n"
    stream = rows(body(text), "text/csv", sheet=roster, headings=headings)
    assert [batch async for batch in batches(stream, report)] == []
    (line,) = report.as_json()["errors"]
    assert (line["column"], line["place"]) == ("Từ ngày", 2)
    assert headings["/official_code"] == "MÃ CBCCVC (*)"


def test_remarks_and_skipped_examples_are_no_rows() -> None:
    report = BulkReport()
    report.saw(Notice(issue("column_unknown", heading="Dân tộc")))
    report.saw(RowProblem(1, 2, (issue("example_row_skipped"),)))
    answer = report.as_json()
    assert (answer["received"], answer["rejected"], answer["errors"]) == (0, 0, [])
    assert [warning["row"] for warning in answer["warnings"]] == [0, 1]


def test_every_issue_is_worded_in_both_languages() -> None:
    for code, (severity, vi, en) in TEXTS.items():
        assert severity in ("error", "warning"), code
        assert vi.strip().endswith("."), code
        assert en.strip().endswith("."), code
        assert vi != en, code
