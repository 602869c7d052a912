"""Keys of persons."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from shared.security.person_key import PersonIdentity, PersonKeys


@given(st.binary(min_size=32, max_size=200), st.text(min_size=1, max_size=40))
def test_keys_are_hmac_sha256_of_the_number_under_the_system_key(
    secret: bytes, number: str
) -> None:
    keys, identity = PersonKeys(secret), PersonIdentity("passport", "VN", number)
    try:
        text = identity.canonical().encode()
    except UnicodeEncodeError:
        return

    def expected(message: bytes) -> bytes:
        return hmac.new(secret, message, hashlib.sha256).digest()

    check = expected(b"birth|" + text + b"|1980-03-05")
    assert keys.both(identity, "1980-03-05") == (expected(text), check)
    assert keys.both(identity, "1980") == (expected(text), None)
    assert keys.person_key(identity) == expected(text).hex()
    assert keys.birth_check(identity, "1980-03-05") == check.hex()
