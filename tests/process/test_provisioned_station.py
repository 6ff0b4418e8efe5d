"""A station from a maker's line, started by an installer whose file names neither nameplate nor secret, gets in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chargepoint.cli import main
from chargepoint.demo.authority import Authority
from chargepoint.demo.plant import Plant
from tests.process.profiled_station import Office, server_tls

MODEL = '[station]\nvendor = "Acme"\nmodel = "Wall 22"\noperator = "Example Charging"\n'

INSTALLERS = """\
[csms]
url = "{url}"
security_profile = {profile}
ca_file = "root.pem"
versions = ["1.6"]

[[evse]]
"""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Of the station that the line has made in `state`."""
    (tmp_path / "model.toml").write_text(MODEL)
    words = ["provision", tmp_path / "model.toml", "--serial", "A-7", "--identity", "CP1", "--with-password", "--json",
             "--label", tmp_path / "a.json", "--csr", tmp_path / "a.csr", "--state", tmp_path / "state"]  # fmt: skip
    assert main(list(map(str, words))) == 0
    told: dict[str, str] = json.loads(capsys.readouterr().out)
    return told


@asynccontextmanager
async def started(folder: Path, url: str, profile: int) -> AsyncIterator[Plant]:
    plant = Plant(folder, INSTALLERS.format(url=url, profile=profile))
    try:
        await plant.start()
        yield plant
    except BaseException as error:
        error.add_note(plant.last_words())
        raise
    finally:
        await plant.stop()


async def test_with_the_password_that_was_made_for_it(
    tmp_path: Path, authority: Authority, record: dict[str, str]
) -> None:
    async with Office("password", record["csms_password"], server_tls(authority)) as office:
        async with started(tmp_path, office.url, 2):
            await office.until_in()
            assert office.let_in == [("", record["csms_password"])]
            await office.until(lambda: office.boots() == 1, "it does not boot", 20)
        (boot,) = [
            f.payload for f in office.frames if f.action == "BootNotification" and "chargePointModel" in f.payload
        ]
        assert boot["chargePointSerialNumber"] == "A-7"
        assert (boot["chargePointVendor"], boot["chargePointModel"]) == ("Acme", "Wall 22")


async def test_with_the_certificate_for_the_key_that_was_made_on_it(
    tmp_path: Path, authority: Authority, record: dict[str, str]
) -> None:
    (tmp_path / "a.pem").write_text(authority.answer(record["csr"]))
    words = ["provision", "--certificate", tmp_path / "a.pem", "--root", authority.file, "--state", tmp_path / "state"]
    assert await asyncio.to_thread(main, list(map(str, words))) == 0
    office = Office("certificate", tls=server_tls(authority))
    office.names = {"A-7"}
    async with office, started(tmp_path, office.url, 3):
        await office.until_in()
        assert office.let_in == [("A-7", None)]
