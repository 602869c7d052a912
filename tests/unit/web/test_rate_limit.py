"""Whose requests a public limit counts together."""

from __future__ import annotations

import pytest

from shared.web.rate_limit import client_address


@pytest.mark.parametrize(
    ("forwarded", "proxies", "counted"),
    [
        ([], 1, "10.0.0.9"),
        (["203.0.113.7"], 0, "10.0.0.9"),
        (["203.0.113.7"], 1, "203.0.113.7"),
        # What the client wrote stands left of what our proxy added, in one line or in several.
        (["1.2.3.4, 203.0.113.7"], 1, "203.0.113.7"),
        (["1.2.3.4", "203.0.113.7"], 1, "203.0.113.7"),
        (["1.2.3.4, 5.6.7.8", "", " ,203.0.113.7"], 1, "203.0.113.7"),
        (["1.2.3.4", "203.0.113.7, 10.0.0.2"], 2, "203.0.113.7"),
        (["1.2.3.4", "203.0.113.7", "10.0.0.2"], 2, "203.0.113.7"),
        # Fewer than our proxies add: it did not come through them.
        (["203.0.113.7"], 2, "10.0.0.9"),
        (["203.0.113.7:51234"], 1, "203.0.113.7"),
        (["[2001:db8:1:2:3:4:5:6]:443"], 1, "2001:db8:1:2::/64"),
        (["2001:db8:1:2::9"], 1, "2001:db8:1:2::/64"),
        (["::ffff:203.0.113.7"], 1, "203.0.113.7"),
    ],
)
def test_the_address_is_the_one_that_the_outermost_proxy_of_ours_saw(
    forwarded: list[str], proxies: int, counted: str
) -> None:
    assert client_address("10.0.0.9", forwarded, trusted_proxies=proxies) == counted
