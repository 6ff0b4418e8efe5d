"""Servers of files on loopback, as a back office may have them: HTTP, HTTPS, FTP, FTPS, SFTP.

Each can be in trouble: break off in the middle, announce another size than it sends, fall silent.
"""

from __future__ import annotations

import asyncio
import base64
import io
import os
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import asyncssh
from aiohttp import web
from OpenSSL import SSL
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

from chargepoint.demo.authority import Authority, Signed
from chargepoint.transfer import Trust

USER, PASSWORD = "station", "0123 secret"
ENOUGH = 10_000_000


@dataclass
class Trouble:
    breaks_at: int | None = None  # the next time that this byte is reached; then never again
    announces: int | None = None  # as the size of any file
    silent: bool = False  # in the middle of a file
    asked: list[int] = field(default_factory=list)  # from which byte on, for each time a file was begun

    def breaks(self, place: int) -> bool:
        if self.breaks_at is None or place <= self.breaks_at:
            return False
        self.breaks_at = None
        return True


@dataclass
class Peer:
    """A server: what it serves lies in `folder`."""

    base: str
    folder: Path
    trust: Trust
    trouble: Trouble


Serve = Callable[[Path, Authority], AbstractAsyncContextManager[Peer]]


# --- HTTP -------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def http(tmp_path: Path, authority: Authority, *, tls: bool = False) -> AsyncIterator[Peer]:
    folder, trouble = _folder(tmp_path), Trouble()

    async def get(request: web.Request) -> web.StreamResponse:
        path = folder / request.match_info["name"]
        if not path.exists():
            return web.Response(status=404)
        trouble.asked.append(request.http_range.start or 0)
        if trouble.breaks_at is None and trouble.announces is None and not trouble.silent:
            return web.FileResponse(path)
        return await _in_trouble(request, path, trouble)

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
    async with serving(app, _context(authority.sign("localhost")) if tls else None) as port:
        yield Peer(_base("https" if tls else "http", port), folder, _trust(authority), trouble)


@asynccontextmanager
async def https(tmp_path: Path, authority: Authority) -> AsyncIterator[Peer]:
    async with http(tmp_path, authority, tls=True) as peer:
        yield peer


@asynccontextmanager
async def serving(app: web.Application, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """An application of aiohttp; its port."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0, ssl_context=context).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _in_trouble(request: web.Request, path: Path, trouble: Trouble) -> web.StreamResponse:
    """The whole file, as far as it gets."""
    content, about = path.read_bytes(), path.stat()  # noqa: ASYNC240 - half a megabyte
    answer = web.StreamResponse()
    answer.etag = f"{about.st_mtime_ns:x}-{about.st_size:x}"  # as FileResponse words it
    answer.content_length = len(content) if trouble.announces is None else trouble.announces
    await answer.prepare(request)
    end = len(content) if trouble.breaks_at is None else trouble.breaks_at
    await answer.write(content[:end])
    if trouble.silent:
        await asyncio.Event().wait()
    assert request.transport is not None
    trouble.breaks_at = None
    request.transport.close()
    return answer


# --- FTP --------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def ftp(tmp_path: Path, authority: Authority, *, tls: bool = False) -> AsyncIterator[Peer]:
    folder, trouble = _folder(tmp_path), Trouble()

    class Disk(AbstractedFS):  # type: ignore[misc]  # pyftpdlib ships no types
        def open(self, filename: str, mode: str) -> BinaryIO:
            if "r" not in mode:
                return Path(filename).open(mode)  # type: ignore[return-value]
            return _Stumbling(filename, trouble)  # type: ignore[return-value]

        def getsize(self, path: str) -> int:
            return super().getsize(path) if trouble.announces is None else trouble.announces

    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(folder), perm="elradfmwMT")
    options: dict[str, Any] = {"authorizer": authorizer, "abstracted_fs": Disk, "use_sendfile": False}
    if tls:
        signed = authority.sign("localhost")
        options |= {"certfile": str(signed.certificate), "keyfile": str(signed.key)}
        options |= {"tls_control_required": True, "tls_data_required": True}
    handler = type("Handler", (TLS_FTPHandler if tls else FTPHandler,), options)
    with _running(FTPServer(("127.0.0.1", 0), handler)) as port:
        yield Peer(_base("ftps" if tls else "ftp", port), folder, _trust(authority), trouble)


@asynccontextmanager
async def ftps(tmp_path: Path, authority: Authority) -> AsyncIterator[Peer]:
    async with ftp(tmp_path, authority, tls=True) as peer:
        yield peer


class _Stumbling(io.FileIO):
    """Breaks off by ending early, as a server that has lost its disk does, and says that all went well."""

    def __init__(self, name: str, trouble: Trouble) -> None:
        super().__init__(name)
        self._trouble, self._begun = trouble, False

    def read(self, size: int | None = -1, /) -> bytes:
        if not self._begun:
            self._begun = True
            self._trouble.asked.append(self.tell())
        if self._trouble.breaks(self.tell()):
            return b""
        return super().read(size) or b""


@contextmanager
def _running(server: FTPServer) -> Iterator[int]:
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with suppress(SSL.Error):  # pyftpdlib stumbles over a client that leaves in the middle of a file
                server.ioloop.loop(0.05, blocking=False)
        server.close_all()  # here: what is polled must not be closed by another thread

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        over.set()
        thread.join(5)


# --- SFTP -------------------------------------------------------------------------------------------------------------


class _Door(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


@asynccontextmanager
async def sftp(tmp_path: Path, authority: Authority) -> AsyncIterator[Peer]:
    folder, trouble = _folder(tmp_path), Trouble()

    class Disk(asyncssh.SFTPServer):
        async def read(self, file_obj: object, offset: int, size: int) -> bytes:
            if not getattr(self, "begun", False):
                self.begun = True
                trouble.asked.append(offset)
            if trouble.silent:
                await self.channel.wait_closed()
                file_obj.close()  # type: ignore[attr-defined]
            if trouble.breaks(offset):
                self.channel.get_connection().abort()
            found = super().read(file_obj, offset, size)
            assert isinstance(found, bytes)
            return found

        def fstat(self, file_obj: object) -> Any:
            about = asyncssh.SFTPAttrs.from_local(os.fstat(file_obj.fileno()))  # type: ignore[attr-defined]
            about.size = about.size if trouble.announces is None else trouble.announces
            return about

    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=_Door, server_host_keys=[key],
        sftp_factory=lambda channel: Disk(channel, chroot=str(folder).encode()),
    )  # fmt: skip
    port = server.get_port()
    known = tmp_path / "known_hosts"
    known.write_text(f"[localhost]:{port} {key.export_public_key().decode()}")
    try:
        yield Peer(_base("sftp", port), folder, Trust(known_hosts=known, same_machine=True), trouble)
    finally:
        server.close()
        await server.wait_closed()


# --- what all have ----------------------------------------------------------------------------------------------------


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    folder.mkdir()
    return folder


def _context(signed: Signed) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(signed.certificate, signed.key)
    return context


def _base(scheme: str, port: int) -> str:
    return f"{scheme}://{USER}:{PASSWORD.replace(' ', '%20')}@localhost:{port}/"


def _trust(authority: Authority) -> Trust:
    return Trust(ca_file=authority.file, same_machine=True)
