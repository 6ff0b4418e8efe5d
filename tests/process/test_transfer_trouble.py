"""Servers that break off, lie, dawdle or send us elsewhere, and a disk that is full."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from chargepoint.demo.authority import Authority
from chargepoint.transfer import NoRoom, Refused, TransferFailed, Trust, fetch, incoming, send
from chargepoint.transfer import ftp as ftp_carrier
from chargepoint.transfer import http as http_carrier
from tests.process.file_peers import ENOUGH, PASSWORD, Serve, ftp, ftps, http, https, serving, sftp

CONTENT = bytes(range(256)) * 2000
HALF = len(CONTENT) // 2
HERE = Trust(same_machine=True)

EVERY = pytest.mark.parametrize("serve", [http, https, ftp, ftps, sftp])
SCHEMES = pytest.mark.parametrize("scheme", ["http", "https", "ftp", "ftps", "sftp"])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


# --- breaking off -----------------------------------------------------------------------------------------------------


@EVERY
async def test_a_transfer_that_broke_off_goes_on_where_it_stopped(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    got = tmp_path / "got"
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        peer.trouble.breaks_at = HALF
        with pytest.raises(TransferFailed) as told:
            await fetch(peer.base + "firmware.bin", got, peer.trust, limit_bytes=ENOUGH)
        assert not isinstance(told.value, Refused)
        assert 0 < (came := got.stat().st_size) < len(CONTENT)
        await fetch(peer.base + "firmware.bin", got, peer.trust, limit_bytes=ENOUGH)
    assert got.read_bytes() == CONTENT
    assert peer.trouble.asked == [0, came]


@EVERY
async def test_a_file_that_was_replaced_meanwhile_is_fetched_from_its_beginning(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    got, newer = tmp_path / "got", CONTENT[::-1] + b"newer"
    async with serve(tmp_path, authority) as peer:
        served = peer.folder / "firmware.bin"
        served.write_bytes(CONTENT)
        _age(served)
        peer.trouble.breaks_at = HALF
        with pytest.raises(TransferFailed):
            await fetch(peer.base + "firmware.bin", got, peer.trust, limit_bytes=ENOUGH)
        served.write_bytes(newer)
        await fetch(peer.base + "firmware.bin", got, peer.trust, limit_bytes=ENOUGH)
    assert got.read_bytes() == newer


def _age(file: Path) -> None:
    os.utime(file, (1_700_000_000, 1_700_000_000))


@EVERY
async def test_a_file_that_is_here_already_is_not_fetched_again(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        for _ in range(2):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
    assert (tmp_path / "got").read_bytes() == CONTENT


# --- lies -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("serve", [ftp, ftps, sftp])
async def test_a_server_that_sends_more_than_it_has_announced_is_not_believed(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        peer.trouble.announces = 1000
        with pytest.raises(TransferFailed, match="more than the 1000 bytes"):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
    assert not (tmp_path / "got").exists()


async def test_over_http_what_comes_behind_the_announced_end_is_not_read(tmp_path: Path, authority: Authority) -> None:
    async with http(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        peer.trouble.announces = 1000
        await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
    assert (tmp_path / "got").read_bytes() == CONTENT[:1000]


@EVERY
async def test_a_size_beyond_the_limit_is_refused_before_a_byte_has_come(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        peer.trouble.announces = 3_000_000_000
        with pytest.raises(Refused, match="larger than"):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
    assert not (tmp_path / "got").exists()


async def test_a_stream_without_an_end_is_broken_off_at_the_limit(tmp_path: Path) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(CONTENT)

    async with _answering(endless) as base:
        with pytest.raises(Refused, match="larger than 1000000 bytes"):
            await fetch(base + "endless", tmp_path / "got", HERE, limit_bytes=1_000_000)
    assert (tmp_path / "got").stat().st_size <= 1_000_000


@pytest.mark.parametrize("range_told", ["bytes 0-99/1000", "bytes 17-99/1000", "bytes 9000-9099/9100", "nonsense"])
async def test_another_part_of_the_file_than_was_asked_for_is_not_put_behind_what_is_here(
    tmp_path: Path, range_told: str
) -> None:
    async def wrong_part(request: web.Request) -> web.Response:
        return web.Response(status=206, body=b"y" * 100, headers={"Content-Range": range_told})

    got = tmp_path / "got"
    got.write_bytes(b"x" * 50)
    async with _answering(wrong_part) as base:
        try:
            await fetch(base + "file", got, HERE, limit_bytes=ENOUGH)
        except TransferFailed:
            assert not got.exists() or b"x" not in got.read_bytes()
        else:
            assert b"x" not in got.read_bytes()


# --- silence ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    from chargepoint.transfer import sftp as sftp_carrier

    for carrier in (http_carrier, ftp_carrier, sftp_carrier):
        monkeypatch.setattr(carrier, "SILENCE_S", 0.3)
    short = http_carrier.aiohttp.ClientTimeout(total=None, sock_connect=0.3, sock_read=0.3)
    monkeypatch.setattr(http_carrier, "_WAIT", short)


@SCHEMES
async def test_a_server_that_says_nothing_is_given_up(scheme: str, tmp_path: Path, impatient: None) -> None:
    known = tmp_path / "known_hosts"
    known.touch()
    trust = Trust(known_hosts=known, same_machine=True)
    with _silent() as port, pytest.raises(TransferFailed) as told:
        await fetch(f"{scheme}://localhost:{port}/firmware.bin", tmp_path / "got", trust, limit_bytes=ENOUGH)
    assert not isinstance(told.value, Refused)


@pytest.mark.parametrize("serve", [http, sftp])
async def test_so_is_one_that_falls_silent_in_the_middle(
    serve: Serve, tmp_path: Path, authority: Authority, impatient: None
) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        peer.trouble.silent = True
        peer.trouble.breaks_at = HALF
        with pytest.raises(TransferFailed) as told:
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
    assert not isinstance(told.value, Refused)


@pytest.mark.parametrize("path", ["", "log.txt"])
async def test_so_is_one_that_takes_nothing(path: str, tmp_path: Path, impatient: None) -> None:
    (tmp_path / "log").write_bytes(CONTENT * 20)
    with _silent() as port, pytest.raises(TransferFailed):
        await send(tmp_path / "log", f"http://localhost:{port}/{path}", HERE)


@contextmanager
def _silent() -> Iterator[int]:
    """Somebody who takes calls and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


