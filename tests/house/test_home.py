"""What a run keeps in its folder, and what it refuses to begin with."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from deploy.local.addresses import service_ports, service_urls
from deploy.local.errors import CannotRunError
from deploy.local.home import ensure_secrets, home_folder
from deploy.local.migrating import migrate_all, migrations_digest


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = ensure_secrets(tmp_path, {})
    assert ensure_secrets(tmp_path, {}) == first
    assert {len(value) for value in first.values()} == {64}
    assert first["BAC_PERSON_KEY"] != first["BAC_ROLE_SECRET"]
    for name in ("person-key", "role-secret", "dev-signing-key.jwk"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_secrets_of_the_environment_win_and_are_not_written_down(tmp_path: Path) -> None:
    given = ensure_secrets(tmp_path, {"BAC_PERSON_KEY": "ab" * 32})
    assert given["BAC_PERSON_KEY"] == "ab" * 32
    assert not (tmp_path / "person-key").exists()


def test_a_lost_person_key_is_refused_when_there_are_data(tmp_path: Path) -> None:
    ensure_secrets(tmp_path, {})
    (tmp_path / "migrated").touch()
    (tmp_path / "person-key").unlink()
    with pytest.raises(CannotRunError, match="person-key is missing"):
        ensure_secrets(tmp_path, {})
    assert not (tmp_path / "person-key").exists()


@pytest.mark.parametrize("text", ["", "ab" * 31, "xy" * 32, "\x00" * 64, "ab" * 32 + "c"])
def test_a_damaged_secret_is_refused_in_one_sentence_per_language(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "person-key").write_text(text)
    with pytest.raises(CannotRunError, match="person-key is damaged") as refused:
        ensure_secrets(tmp_path, {})
    english, vietnamese = str(refused.value).splitlines()
    assert "backup" in english
    assert "bị hỏng" in vietnamese
    assert (tmp_path / "person-key").read_text() == text


def test_ports_and_urls_follow_the_environment() -> None:
    environment = {"BAC_TARGETS_PORT": "9003", "BAC_ENROLMENT_URL": "https://danh-ba.example"}
    assert service_ports(environment) == {
        "enrolment": 8001,
        "certification": 8002,
        "targets": 9003,
    }
    assert service_urls(environment) == {
        "enrolment": "https://danh-ba.example",
        "certification": "http://127.0.0.1:8002",
        "targets": "http://127.0.0.1:9003",
    }


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "8002"])
def test_a_port_that_cannot_be_used_is_one_sentence_per_language(port: str) -> None:
    with pytest.raises(CannotRunError) as refused:
        service_ports({"BAC_ENROLMENT_PORT": port})
    assert len(str(refused.value).splitlines()) == 2


def test_the_folder_is_the_one_named_or_the_checkouts(tmp_path: Path) -> None:
    assert home_folder({"BAC_HOME": str(tmp_path)}) == tmp_path
    assert home_folder({}) == Path(__file__).parents[2] / ".bac"


def test_another_database_cluster_is_migrated_again() -> None:
    assert migrations_digest("one") == migrations_digest("one")
    assert migrations_digest("one") != migrations_digest("two")


async def test_a_database_that_cannot_be_reached_is_one_sentence_per_language() -> None:
    with pytest.raises(CannotRunError, match="enrolment could not be migrated") as refused:
        await migrate_all("postgresql://nobody@127.0.0.1:1/none", "00" * 32, 32, lambda _: None)
    assert len(str(refused.value).splitlines()) == 2
