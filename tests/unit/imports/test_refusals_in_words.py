"""What is wrong with a value is said in words, not in a library's names of types."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.certification.evidence.schemas import EvidenceBody
from services.certification.sheets.schemas import ResultBody
from shared.imports.decoding import RowDecoder, RowError
from shared.imports.issues import Issue
from shared.web.validation import model_errors
from tests.making.certification import evidence, sheet


def fault(**changes: Any) -> Issue:
    with pytest.raises(RowError) as refused:
        RowDecoder(ResultBody).decode(json.dumps(sheet(**changes)).encode())
    return refused.value.issues[0]


@pytest.mark.parametrize(
    ("changes", "code", "vietnamese", "english"),
    [
        ({"scores": {"listening": "x"}}, "wrong_type", "cần số hoặc null", "a number or null"),
        ({"scores": []}, "wrong_type", "cần đối tượng hoặc null", "an object or null"),
        ({"language": 5}, "wrong_type", "cần chuỗi ký tự", "expected text"),
        ({"format": "x" * 81}, "invalid_value", "dài quá 80 ký tự", "longer than 80 characters"),
        ({"format": ""}, "invalid_value", "ngắn hơn 1 ký tự", "shorter than 1 characters"),
        ({"claimed_level": 7}, "invalid_value", "lớn hơn 6", "above 6"),
        ({"claimed_level": -1}, "invalid_value", "dưới 0", "below 0"),
        ({"issued_on": "x"}, "invalid_value", "không phải ngày dạng YYYY", "not a day as YYYY"),
        ({"issued_on": 5}, "wrong_type", "cần ngày dạng YYYY-MM-DD", "expected a day as YYYY"),
    ],
)
def test_a_result_with_a_wrong_value(
    changes: dict[str, Any], code: str, vietnamese: str, english: str
) -> None:
    found = fault(**changes)
    assert found.code == code
    assert vietnamese in found.message_vi
    assert english in found.message_en
    assert "`" not in found.message_vi + found.message_en


def test_evidence_with_a_text_too_long_or_a_number_too_great() -> None:
    with pytest.raises(ValidationError) as refused:
        EvidenceBody.model_validate(evidence(issued_by="x" * 301, scores={"overall": 20_000.0}))
    long, great = model_errors(refused.value)
    assert (long.pointer, long.message_vi) == ("/issued_by", "dài quá 300 ký tự")
    assert great.message_vi.startswith("lớn hơn 10000")


@pytest.mark.parametrize(
    ("of_results", "of_evidence", "code"),
    [
        ({"format": ...}, {"kind": ...}, "field_required"),
        ({"surprise": 1}, {"surprise": 1}, "unknown_field"),
        ({"format": 5}, {"test": 5}, "wrong_type"),
        ({"issued_on": 5.5}, {"dated": True}, "wrong_type"),
        ({"issued_on": "02/05/1990"}, {"dated": "02/05/1990"}, "invalid_value"),
        ({"claimed_level": 7}, {"scores": {"overall": 20_000.0}}, "invalid_value"),
        ({"format": "x" * 81}, {"test": "x" * 81}, "invalid_value"),
        ({"language": "EN"}, {"language": "EN"}, "wrong_form"),
    ],
)
def test_the_same_fault_has_one_code_whichever_body_it_is_in(
    of_results: dict[str, Any], of_evidence: dict[str, Any], code: str
) -> None:
    def changed(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in {**body, **changes}.items() if value is not ...}

    with pytest.raises(RowError) as by_row:
        RowDecoder(ResultBody).decode(json.dumps(changed(sheet(), of_results)).encode())
    with pytest.raises(ValidationError) as by_model:
        EvidenceBody.model_validate(changed(evidence(), of_evidence))
    (fault,) = model_errors(by_model.value)
    assert (by_row.value.issues[0].code, fault.code) == (code, code)
    assert fault.message_vi != fault.message_en


def test_a_word_outside_its_list_has_one_code_too() -> None:
    candidate = {**sheet()["candidate"], "attendance": "late"}
    with pytest.raises(ValidationError) as refused:
        EvidenceBody.model_validate(evidence(kind="ielts"))
    (by_model,) = model_errors(refused.value)
    assert (fault(candidate=candidate).code, by_model.code) == ("not_in_list", "not_in_list")
