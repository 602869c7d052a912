"""When a certificate is an official's."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from services.enrolment.certificates.matching import Certificate, agrees

CERTIFICATE = Certificate(
    reference="VN-1",
    kind="certificate",
    version=1,
    person_key=b"k" * 32,
    birth_check=b"c" * 32,
    language="en",
    level=4,
    specialised=False,
    issued_on=dt.date(2026, 1, 5),
    counts_from=dt.date(2026, 1, 5),
    valid_until=dt.date(2028, 1, 5),
)


@pytest.mark.parametrize(
    ("certificate", "roster", "agreeing"),
    [
        (b"1", b"1", True),
        (b"1", b"2", False),
        (None, b"1", True),
        (b"1", None, True),
        (None, None, True),
    ],
)
def test_birth_dates_are_compared_where_both_are_whole(
    certificate: bytes | None, roster: bytes | None, agreeing: bool
) -> None:
    assert agrees(certificate, roster) is agreeing


def test_a_certificate_has_ended_from_the_day_it_was_taken_back() -> None:
    assert not CERTIFICATE.ended
    revoked = msgspec.structs.replace(
        CERTIFICATE,
        ended_on=dt.date(2026, 6, 1),
        ended_effect="from_decision",
        ended_cause="revoked",
    )
    assert revoked.ended


def test_the_feed_is_told_what_it_is_worth_and_not_whose_it_is() -> None:
    told = CERTIFICATE.summary()
    assert (told.reference, told.level, told.valid_until) == ("VN-1", 4, dt.date(2028, 1, 5))
    assert b"k" * 32 not in msgspec.json.encode(told)
