"""A subject says where and what: `area: what`, in 72 characters; the reason stands in the body."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.compatibility.documents import landed_commit
from tests.compatibility.landed_code import why_there_is_none

ROOT = Path(__file__).parents[2]
SUBJECT = re.compile(r"[a-z][a-z0-9 ,_/-]*: \S.*")


def faults(subject: str) -> list[str]:
    found = [] if SUBJECT.fullmatch(subject) else ["no `area: what`"]
    return found + ([f"{len(subject)} characters"] if len(subject) > 72 else [])


@pytest.mark.skipif(why_there_is_none() is not None, reason=str(why_there_is_none()))
def test_subjects_since_the_landed_version_say_where_and_what() -> None:
    log = subprocess.run(
        ["git", "log", "--no-merges", "--format=%s", f"{landed_commit()}..HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    subjects = set(log.stdout.splitlines())
    wrong = {subject: faults(subject) for subject in subjects if faults(subject)}
    assert wrong == {}


@pytest.mark.parametrize(
    "subject",
    ["Lists go home as files", "feed:", ": what", "feed: " + "x" * 67, "Feed: a position"],
)
def test_a_subject_that_says_less_is_found(subject: str) -> None:
    assert faults(subject)


def test_a_subject_of_this_form_is_right() -> None:
    assert faults("enrolment: assignments given at once are one taking over") == []
