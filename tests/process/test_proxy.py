"""Back office and files through an HTTP proxy of our own: what goes through, what does not, and what is said then."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from chargepoint.demo.authority import Authority
from chargepoint.ocpp.endpoint import Endpoint, Unchanging
from chargepoint.ocpp.link import WebSocketConnector
from chargepoint.ocpp.transport import LinkRefused
from chargepoint.proxy import Proxy
from chargepoint.transfer import TransferFailed, Trust, fetch, send
from tests.process.file_peers import ENOUGH, Serve, http, https
from tests.process.proxies import small_proxy
from tests.process.test_link import OFFERED, server, server_tls

WITH_PASSWORD = "cp:p@ss:word/1"


def behind(proxy: Proxy | None, endpoint: Endpoint) -> WebSocketConnector:
    return WebSocketConnector(access=Unchanging(endpoint), proxy=lambda: proxy)


def plain(port: int) -> Endpoint:
    return Endpoint(url=f"ws://127.0.0.1:{port}/ocpp", identity="CP1", security_profile=0)


async def refusal(connector: WebSocketConnector) -> str:
    with pytest.raises(LinkRefused) as refused:
        await connector.connect(OFFERED)
    return str(refused.value)


async def test_the_link_goes_through_the_proxy() -> None:
    async with server() as port, small_proxy() as (url, proxy):
        transport = await behind(Proxy(url), plain(port)).connect(OFFERED)
        await transport.send("[2]")
        assert await transport.receive() == "[2]"
        await transport.close()
    assert proxy.asked == [f"CONNECT 127.0.0.1:{port} HTTP/1.1"]


async def test_tls_is_between_the_station_and_the_back_office_and_the_proxy_hears_nothing(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    signed = authority.sign("localhost")
    async with server(ssl=server_tls(signed)) as port, small_proxy(WITH_PASSWORD) as (url, proxy):
        endpoint = Endpoint(url=f"wss://localhost:{port}/ocpp", identity="CP1", ca_file=authority.file)
        transport = await behind(Proxy(url, "cp", "p@ss:word/1"), endpoint).connect(OFFERED)
        await transport.close()
    assert proxy.asked == [f"CONNECT localhost:{port} HTTP/1.1"]


async def test_a_proxy_that_wants_a_password_is_named() -> None:
    async with server() as port, small_proxy(WITH_PASSWORD) as (url, _):
        assert "check proxy_username and proxy_password_file" in await refusal(behind(Proxy(url), plain(port)))


async def test_a_proxy_that_lets_nobody_through_is_named() -> None:
    async with server() as port, small_proxy(forbids=True) as (url, _):
        said = await refusal(behind(Proxy(url), plain(port)))
    assert said == (
        f"the proxy does not let this station through to 127.0.0.1:{port} (403): have that name and port allowed there"
    )


async def test_a_proxy_that_is_not_there_is_named_and_not_the_back_office() -> None:
    async with small_proxy() as (url, _):
        pass
    assert f"nothing listens at the proxy {Proxy(url).host}" in await refusal(behind(Proxy(url), plain(9)))


async def test_something_that_is_no_proxy_is_named() -> None:
    async with server() as port:  # a WebSocket server answers CONNECT with an error of its own, or not at all
        said = await refusal(behind(Proxy(f"http://127.0.0.1:{port}"), plain(port)))
    assert "proxy" in said


async def test_the_password_of_the_proxy_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with server() as port, small_proxy(WITH_PASSWORD) as (url, _):
        await (await behind(Proxy(url, "cp", "p@ss:word/1"), plain(port)).connect(OFFERED)).close()
        await refusal(behind(Proxy(url, "cp", "wrong-s3cret"), plain(port)))
    assert "p@ss" not in caplog.text + repr(Proxy(url, "cp", "p@ss:word/1"))
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("serve", [http, https])
async def test_firmware_comes_and_logs_go_through_the_proxy(serve: Serve, tmp_path: Path) -> None:
    async with serve(tmp_path, Authority(tmp_path)) as peer, small_proxy(WITH_PASSWORD) as (url, proxy):
        carried: list[tuple[int, int]] = []
        trust = replace(
            peer.trust,
            proxy=lambda: Proxy(url, "cp", "p@ss:word/1"),
            spent=lambda sent, received: carried.append((sent, received)),
        )
        (peer.folder / "firmware.bin").write_bytes(b"new")
        await fetch(peer.base + "firmware.bin", tmp_path / "got", trust, limit_bytes=ENOUGH)
        await send(tmp_path / "got", peer.base + "station.log", trust)
        assert (peer.folder / "station.log").read_bytes() == b"new"
    assert len(proxy.asked) == 2
    assert carried == [(0, 3), (3, 0)]


async def test_a_transfer_that_the_proxy_refuses_is_tried_again_later(tmp_path: Path) -> None:
    async with https(tmp_path, Authority(tmp_path)) as peer, small_proxy(forbids=True) as (url, _):
        trust = replace(peer.trust, proxy=lambda: Proxy(url))
        with pytest.raises(TransferFailed, match="the proxy answers 403"):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", trust, limit_bytes=ENOUGH)


async def test_a_password_file_that_is_gone_is_named(tmp_path: Path) -> None:
    def gone() -> Proxy:
        raise FileNotFoundError(2, "No such file or directory", str(tmp_path / "gone"))

    connector = WebSocketConnector(access=Unchanging(plain(9)), proxy=gone)
    assert "check proxy_password_file" in await refusal(connector)
    with pytest.raises(TransferFailed, match="the proxy's password cannot be read"):
        await fetch("http://example.com/x", tmp_path / "got", Trust(proxy=gone), limit_bytes=ENOUGH)
