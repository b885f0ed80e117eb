"""The page's address, for people and for programs; the files beside it."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from mocast.api.cors import Origins
from mocast.api.problems import problems
from mocast.api.response_headers import response_headers
from mocast.api.routes.page import page_routes

Client = TestClient[web.Request, web.Application]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def serving(folder: Path) -> AsyncIterator[Client]:
    app = web.Application(middlewares=[problems])
    app.add_routes(page_routes(folder))
    app.on_response_prepare.append(response_headers(Origins(), strict_transport=False))
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    for name in ("index.html", "docs.html", "openapi.yaml", "openapi.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "index.html.gz").write_bytes(gzip.compress(b"index.html"))
    async for client in serving(tmp_path):
        yield client


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER, "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
        ("application/json", "application/json"),
        ("text/html;q=0.8, application/json;q=0.9", "application/json"),
        ("application/json;q=0.8, text/*;q=0.9", "text/html"),
        ("application/*, text/html;q=0.1", "application/json"),
        ("text/html;q=0, */*", "application/json"),
    ],
)
async def test_the_index_is_of_the_type_that_is_wanted_most(client: Client, accept: str, kind: str) -> None:
    async with client.get("/", headers={"Accept": accept}) as answer:
        assert (answer.status, answer.content_type) == (200, kind)
        assert "Accept" in answer.headers.getall("Vary")
        assert ("addresses" in await answer.text()) == (kind == "application/json")


async def test_the_index_in_another_type_is_not_to_be_had(client: Client) -> None:
    async with client.get("/", headers={"Accept": "image/png"}) as answer:
        assert answer.status == 406


@pytest.mark.parametrize(
    ("path", "file", "kind"),
    [
        ("/docs", "docs.html", "text/html"),
        ("/openapi.yaml", "openapi.yaml", "application/yaml"),
        ("/openapi.json", "openapi.json", "application/json"),
    ],
)
async def test_the_reference_and_what_it_is_made_of_are_served(client: Client, path: str, file: str, kind: str) -> None:
    async with client.get(path) as answer:
        assert (answer.status, answer.content_type, await answer.text()) == (200, kind, file)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


async def test_without_the_built_page_programs_are_answered_and_people_told(tmp_path: Path) -> None:
    async for client in serving(tmp_path):
        async with client.get("/", headers={"Accept": "application/json"}) as answer:
            assert answer.status == 200
        async with client.get("/", headers={"Accept": BROWSER}) as answer:
            assert answer.status == 503
            assert "make setup" in (await answer.json(content_type="application/problem+json"))["detail"]
        async with client.get("/docs") as answer:
            assert answer.status == 404


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("identity", None)])
async def test_a_file_is_served_as_it_was_compressed_to_who_takes_that(
    tmp_path: Path, accepted: str, encoding: str | None
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.js").write_text("plain")
    (tmp_path / "assets" / "a.js.gz").write_bytes(gzip.compress(b"packed"))
    async for client in serving(tmp_path):
        async with client.get("/assets/a.js", headers={"Accept-Encoding": accepted}) as answer:
            assert await answer.text() == ("packed" if encoding else "plain")
            assert answer.headers.get("Content-Encoding") == encoding
            assert answer.content_type.endswith("/javascript")
            assert "immutable" in answer.headers["Cache-Control"]
        async with client.get("/assets/a.js.gz") as answer:
            assert answer.status == 404


async def test_a_page_that_is_built_or_built_anew_is_served_without_a_start(tmp_path: Path) -> None:
    assets = tmp_path / "assets"
    async for client in serving(tmp_path):
        async with client.get("/", headers={"Accept": BROWSER}) as answer:
            assert answer.status == 503
        assets.mkdir()
        (tmp_path / "client").mkdir()
        for name in ("index.html", "avatar.html", "docs.html", "client/mocast-client.d.ts", "assets/page-1.js"):
            (tmp_path / name).write_text("old")
        for path in ("/", "/avatar.html", "/docs", "/client/mocast-client.d.ts", "/assets/page-1.js"):
            async with client.get(path) as answer:
                assert (answer.status, await answer.text()) == (200, "old"), path
        (tmp_path / "index.html").write_text("new")
        (assets / "page-1.js").rename(assets / "page-2.js")
        async with client.get("/") as answer:
            assert await answer.text() == "new"
        async with client.get("/assets/page-2.js") as answer:
            assert await answer.text() == "old"
        async with client.get("/assets/page-1.js") as answer:
            assert answer.status == 404
            assert "reload" in (await answer.json(content_type="application/problem+json"))["detail"]
        for path in (
            "/assets/",
            "/assets/%2e%2e%2findex.html",
            "/client/..%2Findex.html",
            "/..%2Findex.html",
            "/client",
        ):
            async with client.get(URL(path, encoded=True)) as answer:
                assert answer.status == 404, path
