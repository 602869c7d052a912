from shared.persistence.alembic_environment import run

run()
