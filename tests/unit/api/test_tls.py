import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvloop
from aiohttp import web
from tests.peers import HANG_S
from tests.raw_http import parse, raw_answer

from mocast.api.connections import Connections
from mocast.api.cors import Origins
from mocast.api.http_site import HttpSite
from mocast.api.response_headers import response_headers
from mocast.api.tls import Tls
from mocast.certificate import keep_certificate

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    keep_certificate(*files, ["localhost", "127.0.0.1"])
    return files


@pytest.fixture
def other(tmp_path: Path) -> tuple[Path, Path]:
    files = tmp_path / "new" / "certificate.pem", tmp_path / "new" / "key.pem"
    keep_certificate(*files, ["localhost", "127.0.0.1"])
    return files


async def page(_: web.Request) -> web.Response:
    return web.Response(text="page")


async def serving(tls: Tls) -> tuple[web.AppRunner, int]:
    app = web.Application()
    app.router.add_get("/", page)
    app.on_response_prepare.append(response_headers(Origins(), strict_transport=True))
    runner = web.AppRunner(app)
    await runner.setup()
    await HttpSite(runner, "127.0.0.1", 0, Connections(9, 9), tls.context).start()
    return runner, runner.addresses[0][1]


@pytest.fixture
async def served(files: tuple[Path, Path]) -> AsyncIterator[tuple[Tls, int]]:
    tls = Tls(*files)
    runner, port = await serving(tls)
    yield tls, port
    await runner.cleanup()


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


async def certificate_of(port: int, *, name: str | None = None) -> str:
    """What a new connection is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return ssl.DER_cert_to_PEM_cert(shown)


async def test_answers_come_over_tls_and_only_so(served: tuple[Tls, int], files: tuple[Path, Path]) -> None:
    _, port = served
    request = REQUEST + b"Connection: close\r\n\r\n"
    assert parse(await raw_answer(port, request, tls=trusting(files[0]))).body == b"page"
    assert await raw_answer(port, request) == b""


@pytest.mark.parametrize(
    ("host", "is_told"), [("mocast.example.org", True), ("localhost:8080", False)], ids=["name", "localhost"]
)
async def test_browsers_are_told_to_use_https_alone(
    served: tuple[Tls, int], files: tuple[Path, Path], host: str, is_told: bool
) -> None:
    """Not on ``localhost``, where other programs serve by HTTP (RFC 6797 knows no ports)."""
    _, port = served
    request = f"GET /nowhere HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    answer = parse(await raw_answer(port, request.encode(), tls=trusting(files[0])))
    assert answer.status == 404
    assert ("strict-transport-security" in answer.headers) == is_told


@pytest.mark.parametrize("name", [None, "localhost"])
async def test_a_new_certificate_is_for_new_connections_and_old_ones_go_on(
    served: tuple[Tls, int], files: tuple[Path, Path], other: tuple[Path, Path], name: str | None
) -> None:
    tls, port = served
    assert await certificate_of(port, name=name) == files[0].read_text()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting(files[0]))
    assert not tls.reload(), "nothing has changed"
    for old, new in zip(files, other, strict=True):
        new.replace(old)
    assert tls.reload()
    assert await certificate_of(port, name=name) == files[0].read_text()
    writer.write(REQUEST + b"\r\n")
    async with asyncio.timeout(HANG_S):
        assert (await reader.readuntil(b"page")).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_bad_new_files_leave_the_old_certificate_until_they_are_good(
    served: tuple[Tls, int], files: tuple[Path, Path], other: tuple[Path, Path]
) -> None:
    tls, port = served
    good = files[0].read_text()
    files[0].write_bytes(other[0].read_bytes())  # the first of two that are being replaced
    assert not tls.reload()
    assert await certificate_of(port) == good
    assert not tls.reload()
    files[1].write_text("nonsense")
    assert not tls.reload()
    files[1].unlink()
    assert not tls.reload()
    assert await certificate_of(port) == good
    other[1].replace(files[1])
    assert tls.reload()
    assert await certificate_of(port) == other[0].read_text()


async def test_files_are_looked_at_by_themselves(
    served: tuple[Tls, int], files: tuple[Path, Path], other: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mocast.api.tls.RELOAD_S", 0.01)
    tls, port = served
    async with tls.watched(), asyncio.timeout(HANG_S):
        for old, new in zip(files, other, strict=True):
            new.replace(old)
        while await certificate_of(port) != files[0].read_text():  # noqa: ASYNC110 (no event tells of it)
            await asyncio.sleep(0.01)


def test_the_loop_of_production_does_the_same(files: tuple[Path, Path], other: tuple[Path, Path]) -> None:
    async def replaced() -> None:
        tls = Tls(*files)
        runner, port = await serving(tls)
        for old, new in zip(files, other, strict=True):
            new.replace(old)
        assert tls.reload()
        assert await certificate_of(port) == files[0].read_text()
        answer = await raw_answer(port, REQUEST + b"Connection: close\r\n\r\n", tls=trusting(files[0]))
        assert parse(answer).body == b"page"
        await runner.cleanup()

    uvloop.run(replaced())


def test_what_cannot_be_used_is_named(files: tuple[Path, Path], other: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"cannot be used with .*key.pem: it is another certificate's key") as mismatch:
        Tls(files[0], other[1])
    assert mismatch.value.filename == str(files[0])
    (tmp_path / "notes.txt").write_text("not a certificate")
    with pytest.raises(OSError, match=r"cannot be used with .*key.pem: one of the two is not in PEM"):
        Tls(tmp_path / "notes.txt", files[1])
    with pytest.raises(FileNotFoundError) as missing:
        Tls(files[0], tmp_path / "nothing")
    assert missing.value.filename == str(tmp_path / "nothing")
    for pair in ((tmp_path, files[1]), (files[0], tmp_path)):
        with pytest.raises(IsADirectoryError) as folder:
            Tls(*pair)
        assert folder.value.filename == str(tmp_path)


def test_old_versions_of_tls_are_refused(files: tuple[Path, Path]) -> None:
    assert Tls(*files).context.minimum_version == ssl.TLSVersion.TLSv1_2
