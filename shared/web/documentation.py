"""The page that explains a service's endpoints, with everything it needs: no other site is asked."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.staticfiles import StaticFiles

_ASSETS: Final = "/docs/assets"


def add_documentation(app: FastAPI) -> None:
    """``/docs`` and what it loads. The package carries Swagger UI; the framework's own page would fetch it
    from a public network, which the offices that run this often do not reach."""

    async def page() -> Response:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title=app.title,
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url="data:,",
            swagger_ui_parameters={"persistAuthorization": True},
        )

    app.add_api_route("/docs", page, include_in_schema=False)
    assets = str(files("fastapi_offline") / "static")
    app.mount(_ASSETS, StaticFiles(directory=assets), name="documentation")
