"""Numbers sent back as a reader without ``pii:read`` was shown them: they mean “as it is”."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from shared.imports.issues import Issue
from shared.security.masking import masked
from shared.security.person_key import IdentityType, PersonIdentity


class KeyedIdentity(msgspec.Struct, frozen=True, gc=False):
    identity: PersonIdentity
    key: bytes
    check: bytes | None


class HiddenNumber(msgspec.Struct, frozen=True, gc=False):
    type: IdentityType
    country: str
    shown: str

    def shows(self, each: KeyedIdentity) -> bool:
        identity = each.identity
        return (self.type, self.country, self.shown) == (
            identity.type,
            identity.country,
            masked(identity.number),
        )


class HiddenNumbers(msgspec.Struct, frozen=True, gc=False):
    """``former`` null: no former number was given hidden; else all that were given, in their order."""

    identity: HiddenNumber | None
    former: tuple[KeyedIdentity | HiddenNumber, ...] | None


def former_shown(
    given: Sequence[KeyedIdentity | HiddenNumber], stored: Sequence[KeyedIdentity]
) -> tuple[KeyedIdentity, ...] | int:
    """The former identities that are meant; or the place of the first that could be none or several."""
    found: list[KeyedIdentity] = []
    for n, each in enumerate(given):
        if isinstance(each, KeyedIdentity):
            found.append(each)
            continue
        meant = [one for one in stored if each.shows(one)]
        if not meant or len(meant) != given.count(each):
            return n
        found.append(next(one for one in meant if one not in found))
    return tuple(found)


def identity_masked(pointer: str) -> Issue:
    return Issue(
        pointer,
        "identity_masked",
        "Số đã bị che và không ứng với số đang lưu của mã này; hãy ghi đủ số hoặc để trống.",
        "The number is masked and is not that of this official; write it whole or leave it out.",
    )
