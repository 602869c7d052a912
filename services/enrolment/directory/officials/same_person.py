"""Whether a row under a known code speaks of the person who has that code, or of somebody else."""

from __future__ import annotations

from collections.abc import Sequence

from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.submission import Submission
from shared.imports.layout import folded


def seems_another(stored: Official, rows: Sequence[Submission], *, masked: bool) -> bool:
    """A number known of the person settles it; so does a masked one, which was seen to fit (``masked``). A
    new number must come with the same name and birth date; where none is given one of the two may differ.
    """
    known = {each.key for each in stored.identities}
    given = {each.key for row in rows for each in (row.identity, *(row.former or ())) if each}
    if masked or given & known:
        return False
    named = same_name(stored.full_name, rows[0].full_name)
    born = _same_birth(stored.birth_date, rows[0].birth_date)
    if any(row.identity is not None for row in rows):
        return not (named and born)
    return not named and not born


def same_name(one: str, other: str) -> bool:
    return folded(one) == folded(other)


def _same_birth(one: str, other: str) -> bool:
    """A bare year fits every day of it."""
    return one.startswith(other) or other.startswith(one)


def leaves_number(stored: Official, after: Official) -> bool:
    """Whether what was the present number is kept as a former one from now on."""
    return any(each.key == stored.identity.key for each in after.former)


def differing_facts(stored: Official, row: Submission) -> list[str]:
    """Names of the facts of the person that the row gives otherwise than the record."""
    given = {
        row.identity_at.split("/")[1]: row.identity and row.identity.key,
        "former_identities": None if row.former is None else {each.key for each in row.former},
        "record_code": row.record_code,
        "full_name": row.full_name,
        "birth_date": row.birth_date,
        "sex": row.sex,
        "attributes": row.attributes,
        "absences": row.absences,
    }
    on_file = [
        stored.identity.key,
        {each.key for each in stored.former},
        *(stored.record_code, stored.full_name, stored.birth_date, stored.sex),
        *(stored.attributes, stored.absences),
    ]
    return [
        name
        for (name, value), known in zip(given.items(), on_file, strict=True)
        if value is not None and value != known
    ]
