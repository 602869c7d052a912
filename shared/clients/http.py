"""How services reach each other and the issuer of tokens."""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

import httpx


@cache
def _certificates() -> ssl.SSLContext:
    """Reading them takes a twentieth of a second, in which nobody is answered: once for a process."""
    return httpx.create_ssl_context()


def http_client(**settings: Any) -> httpx.AsyncClient:
    """``settings`` are those of ``httpx.AsyncClient``."""
    return httpx.AsyncClient(verify=_certificates(), **settings)
