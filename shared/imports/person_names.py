"""What the name of a person cannot be; the same for sheets, lists in JSON and single bodies.

Nothing is mended here: a certificate is printed with the name, and a register keeps it for ever.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from shared.imports.issues import Issue, issue
from shared.imports.misread_utf8 import misread_utf8
from shared.imports.unseen import first_unseen

_LETTERS: Final = "A-Za-zÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ"
_PLAIN: Final = re.compile(f"[{_LETTERS}][{_LETTERS}0-9 .,'()-]*")
"""Nearly all names; none of the faults below can stand in one."""
_ERROR_WORDS: Final = frozenset(
    {"#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#spill!", "#calc!",
     "#field!", "#blocked!", "#getting_data", "#n/a!"}
)  # fmt: skip
_NEVER_IN_NAMES: Final = re.compile(r"[<>{}\[\]|\\=#@$%^*_~\"+;!&/?\ufffd]")
_SIGNS: Final = frozenset({"So", "Sc", "Sm", "Co", "Cn"})
"""Pictures, currencies, mathematics, and what is no character of Unicode."""
# Letters of other scripts that are drawn like Latin ones.
_DRAWN_ALIKE: Final = frozenset(
    "АВЕЅІЇЈКМНОРСТУХабвеѕіїјкмнорстухһԁԛԝҮүӨөΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγικνορτυχՕօԱԼՍսոհցզ"
)
_SCRIPTS_VI: Final = {"CYRILLIC": "Kirin", "GREEK": "Hy Lạp", "ARMENIAN": "Armenia"}


class NameFault(NamedTuple):
    """``code`` is one of the issues; ``values`` fill its sentences."""

    code: str
    values: dict[str, str | int]


def name_issue(name: str, pointer: str) -> Issue | None:
    """What is wrong with a name in JSON, as a fault of its field."""
    fault = fault_of_name(name)
    return None if fault is None else issue(fault.code, pointer, **fault.values)


def is_excel_error(text: str) -> bool:
    return text.startswith("#") and text.casefold() in _ERROR_WORDS


def fault_of_name(name: str) -> NameFault | None:
    """The first reason why this is no name; ``None`` where nothing speaks against it."""
    if _PLAIN.fullmatch(name):
        return None
    return _fault_of_unusual(name)


def _fault_of_unusual(name: str) -> NameFault | None:
    if is_excel_error(name.strip()):
        return NameFault("cell_error", {})
    if misread_utf8(name):
        return NameFault("utf8_misread", {})
    unseen = first_unseen(name)
    if unseen is not None:
        return NameFault("invisible_character", unseen)
    if "?" in name or "\ufffd" in name:
        return NameFault("characters_lost", {})
    match = _NEVER_IN_NAMES.search(name)
    if match is not None:
        return NameFault("not_a_name", {})
    if not any(char.isalpha() for char in name):
        return NameFault("not_a_name", {})
    if any(unicodedata.category(char) in _SIGNS for char in name):
        return NameFault("not_a_name", {})
    return foreign_letter(name)


def foreign_letter(text: str) -> NameFault | None:
    """A letter of another script among Latin ones, or a text all of whose letters pass for Latin."""
    if text.isascii():
        return None
    others = [
        (place, char)
        for place, char in enumerate(text, start=1)
        if char.isalpha() and not char.isascii() and not _is_latin(char)
    ]
    if not others:
        return None
    latin = any(char.isalpha() and _is_latin(char) for char in text)
    if not latin and not all(_passes_for_latin(char) for _, char in others):
        return None
    place, char = others[0]
    script = unicodedata.name(char, "UNKNOWN").split()[0]
    return NameFault(
        "foreign_letter",
        {
            "position": place,
            "letter": char,
            "script_vi": _SCRIPTS_VI.get(script, script.title()),
            "script_en": script.title(),
        },
    )


def _is_latin(char: str) -> bool:
    return (
        char.isascii()
        or char in "ªº"
        or unicodedata.name(char, "").startswith(("LATIN", "MODIFIER", "FULLWIDTH LATIN"))
    )


def _passes_for_latin(char: str) -> bool:
    return char in _DRAWN_ALIKE or unicodedata.normalize("NFKC", char).isascii()
