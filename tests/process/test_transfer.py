"""Files from and to real servers on loopback: HTTP, HTTPS, FTP, FTPS, SFTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from chargepoint.demo.authority import Authority
from chargepoint.transfer import NotAllowed, Refused, TransferFailed, Trust, fetch, protocols, read_address, send
from tests.process.file_peers import ENOUGH, Serve, ftp, ftps, http, https, sftp

CONTENT = bytes(range(256)) * 2000

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
async def test_only_the_rest_is_asked_for_of_a_file_that_is_half_here(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
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
    assert not (tmp_path / "got").exists()


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
        with pytest.raises(NotAllowed):
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
            await fetch(
                peer.base + "firmware.bin",
                tmp_path / "got",
                Trust(ca_file=stranger.file, same_machine=True),
                limit_bytes=ENOUGH,
            )
    assert not (tmp_path / "got").exists() or (tmp_path / "got").stat().st_size == 0


@pytest.mark.parametrize("serve", [https, ftps])
async def test_a_server_is_believed_by_an_installed_root(serve: Serve, tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        trust = Trust(ca_file=stranger.file, same_machine=True, roots=lambda: [authority.pem])
        await fetch(peer.base + "firmware.bin", tmp_path / "got", trust, limit_bytes=ENOUGH)
    assert (tmp_path / "got").read_bytes() == CONTENT


@pytest.mark.parametrize("serve", [https, ftps])
async def test_the_installers_root_counts_no_more_once_it_is_superseded(
    serve: Serve, tmp_path: Path, authority: Authority
) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        trust = replace(peer.trust, roots=lambda: [stranger.pem], superseded=lambda: True)
        with pytest.raises(Refused, match="cannot prove who it is"):
            await fetch(peer.base + "firmware.bin", tmp_path / "got", trust, limit_bytes=ENOUGH)


@pytest.mark.parametrize("serve", [https, ftps])
async def test_a_broken_installed_root_costs_no_transfer(
    serve: Serve, tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(tmp_path, authority) as peer:
        (peer.folder / "firmware.bin").write_bytes(CONTENT)
        trust = Trust(same_machine=True, roots=lambda: ["no certificate", authority.pem])
        await fetch(peer.base + "firmware.bin", tmp_path / "got", trust, limit_bytes=ENOUGH)
    assert (tmp_path / "got").read_bytes() == CONTENT
    assert caplog.text.count("an installed root certificate cannot be read") == 1


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
        ("http://localhost./x", "is this machine"),
        ("http://a.localhost/x", "is this machine"),
        ("http://0.0.0.0/x", "is this machine"),
        ("http://[::ffff:127.0.0.1]/x", "is this machine"),
        ("ftp://169.254.169.254/latest", "of this cable alone"),
        ("sftp://[fe80::1%25eth0]/x", "of this cable alone"),
        ("http://224.0.0.1/x", "of many machines"),
        ("http://１２７.0.0.1/x", "in ASCII"),  # HTTP libraries read 127.0.0.1
        ("http://127。0。0。1/x", "in ASCII"),
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
    assert "secret" not in repr(address)


def test_nor_is_what_stands_in_a_query() -> None:
    address = read_address("https://example.com/a?signature=secret", Trust())
    assert (address.path, address.url) == ("/a?signature=secret", "https://example.com/a")
    assert "secret" not in repr(address)


def test_all_protocols_are_spoken_here() -> None:
    assert protocols(knows_hosts=True) == ("HTTP", "HTTPS", "FTP", "FTPS", "SFTP")
    assert protocols(knows_hosts=False) == ("HTTP", "HTTPS", "FTP", "FTPS")
