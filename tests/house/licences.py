"""Licences of every locked package: `python -m tests.house.licences`, or of the locks that are named.

GPL and AGPL never; LGPL only packages on the list below, imported unmodified; what says nothing
about itself fails until somebody has looked and written down what it is.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")

PERMITTED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC"),
        *("MIT", "MIT-0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib"),
        "MPL-2.0",  # file by file: obliges whoever changes those files, not whoever imports them
    }
)
LGPL_IMPORTED_UNMODIFIED: frozenset[str] = frozenset()
"""Packages under the LGPL that may be imported as they are."""

REVIEWED: dict[str, str] = {
    # says "Dual License" and names both; its LICENSE lets everybody choose
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
}
"""Licences, as SPDX expressions, of packages whose metadata say nothing usable; with the reason."""

SPELLINGS = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
COPYLEFT = re.compile(r"\b(A|L)?GPL|Affero|General Public", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """Why a package may not be locked."""

    package: str
    reason: str


def locked_packages(lock: str) -> list[str]:
    """Names of the packages that a lock installs on this machine."""
    joined = lock.replace("\\\n", " ")
    lines = (line.split(" --hash", 1)[0].strip() for line in joined.splitlines())
    requirements = (Requirement(line) for line in lines if line and line[0] not in "#-")
    return [found.name for found in requirements if not found.marker or found.marker.evaluate()]


def declared_licence(package: str, metadata: Message) -> str | None:
    """The licence as an SPDX expression where that can be told, else the words found, else None."""
    if package in REVIEWED:
        return REVIEWED[package]
    expression = metadata.get("License-Expression")
    if expression:
        return expression
    classifiers = [
        entry.rpartition(" :: ")[2]
        for entry in metadata.get_all("Classifier") or []
        if entry.startswith("License :: ") and not entry.endswith(("OSI Approved", "DFSG approved"))
    ]
    text = (metadata.get("License") or "").strip()
    words = [*classifiers, *([text] if text and "\n" not in text else [])]
    known = [SPELLINGS.get(word.lower(), word) for word in words]
    # A text and a classifier usually say the same thing twice; differing ones are all owed.
    unique = list(dict.fromkeys(known))
    if "BSD-2-Clause" in unique and "BSD-3-Clause" in unique:
        unique.remove("BSD-3-Clause")
    return " AND ".join(f"({one})" for one in unique) or None


def objection(package: str, licence: str | None) -> Finding | None:
    """Why this licence is not acceptable for this package, or None."""
    if licence is None:
        return Finding(package, "says nothing about its licence")
    if _acceptable(licence, package):
        return None
    if COPYLEFT.search(licence):
        return Finding(package, f"copyleft: {licence}")
    return Finding(package, f"unknown licence: {licence}")


def _acceptable(expression: str, package: str) -> bool:
    """SPDX: OR lets us choose, AND binds to all of them."""
    tokens = re.findall(r"\(|\)|\bOR\b|\bAND\b|[^()\s]+(?:\s+WITH\s+[^()\s]+)?", expression)
    position = 0

    def one() -> bool:
        nonlocal position
        if position >= len(tokens):
            return False
        token = tokens[position]
        position += 1
        if token == "(":
            inside = either()
            position += 1
            return inside
        if token.startswith("LGPL") and package in LGPL_IMPORTED_UNMODIFIED:
            return True
        return token in PERMITTED

    def both() -> bool:
        nonlocal position
        verdict = one()
        while position < len(tokens) and tokens[position] == "AND":
            position += 1
            verdict = one() and verdict
        return verdict

    def either() -> bool:
        nonlocal position
        verdict = both()
        while position < len(tokens) and tokens[position] == "OR":
            position += 1
            verdict = both() or verdict
        return verdict

    return either() and position == len(tokens)


def findings(
    packages: Iterable[str], metadata_of: Callable[[str], Message | None]
) -> list[Finding]:
    """Objections to the packages; one that is not installed cannot be judged and is one too."""
    found = []
    for package in sorted(set(packages)):
        metadata = metadata_of(package)
        if metadata is None:
            found.append(Finding(package, "is locked but not installed"))
            continue
        finding = objection(package, declared_licence(package, metadata))
        if finding:
            found.append(finding)
    return found


def installed_metadata(package: str) -> Message | None:
    try:
        distribution = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        return None
    text = distribution.read_text("METADATA")
    if text is None:
        return None
    from email.parser import Parser

    return Parser().parsestr(text, headersonly=True)


def main() -> int:
    locks = sys.argv[1:] or LOCKS
    packages = [name for lock in locks for name in locked_packages((REPOSITORY / lock).read_text())]
    problems = findings(packages, installed_metadata)
    for problem in problems:
        print(f"{problem.package}: {problem.reason}")
    print(f"licences of {len(set(packages))} locked packages read, {len(problems)} objections")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
