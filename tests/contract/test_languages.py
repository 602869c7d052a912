"""What evidence may be in is what the plans know of, but for Vietnamese."""

from __future__ import annotations

from services.certification.framework.documents import Rulebook
from services.targets.plans.loading import load_languages


def test_evidence_is_taken_in_every_language_the_plans_know_but_vietnamese() -> None:
    assert Rulebook.load().languages.codes == frozenset(load_languages()) - {"vi"}
