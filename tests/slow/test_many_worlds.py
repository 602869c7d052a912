"""The serving path and the recount agree on many more random worlds than the everyday tests try."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.targets.recount.counting import Recount
from tests.worlds.asking import LANGUAGES, PROVINCES
from tests.worlds.comparison import (
    differences,
    differing_lists,
    served_from,
)
from tests.worlds.generated import questions, worlds


@pytest.mark.timeout(600)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_question_of_any_world_is_answered_as_the_recount_does(data: st.DataObject) -> None:
    world = data.draw(worlds(max_officials=12))
    batch = data.draw(st.sampled_from([None, 1, 3, 10]))
    served = served_from(world, batch)
    recounted = Recount(world.events, LANGUAGES, PROVINCES)
    for _ in range(6):
        asked = data.draw(questions(world))
        question = asked.plan, asked.agency, asked.as_of, asked.readings
        assert differences(served, recounted, *question) == []
        assert differing_lists(served, recounted, *question) == []
