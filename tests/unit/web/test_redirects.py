"""Where a redirect may lead."""

from __future__ import annotations

import pytest

from shared.web.redirects import relative_reference


@pytest.mark.parametrize(
    ("location", "relative"),
    [
        ("http://evil.example/v1/plans", "/v1/plans"),
        ("https://evil.example/v1/plans?x=1&y=%20", "/v1/plans?x=1&y=%20"),
        ("http://evil.example", "/"),
        ("//evil.example/a", "/a"),
        ("http://evil.example//other.example/a", "/other.example/a"),
        ("http://evil.example/\\other.example", "/other.example"),
        ("/v1/verify/A?lang=en", "/v1/verify/A?lang=en"),
    ],
)
def test_it_is_a_path_without_a_host(location: str, relative: str) -> None:
    assert relative_reference(location) == relative
