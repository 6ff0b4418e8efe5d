"""The demo's back office over a real WebSocket, against a station of ten lines."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from chargepoint.demo.authority import Authority
from chargepoint.demo.csms import BackOffice

CUSTOMERS = {"04A1": "Ada"}
BOOT_16 = {"chargePointVendor": "Acme", "chargePointModel": "Wall"}
BOOT_201 = {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "model": "Wall"}}
START_16 = {"connectorId": 1, "idTag": "04A1", "meterStart": 10, "timestamp": "2026-11-22T12:00:00Z"}


def dial(office: BackOffice, version: str, **more: Any) -> connect:
    return connect(f"{office.url}/CP1", subprotocols=[Subprotocol(f"ocpp{version}")], proxy=None, **more)


async def ask(socket: ClientConnection, key: str, action: str, payload: dict[str, Any]) -> Any:
    await socket.send(json.dumps([2, key, action, payload]))
    async with asyncio.timeout(5):
        return json.loads(await socket.recv())


async def test_a_1_6_session_is_answered_taped_and_billed() -> None:
    async with BackOffice(CUSTOMERS) as office, dial(office, "1.6") as socket:
        boot = await ask(socket, "1", "BootNotification", BOOT_16)
        assert boot[2]["status"] == "Accepted"
        assert (await ask(socket, "2", "Authorize", {"idTag": "FFFF"}))[2] == {"idTagInfo": {"status": "Invalid"}}
        number = (await ask(socket, "3", "StartTransaction", START_16))[2]["transactionId"]
        stop = {"transactionId": number, "meterStop": 52, "timestamp": "2026-11-22T12:10:00Z"}
        assert (await ask(socket, "4", "StopTransaction", stop))[2] == {}
        assert office.accepted("CP1")
        assert not office.accepted("CP2")
        assert [bill.energy_wh for bill in office.bills()] == [42]


async def test_the_back_office_can_call_the_station_in_2_0_1() -> None:
    async with BackOffice(CUSTOMERS) as office, dial(office, "2.0.1") as socket:
        await ask(socket, "1", "BootNotification", BOOT_201)
        asking = asyncio.ensure_future(office.stations["CP1"].remote_start("04A1", 1))
        _, key, action, payload = json.loads(await socket.recv())
        assert (action, payload["evseId"]) == ("RequestStartTransaction", 1)
        await socket.send(json.dumps([3, key, {"status": "Rejected"}]))
        assert await asking == "Rejected"


@pytest.mark.parametrize("frame", ["[" * 100_000, '[2,"9",["x"],{}]', "no json", "3"])
async def test_the_link_outlives_frames_that_kill_the_librarys_loop(frame: str) -> None:
    async with BackOffice(CUSTOMERS) as office, dial(office, "1.6") as socket:
        await socket.send(frame)
        assert (await ask(socket, "1", "Heartbeat", {}))[0] == 3


async def test_a_wrong_password_is_refused_and_the_right_one_is_not() -> None:
    async with BackOffice(CUSTOMERS, password="hush") as office:
        with pytest.raises(InvalidStatus) as refusal:
            await dial(office, "1.6").__aenter__()
        assert refusal.value.response.status_code == 401
        async with dial(office, "1.6", additional_headers={"Authorization": "Basic Q1AxOmh1c2g="}) as socket:
            assert (await ask(socket, "1", "Heartbeat", {}))[0] == 3


async def test_a_certificate_opens_for_the_station_that_it_names_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server, ours = authority.sign("localhost"), authority.sign("CP1")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server.certificate, server.key)
    tls.load_verify_locations(authority.file)
    tls.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=str(authority.file))
    client.load_cert_chain(ours.certificate, ours.key)
    async with BackOffice(CUSTOMERS, tls=tls) as office:
        async with dial(office, "1.6", ssl=client) as socket:
            assert (await ask(socket, "1", "Heartbeat", {}))[0] == 3
        assert office.secured.startswith("TLSv1.3")
        with pytest.raises(InvalidStatus) as refusal:
            await connect(f"{office.url}/CP2", ssl=client, proxy=None, subprotocols=[Subprotocol("ocpp1.6")])
        assert refusal.value.response.status_code == 403


async def test_waiting_in_vain_says_what_for() -> None:
    async with BackOffice(CUSTOMERS) as office:
        with pytest.raises(TimeoutError, match="no boot within 0 s"):
            await office.until(lambda: office.accepted("CP1"), "no boot", 0.01)
