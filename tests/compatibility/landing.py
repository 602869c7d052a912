"""A version landed: what it publishes is what later versions are held to. ``make landed`` runs it.

The commit that is checked out becomes the landed version. Accepted breaks are part of it and are forgotten.
"""

from __future__ import annotations

import subprocess
import sys

from tests.compatibility.documents import ACCEPTED, LANDED, write_shapes


def main() -> None:
    if _git("status", "--porcelain"):
        sys.exit("the checkout has changes: a landed version is a commit")
    write_shapes(LANDED)
    (LANDED / "COMMIT").write_text(_git("rev-parse", "HEAD") + "\n")
    notes = [line for line in ACCEPTED.read_text().splitlines() if line.startswith("#")]
    ACCEPTED.write_text("\n".join(notes) + "\n")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=LANDED, check=True, capture_output=True, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
