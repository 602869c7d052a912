"""If-Match by RFC 9110: strong tags only, and nothing matches what is not there."""

from __future__ import annotations

import pytest
from fastapi import Request

from shared.contracts.problem import PreconditionRequired, StaleVersion
from shared.web.conditional import require_match


def request(if_match: str | None) -> Request:
    headers = [] if if_match is None else [(b"if-match", if_match.encode())]
    return Request({"type": "http", "method": "PUT", "path": "/", "headers": headers})


@pytest.mark.parametrize("given", ['"1"', '"0", "1"', "*"])
def test_the_version_read_last_may_be_changed(given: str) -> None:
    require_match(request(given), 1)


@pytest.mark.parametrize("given", ['"5"', 'W/"1"', 'W/"1", "2"', "1", ""])
def test_another_version_or_a_weak_tag_never_matches(given: str) -> None:
    with pytest.raises(StaleVersion) as refused:
        require_match(request(given), 1)
    assert refused.value.headers == {"ETag": '"1"'}


@pytest.mark.parametrize("given", ['"5"', 'W/"1"', "*"])
def test_nothing_matches_what_does_not_exist(given: str) -> None:
    with pytest.raises(StaleVersion):
        require_match(request(given), None)


def test_without_the_header_only_new_things_are_written() -> None:
    require_match(request(None), None)
    with pytest.raises(PreconditionRequired):
        require_match(request(None), 1)
