"""Files from and to real servers on loopback: HTTP, HTTPS, FTP, FTPS, SFTP."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from aiohttp import web
from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

from chargepoint.transfer import Refused, TransferFailed, Trust, fetch, protocols, read_address, send
from tests.process.certificates import Authority, Signed

USER, PASSWORD = "station", "0123 secret"
CONTENT = bytes(range(256)) * 2000
HERE = Trust(same_machine=True)
ENOUGH = 10_000_000


@dataclass
class Peer:
    """A server: what it serves lies in `folder`."""

    base: str
    folder: Path
    trust: Trust


Serve = Callable[[Path, Authority], AbstractAsyncContextManager[Peer]]


@asynccontextmanager
async def http(tmp_path: Path, authority: Authority, *, tls: bool = False) -> AsyncIterator[Peer]:
    folder = tmp_path / "served"
    folder.mkdir()

    async def get(request: web.Request) -> web.StreamResponse:
        path = folder / request.match_info["name"]
        return web.FileResponse(path) if path.exists() else web.Response(status=404)

    async def put(request: web.Request) -> web.Response:
        (folder / request.match_info["name"]).write_bytes(await request.read())
        return web.Response(status=201)

    async def post(request: web.Request) -> web.Response:
        part = (await request.post())["file"]
        assert isinstance(part, web.FileField)
        (folder / part.filename).write_bytes(part.file.read())
        return web.Response(status=200)

    @web.middleware
    async def known_here(request: web.Request, handler: Any) -> web.StreamResponse:
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != expected:
            return web.Response(status=401)
        return await handler(request)

    app = web.Application(middlewares=[known_here], client_max_size=ENOUGH)
    app.add_routes([web.get("/{name}", get), web.put("/{name}", put), web.post("/", post)])
    runner = web.AppRunner(app)
    await runner.setup()
    context = _context(authority.sign("localhost")) if tls else None
    site = web.TCPSite(runner, "localhost", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    scheme = "https" if tls else "http"
    try:
        yield Peer(_base(scheme, port), folder, _trust(authority))
    finally:
        await runner.cleanup()


@asynccontextmanager
async def https(tmp_path: Path, authority: Authority) -> AsyncIterator[Peer]:
    async with http(tmp_path, authority, tls=True) as peer:
        yield peer


@asynccontextmanager
async def ftp(tmp_path: Path, authority: Authority, *, tls: bool = False) -> AsyncIterator[Peer]:
    folder = tmp_path / "served"
    folder.mkdir()
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(folder), perm="elradfmwMT")
    options: dict[str, Any] = {"authorizer": authorizer}
    if tls:
        signed = authority.sign("localhost")
        options |= {"certfile": str(signed.certificate), "keyfile": str(signed.key)}
        options |= {"tls_control_required": True, "tls_data_required": True}
    handler = type("Handler", (TLS_FTPHandler if tls else FTPHandler,), options)
    with _running(FTPServer(("127.0.0.1", 0), handler)) as port:
        yield Peer(_base("ftps" if tls else "ftp", port), folder, _trust(authority))


@asynccontextmanager
async def ftps(tmp_path: Path, authority: Authority) -> AsyncIterator[Peer]:
    async with ftp(tmp_path, authority, tls=True) as peer:
        yield peer


@contextmanager
def _running(server: FTPServer) -> Iterator[int]:
    def serve() -> None:
        with suppress(SSL.Error):  # pyftpdlib stumbles over a client that leaves in the middle of a file
            server.serve_forever(timeout=0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.close_all()
        thread.join(5)


class _Door(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@asynccontextmanager
async def sftp(tmp_path: Path, authority: Authority) -> AsyncIterator[Peer]:
    folder = tmp_path / "served"
    folder.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=_Door, server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder).encode()),
    )  # fmt: skip
    port = server.get_port()
    known = tmp_path / "known_hosts"
    known.write_text(f"[localhost]:{port} {key.export_public_key().decode()}")
    try:
        yield Peer(_base("sftp", port), folder, Trust(known_hosts=known, same_machine=True))
    finally:
        server.close()
        await server.wait_closed()


def _context(signed: Signed) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(signed.certificate, signed.key)
    return context


def _base(scheme: str, port: int) -> str:
    return f"{scheme}://{USER}:{PASSWORD.replace(' ', '%20')}@localhost:{port}/"


def _trust(authority: Authority) -> Trust:
    return Trust(ca_file=authority.file, same_machine=True)


EVERY = pytest.mark.parametrize("serve", [http, https, ftp, ftps, sftp])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@EVERY
async def test_a_file_comes_whole(serve: Serve, tmp_path: Path, authority: Authority) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
    assert (tmp_path / "got").read_bytes() == CONTENT


@EVERY
async def test_it_goes_on_where_it_broke_off(serve: Serve, tmp_path: Path, authority: Authority) -> None:
    half = b"x" * 1000  # not what stands there: only the rest may be asked for
    (tmp_path / "got").write_bytes(half)
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
    assert (tmp_path / "got").read_bytes() == half + CONTENT[1000:]


@EVERY
async def test_a_file_that_is_not_there_will_never_come(serve: Serve, tmp_path: Path, authority: Authority) -> None:
    async with serve(tmp_path, authority) as peer:
        with pytest.raises(Refused):
            await fetch(peer.base + "nothing.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)


@EVERY
async def test_a_file_that_is_too_large_is_broken_off(serve: Serve, tmp_path: Path, authority: Authority) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        with pytest.raises(Refused, match="larger than 1000 bytes"):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=1000)
    assert (tmp_path / "got").stat().st_size <= 1000


@EVERY
async def test_a_file_is_sent_under_the_name_that_the_address_gives(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    (tmp_path / "log").write_bytes(CONTENT)
    async with serve(tmp_path, authority) as peer:
        await send(tmp_path / "log", peer.base + "station-1.log", peer.trust)
        assert (peer.folder / "station-1.log").read_bytes() == CONTENT


@EVERY
async def test_a_file_sent_to_a_folder_keeps_its_name(serve: Serve, tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "log.txt").write_bytes(CONTENT)
    async with serve(tmp_path, authority) as peer:
        await send(tmp_path / "log.txt", peer.base, peer.trust)
        assert (peer.folder / "log.txt").read_bytes() == CONTENT


@EVERY
async def test_a_wrong_password_is_told(serve: Serve, tmp_path: Path, authority: Authority) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        url = peer.base.replace("secret", "guess") + "firmware.bin"
        with pytest.raises(Refused):
            await fetch(url, tmp_path / "got", peer.trust, limit_bytes=ENOUGH)


@pytest.mark.parametrize("serve", [https, ftps])
async def test_a_server_of_another_authority_is_not_believed(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        with pytest.raises(Refused, match="cannot prove who it is"):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", _trust(stranger), limit_bytes=ENOUGH)
    assert not (tmp_path / "got").exists() or (tmp_path / "got").stat().st_size == 0


async def test_a_server_with_another_host_key_is_not_believed(tmp_path: Path, authority: Authority) -> None:
    async with sftp(tmp_path, authority) as peer:
        assert peer.trust.known_hosts is not None
        name = peer.trust.known_hosts.read_text().split()[0]
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        peer.trust.known_hosts.write_text(f"{name} {other}")
        with pytest.raises(Refused):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)


async def test_without_known_hosts_there_is_no_sftp(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="known_hosts_file"):
        await fetch("sftp://example.com/x", tmp_path / "got", Trust(), limit_bytes=ENOUGH)


async def test_a_server_that_is_not_there_may_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(TransferFailed) as told:
        await fetch("http://localhost:9/x", tmp_path / "got", Trust(same_machine=True), limit_bytes=ENOUGH)
    assert not isinstance(told.value, Refused)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/shadow", "not a way to carry files"),
        ("gopher://example.com/x", "not a way to carry files"),
        ("firmware.bin", "not a way to carry files"),
        ("http:///x", "names no server"),
        ("http://example.com:99999/x", "no address"),
        ("http://127.0.0.1/x", "is this machine"),
        ("http://[::1]/x", "is this machine"),
        ("http://localhost/x", "is this machine"),
        ("ftp://169.254.169.254/latest", "is this machine"),
    ],
)
def test_what_is_no_address_of_a_file_is_refused(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read_address(url, Trust())


def test_a_line_end_in_a_path_is_no_command(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="characters"):
        asyncio.run(
            fetch("ftp://localhost:9/a%0D%0ADELE%20b", tmp_path / "got", Trust(same_machine=True), limit_bytes=1)
        )


def test_the_password_is_not_told() -> None:
    address = read_address("ftp://anna:secret@example.com:2121/a/b", Trust())
    assert (address.user, address.password, address.url) == ("anna", "secret", "ftp://example.com:2121/a/b")


def test_all_protocols_are_spoken_here() -> None:
    assert protocols() == ("HTTP", "HTTPS", "FTP", "FTPS", "SFTP")
