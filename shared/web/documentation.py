"""The page that explains a service's endpoints, with everything it needs: no other site is asked."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import Final

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.staticfiles import StaticFiles

_ASSETS: Final = "/docs/assets"


_SCRIPT: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def _policy(page: bytes) -> str:
    """What the page may load and run: its own files, and the one script that stands in it."""
    own = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _SCRIPT.findall(page)
    )
    return (
        f"default-src 'none'; script-src 'self' {own}; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )


def add_documentation(app: FastAPI) -> None:
    """``/docs`` and what it loads. The package carries Swagger UI; the framework's own page would fetch it
    from a public network, which the offices that run this often do not reach."""

    async def page() -> Response:
        # Tokens typed into the page stay in the page: nothing of them is kept for whoever comes next.
        found = get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title=app.title,
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url="data:,",
        )
        found.headers["Content-Security-Policy"] = _policy(bytes(found.body))
        return found

    app.add_api_route("/docs", page, include_in_schema=False)
    assets = str(files("fastapi_offline") / "static")
    app.mount(_ASSETS, StaticFiles(directory=assets), name="documentation")
