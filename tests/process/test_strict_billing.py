"""What a bill is made of, over a real socket to a CSMS of another make: signed meter values, price and cost.

Its frames are judged by its own schemas; the signatures are verified as a transparency program does it.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from chargepoint.demo.authority import Authority
from tests.hw.ocmf import payload, verify
from tests.process.strict import StrictCsms
from tests.process.strict_station import Station, running

pytestmark = pytest.mark.node

CARD = "04A1B2C3D4E5F6"
COSTS = "org.openchargealliance.costmsg"
VEHICLES = "org.openchargealliance.iso15118pnc"
SIGNING_EVSE = '\n[[evse]]\nmax_current_a = 16\nmeter = { driver = "mock", signs = true }\n'
"""The second of the station."""


async def told(station: Station, message: str, **data: Any) -> str:
    sent = {"vendorId": COSTS, "messageId": message, "data": json.dumps(data)}
    status: str = (await station.asked("DataTransfer", sent))["status"]
    return status


async def number_of(station: Station) -> int:
    """What the CSMS has called the transaction."""
    log = await station.csms.log(station.identity)
    [start] = [each["frame"] for each in log if each["frame"][0] == 2 and each["frame"][2] == "StartTransaction"]
    number: int = next(each["frame"][2] for each in log if each["frame"][:2] == [3, start[1]])["transactionId"]
    return number


def proven(meter_values: list[dict[str, Any]], key: str) -> list[tuple[str, list[str]]]:
    """Context and OCMF codes of each signed value; each verified."""
    values = [value for sample in meter_values for value in sample["sampledValue"]]
    found = []
    for value in (value for value in values if value.get("format") == "SignedData"):
        signed = json.loads(value["value"])
        assert signed["publicKey"] == key
        record = b64decode(signed["signedMeterData"]).decode()
        verify(record, b64decode(key).decode().removeprefix("oca:base16:asn1:"))
        found.append((value["context"], [line["TX"] for line in payload(record)["RD"]]))
    return found


async def test_a_session_is_signed_priced_and_billed_in_1_6(csms: StrictCsms, tmp_path: Path) -> None:
    async with running(csms, tmp_path, "1.6", "BILLED", more=SIGNING_EVSE) as station:
        keys = ["MeterPublicKey[2]", "MeterPublicKey[1]", "CustomDisplayCostAndPrice", "CustomIdleFeeAfterStop"]
        read = await station.asked("GetConfiguration", {"key": keys})
        values = {entry["key"]: entry["value"] for entry in read["configurationKey"]}
        assert read["unknownKey"] == ["MeterPublicKey[1]"]  # its meter does not sign
        assert values["CustomDisplayCostAndPrice"] == "true"
        change = {"key": "CustomIdleFeeAfterStop", "value": "true"}
        assert await station.asked("ChangeConfiguration", change) == {"status": "Accepted"}

        await station.plant.panel.ask("POST", "/api/v1/sim/evse/2/plug", {})
        await station.plant.panel.card(CARD)
        await station.says("StartTransaction", connectorId=2)
        begin = await station.says("MeterValues", connectorId=2)
        number = await number_of(station)
        assert begin["transactionId"] == number
        assert proven(begin["meterValue"], values["MeterPublicKey[2]"]) == [("Transaction.Begin", ["B"])]

        assert await told(station, "SetUserPrice", idToken=CARD, priceText="0.39 a kWh") == "Accepted"
        running_cost = {
            "transactionId": number, "timestamp": "2026-11-22T12:00:00Z", "meterValue": 0, "cost": 1.5,
            "state": "Charging", "chargingPrice": {"kWhPrice": 0.39}, "triggerMeterValue": {"atPowerkW": 3.0},
        }  # fmt: skip
        assert await told(station, "RunningCost", **running_cost) == "Accepted"
        assert await told(station, "RunningCost", transactionId=number) == "Rejected"
        assert await told(station, "Nonsense") == "UnknownMessageId"
        shown = (await station.plant.panel.evse(2))["price"]
        assert (shown["words"], shown["final"]) == ("0.39 a kWh", False)
        assert float(shown["cost"]) >= 1.5
        await a_value_is_asked_for_by_power(station)

        await station.plant.panel.card(CARD)
        stop = await station.says("StopTransaction", transactionId=number)
        assert proven(stop["transactionData"], values["MeterPublicKey[2]"]) == [("Transaction.End", ["B", "E"])]
        assert await told(station, "FinalCost", transactionId=number, cost=3.31, priceText="Paid") == "Accepted"
        assert (await station.plant.panel.evse(2))["price"]["cost"] == "3.31"
        await station.plant.panel.ask("POST", "/api/v1/sim/evse/2/unplug", {"side": "both"})
        left = await station.says("DataTransfer", messageId="ConnectorUnplugged")
        assert left["vendorId"] == COSTS
        assert json.loads(left["data"])["transactionId"] == number
        assert await csms.violations(station.identity) == []


async def test_roots_of_the_vehicles_hierarchy_are_kept_in_1_6(csms: StrictCsms, tmp_path: Path) -> None:
    root = Authority(tmp_path, "vehicles", days=1000)
    async with running(csms, tmp_path, "1.6", "PLUGGED") as station:

        async def asked(message: str, **data: Any) -> Any:
            sent = {"vendorId": VEHICLES, "messageId": message, "data": json.dumps(data)}
            answer = await station.asked("DataTransfer", sent)
            assert answer["status"] == "Accepted"
            return json.loads(answer["data"])

        told = {"certificateType": "V2GRootCertificate", "certificate": root.pem}
        assert await asked("InstallCertificate", **told) == {"status": "Accepted"}
        [found] = (await asked("GetInstalledCertificateIds"))["certificateHashDataChain"]
        assert found["certificateType"] == "V2GRootCertificate"
        named = found["certificateHashData"]
        assert await asked("DeleteCertificate", certificateHashData=named) == {"status": "Accepted"}
        assert await asked("GetInstalledCertificateIds") == {"status": "NotFound"}
        assert await asked("TriggerMessage", requestedMessage="SignV2GCertificate") == {"status": "NotImplemented"}
        assert await csms.violations(station.identity) == []


async def a_value_is_asked_for_by_power(station: Station) -> None:
    async with asyncio.timeout(30):
        while True:
            calls = await station.csms.calls(station.identity)
            contexts = {
                value["context"]
                for action, said in calls
                if action == "MeterValues"
                for sample in said["meterValue"]
                for value in sample["sampledValue"]
            }
            if "Other" in contexts:
                return
            await asyncio.sleep(0.05)