# --- sent elsewhere ---------------------------------------------------------------------------------------------------


async def test_a_file_that_has_moved_is_fetched_where_it_is(tmp_path: Path, authority: Authority) -> None:
    async with http(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        async with _moving(peer.base + "firmware.bin") as base:
            await fetch(base + "old", tmp_path / "got", HERE, limit_bytes=ENOUGH)
    assert (tmp_path / "got").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("/again", "from place to place"),
        ("file:///etc/passwd", "not a way to carry files"),
        ("ftp://files.example.com/x", "sends us to ftp"),
        ("http://169.254.169.254/latest/meta-data", "of this cable alone"),
        ("", "from place to place"),
        ("http://example.com:99999/", "no address"),
    ],
)
async def test_not_every_place_is_gone_to(where: str, why: str, tmp_path: Path) -> None:
    async with _moving(where) as base:
        with pytest.raises(Refused, match=why):
            await fetch(base + "old", tmp_path / "got", HERE, limit_bytes=ENOUGH)


async def test_who_was_asked_with_encryption_does_not_send_us_where_there_is_none(
    tmp_path: Path, authority: Authority
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    signed = authority.sign("localhost")
    context.load_cert_chain(signed.certificate, signed.key)
    app = web.Application()
    app.router.add_get("/{name}", _mover("http://localhost:9/x"))
    trust = Trust(ca_file=authority.file, same_machine=True)
    async with serving(app, context) as port:
        with pytest.raises(Refused, match="without encryption"):
            await fetch(f"https://localhost:{port}/x", tmp_path / "got", trust, limit_bytes=ENOUGH)


async def test_a_password_goes_to_nobody_but_the_server_it_is_meant_for(tmp_path: Path) -> None:
    heard: list[str | None] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Authorization"))
        return web.Response(body=b"x")

    async with _answering(listen) as other, _moving(other + "x") as base:
        url = base.replace("://", "://station:secret@") + "old"
        await fetch(url, tmp_path / "got", HERE, limit_bytes=ENOUGH)
    assert heard == [None]


@SCHEMES
async def test_a_name_that_leads_to_this_machine_is_not_called(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "known_hosts"
    known.touch()
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: real("127.0.0.1", *more, **named))
    with _silent() as port, pytest.raises(Refused, match="is this machine"):
        await fetch(f"{scheme}://a.example.com:{port}/x", tmp_path / "got", Trust(known_hosts=known), limit_bytes=9)


@asynccontextmanager
async def _answering(handler: Any) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{name}", handler)
    async with serving(app) as port:
        yield f"http://localhost:{port}/"


def _moving(where: str) -> Any:
    return _answering(_mover(where))


def _mover(where: str) -> Any:
    async def move(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": where})

    return move


ODD = [
    "ftp://" + "a" * 70 + ".example.com/x",
    "http://" + "a" * 70 + ".example.com/x",
    "sftp://" + "a" * 70 + ".example.com/x",
    "ftp://a..b/x",
    "ftps://anna%0D%0ADELE%20x:secret@localhost:9/x",
    "http://exa mple.com/x",
    "http://[::1]x/x",
    "http://localhost:-1/x",
    "http://localhost:9/%00\x00",
    "ftp://localhost:9/a%0Ab",
    "http://\u2028/x",
]


@pytest.mark.parametrize("url", ODD)
async def test_the_oddest_address_is_only_refused(url: str, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.touch()
    (tmp_path / "log").write_bytes(b"x")
    trust = Trust(known_hosts=known, same_machine=True)
    with pytest.raises(TransferFailed):
        await fetch(url, tmp_path / "got", trust, limit_bytes=ENOUGH)
    with pytest.raises(TransferFailed):
        await send(tmp_path / "log", url, trust)


async def test_a_list_of_keys_that_is_none_is_told(tmp_path: Path, authority: Authority) -> None:
    async with sftp(tmp_path, authority) as peer:
        assert peer.trust.known_hosts is not None
        peer.trust.known_hosts.write_text("@@@ nonsense \x00\n")
        with pytest.raises(TransferFailed):
            await fetch(peer.base + "x", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)


# --- a full disk ------------------------------------------------------------------------------------------------------


@EVERY
async def test_a_file_for_which_there_is_no_room_is_not_begun(
    serve: Serve, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "free_bytes", lambda near: incoming.KEEP_FREE_BYTES + len(CONTENT) - 1)
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        with pytest.raises(NoRoom):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
    assert not (tmp_path / "got").exists()


@EVERY
async def test_a_disk_that_is_full_in_the_middle_is_not_blamed_on_the_server(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        with _no_file_larger_than(HALF), pytest.raises(NoRoom, match="cannot be written"):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)


async def test_a_disk_that_fills_up_meanwhile_ends_the_transfer(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "LOOK_BYTES", 1000)
    left = iter([incoming.KEEP_FREE_BYTES + len(CONTENT), incoming.KEEP_FREE_BYTES, 0])
    monkeypatch.setattr(incoming, "free_bytes", lambda near: next(left))
    async with http(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        with pytest.raises(NoRoom, match="nearly full"):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)


@contextmanager
def _no_file_larger_than(size: int) -> Iterator[None]:
    """A disk that ends there (the kernel refuses the write, EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- secrets ----------------------------------------------------------------------------------------------------------


@EVERY
async def test_no_log_and_no_error_tells_the_password(
    serve: Serve, tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "log").write_bytes(b"x")
    told = []
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        await fetch(peer.base + "firmware.bin", tmp_path / "got", peer.trust, limit_bytes=ENOUGH)
        await send(tmp_path / "log", peer.base, peer.trust)
        for url in (peer.base.replace("station", "nobody") + "x", peer.base + "nothing.bin"):
            with pytest.raises(TransferFailed) as error:
                await fetch(url, tmp_path / "other", peer.trust, limit_bytes=ENOUGH)
            told.append(str(error.value))
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("pyftpdlib", "aiohttp"))]
    for secret in (PASSWORD, PASSWORD.replace(" ", "%20"), PASSWORD.split()[1]):
        assert secret not in "".join(told + ours)
    assert asyncio.get_running_loop().is_running()
