"""The enrolment service as a web application."""

from __future__ import annotations

import os
from collections.abc import Mapping

from fastapi import FastAPI

from services.enrolment.directory.agencies import endpoints as agencies
from services.enrolment.directory.officials import endpoints as officials
from services.enrolment.directory.rosters import endpoints as rosters
from services.enrolment.settings import Settings
from shared.clock import Clock
from shared.web.application import build_app
from shared.web.logs import configure_logs


def create_app(
    environment: Mapping[str, str] | None = None, *, clock: Clock | None = None
) -> FastAPI:
    """``environment`` defaults to that of the process, so that uvicorn can call this as a factory."""
    settings = Settings.read(os.environ if environment is None else environment)
    configure_logs(settings.log_level)
    return build_app(
        service="enrolment",
        title="Bậc – Đăng ký và danh bạ / Enrolment",
        description="Cơ quan, cán bộ, cơ sở đào tạo. / Agencies, officials, institutions.",
        database=settings.database(),
        verifier=settings.verifier,
        routers=[
            agencies.bulk_router,
            agencies.router,
            rosters.bulk_router,
            rosters.router,
            officials.router,
        ],
        clock=clock,
        state={"person_keys": settings.person_keys},
    )
