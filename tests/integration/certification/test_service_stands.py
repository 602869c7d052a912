"""What every path of certification says before any rule is asked."""

from __future__ import annotations

import pytest

from tests.running import RunningService


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/results/batch", "POST"),
        ("GET", "/v1/evidence/acceptances", "POST"),
        ("GET", "/v1/certificates/VINH.2026.000001.Q/revocation", "POST"),
        ("GET", "/v1/certificates/GCN/2026/1/revocation", "POST"),
        ("PUT", "/v1/results", "GET, POST"),
    ],
)
async def test_a_path_with_a_word_of_its_own_is_no_identifier(
    certification: RunningService, method: str, path: str, allowed: str
) -> None:
    answer = await certification.client().request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
