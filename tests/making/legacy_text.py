"""Vietnamese as old typing programs wrote it."""

from __future__ import annotations

from shared.imports.legacy_text import TCVN3, VNI

TO_TCVN3 = {letter: code for code, letter in TCVN3.items()}
# Codes whose sign has the case of its letter, as typing programs write them.
TO_VNI = {
    text: code
    for code, text in VNI.items()
    if len(code) == 1 or code in (code.lower(), code.upper())
}


def to_tcvn3(text: str) -> str:
    return "".join(TO_TCVN3.get(char, char) for char in text)


def to_vni(text: str) -> str:
    return "".join(TO_VNI.get(char, char) for char in text)
