"""Variables read, written and reported in 2.0.1."""

from typing import Any

import pytest

from chargepoint.core.observation import Fault, Observation
from chargepoint.core.setting import Names
from chargepoint.ocpp.v201 import DIALECT
from chargepoint.ocpp.v201.components import model_of
from chargepoint.ocpp.v201.reports import PART
from tests.ocpp.rig import Rig, check

REQUIRED = """
    AlignedDataCtrlr.Interval AlignedDataCtrlr.Measurands AlignedDataCtrlr.TxEndedInterval
    AlignedDataCtrlr.TxEndedMeasurands AuthCtrlr.AuthorizeRemoteStart AuthCtrlr.LocalAuthorizeOffline
    AuthCtrlr.LocalPreAuthorize ChargingStation.AvailabilityState ChargingStation.Available
    ChargingStation.SupplyPhases ClockCtrlr.DateTime ClockCtrlr.TimeSource Connector.Available
    Connector.ConnectorType Connector.SupplyPhases DeviceDataCtrlr.BytesPerMessage[GetReport]
    DeviceDataCtrlr.BytesPerMessage[GetVariables] DeviceDataCtrlr.BytesPerMessage[SetVariables]
    DeviceDataCtrlr.ItemsPerMessage[GetReport] DeviceDataCtrlr.ItemsPerMessage[GetVariables]
    DeviceDataCtrlr.ItemsPerMessage[SetVariables] EVSE.AvailabilityState EVSE.Available EVSE.Power
    EVSE.SupplyPhases OCPPCommCtrlr.ActiveNetworkProfile OCPPCommCtrlr.FileTransferProtocols
    OCPPCommCtrlr.MessageTimeout[Default] OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]
    OCPPCommCtrlr.MessageAttempts[TransactionEvent] OCPPCommCtrlr.NetworkConfigurationPriority
    OCPPCommCtrlr.NetworkProfileConnectionAttempts OCPPCommCtrlr.OfflineThreshold OCPPCommCtrlr.ResetRetries
    OCPPCommCtrlr.UnlockOnEVSideDisconnect SampledDataCtrlr.TxEndedInterval SampledDataCtrlr.TxEndedMeasurands
    SampledDataCtrlr.TxStartedMeasurands SampledDataCtrlr.TxUpdatedInterval SampledDataCtrlr.TxUpdatedMeasurands
    SecurityCtrlr.CertificateEntries SecurityCtrlr.OrganizationName SecurityCtrlr.SecurityProfile
    TxCtrlr.EVConnectionTimeOut TxCtrlr.StopTxOnEVSideDisconnect TxCtrlr.StopTxOnInvalidId TxCtrlr.TxStartPoint
    TxCtrlr.TxStopPoint
"""
"""OCPP 2.0.1 part 2: required of every station. Those of absent parts (local list, smart charging, display, tariff,
reservation, ISO 15118, monitoring) are required where the part is there."""


def named(component: str, variable: str, instance: str = "", **place: Any) -> dict[str, Any]:
    evse = {"evse": place} if place else {}
    return {
        "component": {"name": component, **evse},
        "variable": {"name": variable, **({"instance": instance} if instance else {})},
    }


async def get(rig: Rig, *items: dict[str, Any]) -> list[tuple[str, str | None]]:
    answer = await rig.ask("GetVariables", {"getVariableData": list(items)})
    return [(result["attributeStatus"], result.get("attributeValue")) for result in answer["getVariableResult"]]


async def put(rig: Rig, *items: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Status and reason code of each result."""
    answer = await rig.ask("SetVariables", {"setVariableData": list(items)})
    return [
        (result["attributeStatus"], result.get("attributeStatusInfo", {}).get("reasonCode"))
        for result in answer["setVariableResult"]
    ]


async def report(rig: Rig, action: str, **payload: Any) -> list[dict[str, Any]]:
    """All entries of a report, its parts checked."""
    assert await rig.ask(action, {"requestId": 5, **payload}) == {"status": "Accepted"}
    parts = [said for name, said in rig.speaker.said if name == "NotifyReport"]
    for number, part in enumerate(parts):
        check(DIALECT, "NotifyReport", part)
        assert (part["requestId"], part["seqNo"], part["tbc"]) == (5, number, number < len(parts) - 1)
        assert 0 < len(part["reportData"]) <= PART
    return [entry for part in parts for entry in part["reportData"]]


def name_of(entry: dict[str, Any]) -> str:
    instance = entry["variable"].get("instance")
    return f"{entry['component']['name']}.{entry['variable']['name']}" + (f"[{instance}]" if instance else "")


# --- GetVariables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "result"),
    [
        (named("OCPPCommCtrlr", "HeartbeatInterval"), ("Accepted", "300")),
        (named("ocppcommctrlr", "HEARTBEATINTERVAL"), ("Accepted", "300")),
        (named("OCPPCommCtrlr", "MessageTimeout", "Default"), ("Accepted", "30")),
        (named("OCPPCommCtrlr", "MessageTimeout"), ("UnknownVariable", None)),
        (named("OCPPCommCtrlr", "Colour"), ("UnknownVariable", None)),  # TC_B_33
        (named("Colour", "HeartbeatInterval"), ("UnknownComponent", None)),  # TC_B_32
        (named("OCPPCommCtrlr", "HeartbeatInterval", id=1), ("UnknownComponent", None)),
        (named("EVSE", "AvailabilityState"), ("UnknownComponent", None)),
        (named("EVSE", "AvailabilityState", id=3), ("UnknownComponent", None)),
        (named("EVSE", "AvailabilityState", id=1), ("Accepted", "Available")),
        (named("EVSE", "AllowReset", id=1), ("Accepted", "true")),
        (named("EVSE", "SupplyPhases", id=1), ("Accepted", "1")),
        (named("EVSE", "Power", id=1), ("Accepted", "0")),
        (named("Connector", "ConnectorType", id=1, connectorId=1), ("Accepted", "sType2")),
        (named("Connector", "ConnectorType", id=1, connectorId=2), ("UnknownComponent", None)),
        (named("Connector", "Available", id=2, connectorId=1), ("Accepted", "true")),
        (named("ChargingStation", "VendorName"), ("Accepted", "Acme")),
        (named("ChargingStation", "AvailabilityState"), ("Accepted", "Available")),
        (named("ClockCtrlr", "DateTime"), ("Accepted", "2026-11-22T12:00:00.000Z")),
        (named("SecurityCtrlr", "BasicAuthPassword"), ("Rejected", None)),
        ({**named("OCPPCommCtrlr", "HeartbeatInterval"), "attributeType": "Actual"}, ("Accepted", "300")),
        (
            {**named("OCPPCommCtrlr", "HeartbeatInterval"), "attributeType": "MaxSet"},  # TC_B_34
            ("NotSupportedAttributeType", None),
        ),
        ({**named("OCPPCommCtrlr", "Colour"), "attributeType": "Target"}, ("UnknownVariable", None)),
    ],
)
async def test_a_variable_is_read(item: dict[str, Any], result: tuple[str, str | None]) -> None:
    assert await get(Rig(DIALECT), item) == [result]


async def test_a_fault_shows_at_the_component_that_has_it() -> None:
    rig = Rig(DIALECT)
    at_the_lock, at_the_pilot = (
        named("ConnectorPlugRetentionLock", "Problem", id=1),
        named("CPPWMController", "Problem", id=1),
    )
    assert await get(rig, at_the_lock, at_the_pilot) == [("Accepted", "false"), ("Accepted", "false")]

    rig.station.evses[1].seen = Observation(faults=(Fault("MREC1ConnectorLockFailure", "medium", "Push it home."),))

    assert await get(rig, at_the_lock, at_the_pilot) == [("Accepted", "true"), ("Accepted", "false")]  # TC_G_20_CS


async def test_every_item_gets_its_result_in_order_and_echoes_its_attribute_type() -> None:
    first = {**named("OCPPCommCtrlr", "HeartbeatInterval"), "attributeType": "Actual"}
    answer = await Rig(DIALECT).ask("GetVariables", {"getVariableData": [first, named("Colour", "Blue"), first]})
    results = answer["getVariableResult"]
    assert [result["attributeStatus"] for result in results] == ["Accepted", "UnknownComponent", "Accepted"]
    assert [result.get("attributeType") for result in results] == ["Actual", None, "Actual"]


async def test_a_secret_is_refused_with_a_reason() -> None:
    item = named("SecurityCtrlr", "BasicAuthPassword")
    answer = await Rig(DIALECT).ask("GetVariables", {"getVariableData": [item]})
    assert answer["getVariableResult"][0]["attributeStatusInfo"] == {"reasonCode": "WriteOnly"}


async def test_the_state_of_an_evse_follows_what_happens_there() -> None:
    rig = Rig(DIALECT)
    rig.charge(1)
    rig.guard(2, Observation(faults=(Fault("MREC2GroundFailure", "high", "Find the leak."),)))
    states = [named("EVSE", "AvailabilityState", id=1), named("EVSE", "AvailabilityState", id=2)]
    assert await get(rig, *states) == [("Accepted", "Occupied"), ("Accepted", "Faulted")]
    assert await get(rig, named("EVSE", "Power", id=1)) == [("Accepted", "3680")]


# --- SetVariables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "value", "result"),
    [
        (named("OCPPCommCtrlr", "HeartbeatInterval"), "60", ("Accepted", None)),
        (named("OCPPCommCtrlr", "HeartbeatInterval"), "0", ("Rejected", "InvalidValue")),
        (named("OCPPCommCtrlr", "HeartbeatInterval"), "soon", ("Rejected", "InvalidValue")),  # TC_B_11
        (named("OCPPCommCtrlr", "MessageTimeout", "Default"), "20", ("Rejected", "ReadOnly")),
        (named("EVSE", "AvailabilityState", id=1), "Faulted", ("Rejected", "ReadOnly")),  # TC_B_39
        (named("Colour", "Blue"), "1", ("UnknownComponent", None)),  # TC_B_35
        (named("OCPPCommCtrlr", "Colour"), "1", ("UnknownVariable", None)),  # TC_B_36
        (named("SampledDataCtrlr", "TxUpdatedMeasurands"), "Voltage,Current.Import", ("Accepted", None)),
        (named("SampledDataCtrlr", "TxUpdatedMeasurands"), "Current.Import.L1", ("Rejected", "InvalidValue")),
        (named("TxCtrlr", "TxStartPoint"), "EVConnected,Authorized", ("Accepted", None)),
        (named("TxCtrlr", "TxStartPoint"), "DataSigned", ("Rejected", "InvalidValue")),
        (named("SecurityCtrlr", "BasicAuthPassword"), "a-long-enough-password", ("Accepted", None)),
        (named("SecurityCtrlr", "BasicAuthPassword"), "short", ("Rejected", "InvalidValue")),
    ],
)
async def test_a_variable_is_written(item: dict[str, Any], value: str, result: tuple[str, str | None]) -> None:
    assert await put(Rig(DIALECT), {**item, "attributeValue": value}) == [result]


async def test_only_the_actual_value_can_be_set() -> None:
    item = {**named("OCPPCommCtrlr", "HeartbeatInterval"), "attributeValue": "60", "attributeType": "Target"}
    assert await put(Rig(DIALECT), item) == [("NotSupportedAttributeType", None)]  # TC_B_37


async def test_of_two_values_for_one_variable_the_later_one_stays() -> None:
    rig, item = Rig(DIALECT), named("OCPPCommCtrlr", "HeartbeatInterval")
    values = [{**item, "attributeValue": value} for value in ("60", "0", "90")]
    assert await put(rig, *values) == [("Accepted", None), ("Rejected", "InvalidValue"), ("Accepted", None)]
    assert await get(rig, item) == [("Accepted", "90")]


async def test_a_refused_value_is_explained_and_no_secret_leaks() -> None:
    rig = Rig(DIALECT)
    item = {**named("OCPPCommCtrlr", "HeartbeatInterval"), "attributeValue": "-1"}
    answer = await rig.ask("SetVariables", {"setVariableData": [item]})
    sentence = answer["setVariableResult"][0]["attributeStatusInfo"]["additionalInfo"]
    assert sentence == "OCPPCommCtrlr.HeartbeatInterval must be at least 1 s, not -1"
    secret = {**named("SecurityCtrlr", "BasicAuthPassword"), "attributeValue": "t0psecret"}
    assert "t0psecret" not in str(await rig.ask("SetVariables", {"setVariableData": [secret]}))


# --- reports ----------------------------------------------------------------------------------------------------------


async def test_the_full_inventory_has_every_variable_once_in_several_parts() -> None:
    rig = Rig(DIALECT)
    entries = await report(rig, "GetBaseReport", reportBase="FullInventory")
    keys = [str((entry["component"], entry["variable"])) for entry in entries]
    assert len(keys) == len(set(keys)) == len(list(model_of(rig.services)))
    assert len(rig.speaker.said) > 1
    assert set(REQUIRED.split()) <= {name_of(entry) for entry in entries}
    settings = {row.name_2_x for row in rig.services.settings.known_as(Names.OCPP_2_X)}
    assert settings <= {name_of(entry) for entry in entries}


async def test_each_evse_and_connector_is_in_the_full_inventory() -> None:
    entries = await report(Rig(DIALECT, evses=2), "GetBaseReport", reportBase="FullInventory")
    places = {str(entry["component"]) for entry in entries if entry["component"]["name"] in ("EVSE", "Connector")}
    assert places == {
        str({"name": "EVSE", "evse": {"id": 1}}),
        str({"name": "EVSE", "evse": {"id": 2}}),
        str({"name": "Connector", "evse": {"id": 1, "connectorId": 1}}),
        str({"name": "Connector", "evse": {"id": 2, "connectorId": 1}}),
    }


async def test_an_entry_says_value_kind_and_limits() -> None:
    entries = await report(Rig(DIALECT), "GetBaseReport", reportBase="FullInventory")
    found = {name_of(entry): entry for entry in entries}
    assert found["OCPPCommCtrlr.HeartbeatInterval"] == {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "HeartbeatInterval"},
        "variableAttribute": [
            {"type": "Actual", "value": "300", "mutability": "ReadWrite", "persistent": True, "constant": False}
        ],
        "variableCharacteristics": {
            "unit": "s", "dataType": "integer", "minLimit": 1, "supportsMonitoring": False,
        },
    }  # fmt: skip
    assert found["EVSE.Power"]["variableCharacteristics"]["maxLimit"] == 3680
    points = found["TxCtrlr.TxStartPoint"]["variableCharacteristics"]
    assert points["dataType"] == "MemberList"
    assert points["valuesList"] == "EVConnected,Authorized,PowerPathClosed,EnergyTransfer"
    assert points["maxLimit"] == len(points["valuesList"])
    secret = found["SecurityCtrlr.BasicAuthPassword"]["variableAttribute"][0]
    assert secret["mutability"] == "WriteOnly"
    assert "value" not in secret


async def test_the_configuration_inventory_has_what_an_operator_can_set() -> None:
    entries = await report(Rig(DIALECT), "GetBaseReport", reportBase="ConfigurationInventory")
    assert {entry["variableAttribute"][0]["mutability"] for entry in entries} == {"ReadWrite", "WriteOnly"}


async def test_the_summary_has_availability_and_problems_and_nothing_else() -> None:
    entries = await report(Rig(DIALECT), "GetBaseReport", reportBase="SummaryInventory")
    assert {name_of(entry) for entry in entries} == {
        "ChargingStation.AvailabilityState", "ChargingStation.Problem", "EVSE.AvailabilityState", "EVSE.Problem",
        "Connector.AvailabilityState",
    }  # fmt: skip


async def test_values_in_a_report_are_cut_to_what_the_station_delivers() -> None:
    rig = Rig(DIALECT)
    rig.services.settings.deliver(lambda: ["Energy.Active.Import.Register"])
    entries = await report(rig, "GetBaseReport", reportBase="FullInventory")
    measurands = next(entry for entry in entries if name_of(entry) == "AlignedDataCtrlr.Measurands")
    assert measurands["variableCharacteristics"]["valuesList"] == "Energy.Active.Import.Register"


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (  # TC_B_54: no instance named
            {"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}},
            {"DeviceDataCtrlr.ItemsPerMessage[GetReport]", "DeviceDataCtrlr.ItemsPerMessage[GetVariables]",
             "DeviceDataCtrlr.ItemsPerMessage[SetVariables]"},
        ),
        (  # TC_B_55
            {"component": {"name": "DeviceDataCtrlr"},
             "variable": {"name": "ItemsPerMessage", "instance": "GetReport"}},
            {"DeviceDataCtrlr.ItemsPerMessage[GetReport]"},
        ),
        ({"component": {"name": "evse"}, "variable": {"name": "availabilitystate"}}, {"EVSE.AvailabilityState"}),
        ({"component": {"name": "AuthCacheCtrlr"}}, {
            "AuthCacheCtrlr.Available", "AuthCacheCtrlr.DisablePostAuthorize", "AuthCacheCtrlr.Enabled",
            "AuthCacheCtrlr.LifeTime",
        }),
    ],
)  # fmt: skip
async def test_a_report_of_named_variables(wanted: dict[str, Any], names: set[str]) -> None:
    entries = await report(Rig(DIALECT), "GetReport", componentVariable=[wanted])
    assert {name_of(entry) for entry in entries} == names


@pytest.mark.parametrize(("place", "count"), [({}, 2), ({"evse": {"id": 2}}, 1)])
async def test_an_item_without_an_evse_means_all_of_them(place: dict[str, Any], count: int) -> None:  # TC_B_56
    wanted = {"component": {"name": "EVSE", **place}, "variable": {"name": "AvailabilityState"}}
    assert len(await report(Rig(DIALECT), "GetReport", componentVariable=[wanted])) == count


async def test_a_report_of_problems_names_the_faulted_evse() -> None:
    rig = Rig(DIALECT)
    rig.guard(2, Observation(faults=(Fault("MREC2GroundFailure", "high", "Find the leak."),)))
    entries = await report(rig, "GetReport", componentCriteria=["Problem"])
    assert {str(entry["component"]) for entry in entries} == {str({"name": "EVSE", "evse": {"id": 2}})}


async def test_a_report_of_what_is_available_leaves_absent_parts_out() -> None:
    entries = await report(Rig(DIALECT), "GetReport", componentCriteria=["Available"])
    components = {entry["component"]["name"] for entry in entries}
    assert {"EVSE", "AuthCacheCtrlr", "TxCtrlr"} <= components
    assert "SmartChargingCtrlr" not in components


async def test_a_component_that_is_switched_off_is_not_enabled() -> None:
    rig = Rig(DIALECT)
    await put(rig, {**named("AuthCacheCtrlr", "Enabled"), "attributeValue": "false"})
    entries = await report(rig, "GetReport", componentCriteria=["Enabled"])
    assert "AuthCacheCtrlr" not in {entry["component"]["name"] for entry in entries}
