"""The route of endpoints that refuse by what enrolment's feed says."""

from __future__ import annotations

from fastapi import Request

from services.certification.directory.errors import InstitutionNotAuthorised, unconfirmed
from services.certification.directory.use_cases.catching_up import Institutions
from shared.contracts.problem import Problem
from shared.web.edge import EdgeRoute


class CaughtUpRoute(EdgeRoute):
    """Catches up with enrolment's feed before it refuses because of that feed. Where that fails, nothing
    is refused: enrolment may know better."""

    def doubts(self, request: Request, problem: Problem) -> bool:
        """Whether enrolment may know better than this refusal."""
        del request
        return isinstance(problem, InstitutionNotAuthorised)

    async def learns_more(self, request: Request, problem: Problem) -> bool:
        if not self.doubts(request, problem):
            return False
        institutions: Institutions = request.app.state.institutions
        if not await institutions.catch_up():
            raise unconfirmed()
        return True
