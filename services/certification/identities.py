"""The identity of whom a body names."""

from __future__ import annotations

from typing import Protocol

from shared.contracts.problem import FieldError, InvalidRequest
from shared.security.identity_numbers import country_fault, identity_from, number_fault
from shared.security.person_key import IdentityType, PersonIdentity


class GivenIdentity(Protocol):
    @property
    def type(self) -> IdentityType: ...
    @property
    def country(self) -> str: ...
    @property
    def number(self) -> str: ...


def judged_identity(citizen_id: str | None, given: GivenIdentity | None, at: str) -> PersonIdentity:
    """The identity that stands at ``at``, by exactly one of both. Raises for a malformed number."""
    if citizen_id is not None:
        identity = identity_from("citizen_id", "VN", citizen_id)
        pointer = f"{at}/citizen_id"
    else:
        assert given is not None
        identity = identity_from(given.type, given.country, given.number)
        pointer = f"{at}/identity/number"
        if (fault := country_fault(identity)) is not None:
            pointer = f"{at}/identity/country"
            raise InvalidRequest(fault.vi, fault.en, errors=[FieldError(pointer, *fault)])
    if (fault := number_fault(identity)) is not None:
        raise InvalidRequest(fault.vi, fault.en, errors=[FieldError(pointer, *fault)])
    return identity
