"""The code of the last landed version, taken from the history of this repository."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from tests.compatibility.documents import landed_commit

ROOT: Final = Path(__file__).parents[2]


def why_there_is_none() -> str | None:
    """The reason in a checkout without its history, None in every other."""
    if not (ROOT / ".git").exists():
        return "the landed code cannot be had: this is no clone of the repository"
    if _git("rev-parse", "--is-shallow-repository").decode().strip() == "true":
        return "the landed code cannot be had: this clone is shallow (git fetch --unshallow)"
    return None


def write_landed_code(folder: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(_git("archive", landed_commit()))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout
