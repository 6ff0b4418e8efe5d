"""A meter that signs: what the back office is told can be verified, in either version, whatever happens on the way."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.hw.ocmf import payload, verify
from tests.scenarios.conftest import MakeWorld
from tests.world import World, a_world

SIGNING = {"meter": {"driver": "mock", "signs": True}}
CARD = "04A1B2C3D4E5F6"


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path, evse=SIGNING)


@pytest.fixture
def newer(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "2.0.1", tmp_path, evse=SIGNING)


def signed(meter_values: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Context and SignedMeterValueType of each signed value, in 1.6's words."""
    for value in (value for sample in meter_values for value in sample["sampledValue"]):
        if value.get("format") == "SignedData":
            assert (value["measurand"], value["unit"]) == ("Energy.Active.Import.Register", "Wh")
            yield value["context"], json.loads(value["value"])


def proven(value: dict[str, Any], key: str = "") -> dict[str, Any]:
    """The signed data set, verified with the key that came with it, or with `key` as a back office has it."""
    assert set(value) == {"signedMeterData", "signingMethod", "encodingMethod", "publicKey"}
    assert (value["encodingMethod"], value["signingMethod"]) == ("OCMF", "")  # the record names its method itself
    marker, encoding, kind, printed = b64decode(value["publicKey"] or key).decode().split(":")
    assert (marker, encoding, kind) == ("oca", "base16", "asn1")
    record = b64decode(value["signedMeterData"]).decode()
    verify(record, printed)
    return payload(record)


def register_of(data: dict[str, Any]) -> list[tuple[str, float]]:
    return [(line["TX"], line["RV"] * 1000) for line in data["RD"]]


async def charge(w: World, minutes: float = 30) -> None:
    await w.charge(CARD, minutes=minutes)
    await w.card(CARD)
    await w.wait(5)


# --- 1.6 --------------------------------------------------------------------------------------------------------------


async def test_the_signed_begin_follows_the_start_with_the_transactions_number(world: MakeWorld) -> None:
    async with world() as w:
        await charge(w)
        told = [(each.action, each.payload) for each in w.csms.told]
        place = next(n for n, (action, _) in enumerate(told) if action == "StartTransaction")
        rest = [(action, said) for action, said in told[place + 1 :] if action in ("MeterValues", "StopTransaction")]
        action, begin = rest[0]
        assert (action, begin["transactionId"]) == ("MeterValues", w.bills()[0].transaction)
        [(context, value)] = signed(begin["meterValue"])
        data = proven(value)
        assert context == "Transaction.Begin"
        assert data["ID"] == CARD
        [start] = w.said("StartTransaction")
        assert register_of(data) == [("B", pytest.approx(start["meterStart"], abs=1))]


async def test_the_bill_can_be_proven_from_its_last_message_alone(world: MakeWorld) -> None:
    async with world() as w:
        await charge(w)
        [stop] = w.said("StopTransaction")
        [(context, value)] = signed(stop["transactionData"])  # begin and end are in one record: it is not sent twice
        (_, begin_wh), (_, end_wh) = register_of(proven(value))
        assert context == "Transaction.End"
        assert end_wh - begin_wh == pytest.approx(w.bills()[0].energy_wh, abs=1.1)
        plain = [each for sample in stop["transactionData"] for each in sample["sampledValue"] if "format" not in each]
        assert (plain[0]["context"], plain[-1]["context"]) == ("Transaction.Begin", "Transaction.End")
        assert {each["context"] for each in plain[1:-1]} <= {"Sample.Periodic"}


async def test_values_in_between_are_signed_on_demand(world: MakeWorld) -> None:
    async with world(settings={"SampledDataCtrlr.TxUpdatedInterval": "300"}) as w:
        assert (await w.ask("ChangeConfiguration", key="SampledDataSignUpdatedReadings", value="true")) == {
            "status": "Accepted"
        }
        await charge(w)
        values = [pair for said in w.said("MeterValues") for pair in signed(said["meterValue"])]
        between = [proven(value) for context, value in values if context == "Sample.Periodic"]
        assert len(between) == 6
        assert [[code for code, _ in register_of(data)] for data in between] == [["C"]] * 6


@pytest.mark.parametrize(
    ("policy", "keys"),
    [("Never", [False, False]), ("OncePerTransaction", [False, True]), ("EveryMeterValue", [True, True])],
)
async def test_the_key_comes_as_often_as_is_wanted_and_can_be_read_at_any_time(
    world: MakeWorld, policy: str, keys: list[bool]
) -> None:
    async with world() as w:
        await w.ask("ChangeConfiguration", key="PublicKeyWithSignedMeterValue", value=policy)
        [entry] = (await w.ask("GetConfiguration", key=["MeterPublicKey[1]"]))["configurationKey"]
        assert entry["readonly"] is True
        await charge(w)
        values = [
            *signed(w.said("MeterValues")[0]["meterValue"]),
            *signed(w.said("StopTransaction")[0]["transactionData"]),
        ]
        assert [bool(value["publicKey"]) for _, value in values] == keys
        assert [proven(value, entry["value"])["GS"] for _, value in values] == ["YARD-1", "YARD-1"]


async def test_the_keys_of_all_connectors_are_listed(world: MakeWorld) -> None:
    async with world(evses=2) as w:
        listed = {entry["key"]: entry for entry in (await w.ask("GetConfiguration"))["configurationKey"]}
        first, second = listed["MeterPublicKey[1]"], listed["MeterPublicKey[2]"]
        assert first["value"] != second["value"]
        asked = await w.ask("GetConfiguration", key=["meterpublickey2", "MeterPublicKey[3]", "MeterPublicKey[0]"])
        assert [entry["value"] for entry in asked["configurationKey"]] == [second["value"]]
        assert asked["unknownKey"] == ["MeterPublicKey[3]", "MeterPublicKey[0]"]
        for key, status in (("MeterPublicKey[1]", "Rejected"), ("MeterPublicKey[3]", "NotSupported")):
            assert (await w.ask("ChangeConfiguration", key=key, value="00"))["status"] == status


async def test_a_station_whose_meters_do_not_sign_has_no_such_keys(tmp_path: Path) -> None:
    async with a_world("1.6", tmp_path) as w:
        names = [entry["key"] for entry in (await w.ask("GetConfiguration"))["configurationKey"]]
        assert not [name for name in names if "DataSign" in name or "PublicKey" in name]
        asked = await w.ask("GetConfiguration", key=["SampledDataSignReadings", "MeterPublicKey[1]"])
        assert asked == {"unknownKey": ["SampledDataSignReadings", "MeterPublicKey[1]"]}
        await charge(w)
        assert [said for said in w.said("MeterValues") if list(signed(said["meterValue"]))] == []


async def test_a_meter_that_signs_only_begin_and_end_promises_no_more(tmp_path: Path) -> None:
    def ends_only(w: World) -> None:
        w.yard.meters[1].ability = "ends"

    async with a_world("1.6", tmp_path, evse=SIGNING, before=ends_only) as w:
        key = "SampledDataSignUpdatedReadings"
        assert (await w.ask("ChangeConfiguration", key=key, value="true"))["status"] == "Rejected"
        [entry] = (await w.ask("GetConfiguration", key=[key]))["configurationKey"]
        assert entry == {"key": key, "readonly": True, "value": "false"}
        await charge(w)
        [(_, value)] = signed(w.said("StopTransaction")[0]["transactionData"])
        assert [code for code, _ in register_of(proven(value))] == ["B", "E"]


async def test_nothing_is_signed_where_nobody_wants_it(world: MakeWorld) -> None:
    async with world(settings={"SampledDataCtrlr.SignReadings": "false", "StartTxnSampledData": ""}) as w:
        await charge(w, minutes=0.5)
        assert w.said("MeterValues") == []
        assert list(signed(w.said("StopTransaction")[0]["transactionData"])) == []


async def test_a_session_spent_offline_is_proven_afterwards_with_its_real_number(world: MakeWorld) -> None:
    async with world() as w:
        w.given_local_list(CARD)
        w.link.cut()
        await charge(w)
        w.link.restore()
        await w.wait(minutes=5)
        [begin] = [said for said in w.said("MeterValues") if any(signed(said["meterValue"]))]
        assert begin["transactionId"] == w.bills()[0].transaction
        [(_, value)] = signed(w.said("StopTransaction")[0]["transactionData"])
        assert len(proven(value)["RD"]) == 2


async def test_a_restart_in_between_costs_no_proof(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(CARD, minutes=5)
        await w.restart_program()
        w.yard.meters[1].forget()
        await w.wait(minutes=5)
        await w.card(CARD)
        await w.wait(5)
        values = dict(signed(w.said("StopTransaction")[0]["transactionData"]))
        proofs = {context: register_of(proven(value)) for context, value in values.items()}
        assert [code for code, _ in proofs["Transaction.Begin"]] == ["B"]
        assert [code for code, _ in proofs["Transaction.End"]] == ["E"]


# --- 2.0.1 ------------------------------------------------------------------------------------------------------------


def signed_in(event: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    values = [value for sample in event.get("meterValue", []) for value in sample["sampledValue"]]
    return [(value["context"], value["signedMeterValue"]) for value in values if "signedMeterValue" in value]


async def test_in_2_0_1_start_and_end_carry_the_proof(newer: MakeWorld) -> None:
    async with newer() as w:
        await charge(w)
        events = w.said("TransactionEvent")
        [(context, begin)] = signed_in(events[0])
        assert (context, [code for code, _ in register_of(proven(begin))]) == ("Transaction.Begin", ["B"])
        [(context, end)] = signed_in(events[-1])
        (_, begin_wh), (_, end_wh) = register_of(proven(end))
        assert context == "Transaction.End"
        assert end_wh - begin_wh == pytest.approx(w.bills()[0].energy_wh, abs=1.1)
        assert [event["seqNo"] for event in events] == list(range(len(events)))  # the begin apart is 1.6's alone


async def test_in_2_0_1_the_key_stands_in_the_device_model(newer: MakeWorld) -> None:
    async with newer() as w:
        wanted = {"component": {"name": "FiscalMetering", "evse": {"id": 1}}, "variable": {"name": "PublicKey"}}
        [result] = (await w.ask("GetVariables", getVariableData=[wanted]))["getVariableResult"]
        change = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "PublicKeyWithSignedMeterValue"}}
        [set_] = (await w.ask("SetVariables", setVariableData=[{**change, "attributeValue": "Never"}]))[
            "setVariableResult"
        ]
        assert set_["attributeStatus"] == "Accepted"
        await charge(w)
        [(_, end)] = signed_in(w.said("TransactionEvent")[-1])
        assert end["publicKey"] == ""
        assert proven(end, result["attributeValue"])["GS"] == "YARD-1"


async def test_in_2_0_1_a_station_whose_meters_do_not_sign_has_no_such_variables(tmp_path: Path) -> None:
    async with a_world("2.0.1", tmp_path) as w:
        await w.ask("GetBaseReport", requestId=1, reportBase="FullInventory")
        await w.wait(10)
        rows = [row for part in w.said("NotifyReport") for row in part["reportData"]]
        names = [(row["component"]["name"], row["variable"]["name"]) for row in rows]
        assert ("SampledDataCtrlr", "TxUpdatedInterval") in names
        assert not [name for name in names if name[1].startswith("Sign") or "PublicKey" in name[1]]
