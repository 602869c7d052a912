"""Invented data for demonstrations and for README's worked example, sent through the public APIs only."""

from services.demonstration.errors import NotLoadedError
from services.demonstration.loading import load

__all__ = ["NotLoadedError", "load"]
