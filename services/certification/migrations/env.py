"""Migrations of the certification service."""

from shared.persistence.alembic_environment import run

run()
