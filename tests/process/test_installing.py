"""The program that installs firmware, as a process: what it is given, what it may say, and what becomes of it."""

from __future__ import annotations

import asyncio
import io
import tarfile
from pathlib import Path

import pytest

from chargepoint import installing
from chargepoint.installing import InstallFailed, InstallRefused, ProgramInstaller

STATION = {"CHARGEPOINT_MODEL": "Wall 22", "CHARGEPOINT_FIRMWARE_VERSION": "1.2.0"}


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    file = tmp_path / "firmware.download"
    file.write_bytes(b"new firmware")
    return file


def program(tmp_path: Path, script: str) -> ProgramInstaller:
    file = tmp_path / "install"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return ProgramInstaller(file, STATION)


async def test_it_gets_the_payload_and_who_the_station_is(tmp_path: Path, payload: Path) -> None:
    script = f'cp "$1" {tmp_path}/installed; echo "$# $CHARGEPOINT_MODEL" >{tmp_path}/told'
    assert await program(tmp_path, script).install(payload) == ""
    assert (tmp_path / "installed").read_bytes() == b"new firmware"
    assert (tmp_path / "told").read_text() == "1 Wall 22\n"


async def test_it_may_tell_the_version_that_will_run(tmp_path: Path, payload: Path) -> None:
    assert await program(tmp_path, "echo unpacking; echo version=2.1.0; echo done").install(payload) == "2.1.0"


async def test_what_is_meant_for_us_alone_does_not_reach_it(
    tmp_path: Path, payload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    monkeypatch.setenv("SECRET", "hunter2")
    await program(tmp_path, f"env >{tmp_path}/told").install(payload)
    told = (tmp_path / "told").read_text()
    assert "PATH=" in told
    assert "NOTIFY_SOCKET" not in told
    assert "hunter2" not in told


async def test_its_last_line_says_why_it_failed(tmp_path: Path, payload: Path) -> None:
    with pytest.raises(InstallFailed, match="status 3: no space left") as told:
        await program(tmp_path, "echo trying; echo no space left >&2; exit 3").install(payload)
    assert not isinstance(told.value, InstallRefused)


async def test_with_status_65_it_says_that_the_payload_is_not_for_this_station(tmp_path: Path, payload: Path) -> None:
    with pytest.raises(InstallRefused, match=r"older than 1\.2\.0"):
        await program(tmp_path, 'echo "older than $CHARGEPOINT_FIRMWARE_VERSION"; exit 65').install(payload)


@pytest.mark.parametrize("script", ["kill -9 $$", "exit 1", "exit 255"])
async def test_however_it_ends_it_is_told(tmp_path: Path, payload: Path, script: str) -> None:
    with pytest.raises(InstallFailed, match="ended with status"):
        await program(tmp_path, script).install(payload)


async def test_however_much_it_says_only_the_last_is_kept(tmp_path: Path, payload: Path) -> None:
    with pytest.raises(InstallFailed, match="the end") as told:
        await program(tmp_path, "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 1").install(payload)
    assert len(str(told.value)) < 500


async def test_one_that_is_not_there_or_no_program_is_told(tmp_path: Path, payload: Path) -> None:
    with pytest.raises(InstallFailed, match="No such file"):
        await ProgramInstaller(tmp_path / "nothing").install(payload)
    (tmp_path / "text").write_text("no program")
    with pytest.raises(InstallFailed, match="Permission denied"):
        await ProgramInstaller(tmp_path / "text").install(payload)


async def test_one_that_does_not_end_is_ended_with_all_that_it_has_started(
    tmp_path: Path, payload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "PROGRAM_WITHIN_S", 0.3)
    with pytest.raises(InstallFailed, match="did not end"):
        await program(tmp_path, f"sleep 600 & echo $! >{tmp_path}/child; wait").install(payload)
    child = int((tmp_path / "child").read_text())
    await _gone(child)
    assert _state(child) in ("", "Z")


async def test_one_that_is_at_work_when_the_daemon_ends_may_finish(tmp_path: Path, payload: Path) -> None:
    """Half an installation is worse than a late end."""
    begun = tmp_path / "begun"
    task = asyncio.create_task(
        program(tmp_path, f"sleep 0.2; touch {begun}; sleep 0.5; touch {tmp_path}/finished").install(payload)
    )
    while not begun.exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (tmp_path / "finished").exists()


async def _gone(pid: int) -> None:
    """Ended, or a corpse that nobody has fetched yet."""
    async with asyncio.timeout(5):
        while _state(pid) not in ("", "Z"):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return ""


TELLS_THEM_APART = """
case $(head -c 4 "$1") in
    '!<ar') echo version=2.0-package ;;
    hsqs) echo version=2.0-bundle ;;
    *) echo "no firmware that this station knows"; exit 65 ;;
esac
"""


@pytest.mark.parametrize(("content", "version"), [(b"!<arch>\ndebian", "2.0-package"), (b"hsqs\0\0", "2.0-bundle")])
async def test_a_package_and_a_bundle_are_payloads_like_any_other(
    tmp_path: Path, payload: Path, content: bytes, version: str
) -> None:
    payload.write_bytes(content)  # noqa: ASYNC240
    assert await program(tmp_path, TELLS_THEM_APART).install(payload) == version


async def test_an_archive_with_paths_that_lead_out_of_it_is_nothing_that_we_unpack(
    tmp_path: Path, payload: Path
) -> None:
    with tarfile.open(payload, "w") as archive:
        about = tarfile.TarInfo("../../escaped")
        about.size = 1
        archive.addfile(about, io.BytesIO(b"x"))
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(InstallRefused, match="no firmware that this station knows"):
        await program(tmp_path, TELLS_THEM_APART).install(payload)
    assert [path for path in sorted(tmp_path.parent.rglob("*")) if path not in before] == [tmp_path / "install"]
