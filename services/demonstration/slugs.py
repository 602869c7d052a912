"""Codes from Vietnamese names."""

from __future__ import annotations

import unicodedata


def slug(name: str) -> str:
    """Capital letters and digits only: “Buôn Ma Thuột” gives ``BUONMATHUOT``."""
    plain = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum()).upper()
