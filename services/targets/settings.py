"""Settings of the targets service, read from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.targets.persistence import SCHEMA
from shared.persistence.database import Database
from shared.persistence.migrations import service_dsn
from shared.security.tokens import TokenVerifier


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    pool_size: int
    verifier: TokenVerifier
    log_level: str
    enrolment_url: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises :class:`ValueError` with a sentence for what is missing or cannot be used.

        ``BAC_POOL_SIZE`` connections (default 16). Names are asked at ``BAC_ENROLMENT_URL`` (default:
        this machine).
        """
        return cls(
            database_url=service_dsn(environment, SCHEMA),
            pool_size=int(environment.get("BAC_POOL_SIZE", "16")),
            verifier=TokenVerifier.from_environment(environment),
            log_level=environment.get("BAC_LOG_LEVEL", "INFO"),
            enrolment_url=environment.get("BAC_ENROLMENT_URL") or "http://127.0.0.1:8001",
        )

    def database(self) -> Database:
        return Database(self.database_url, SCHEMA, min_size=2, max_size=self.pool_size)
