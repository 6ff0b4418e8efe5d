"""Payloads against their schemas: which reason, and in which words."""

import importlib
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from chargepoint.ocpp import compile_schemas, schemas
from chargepoint.ocpp.rpc import Reason
from chargepoint.ocpp.schemas import Schemas

V16, V201 = Schemas("v16"), Schemas("v201")


def profile(limit: Any) -> dict[str, Any]:
    periods = [{"startPeriod": 0, "limit": limit}]
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": periods}
    return {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": schedule,
        },
    }


@pytest.mark.parametrize(
    ("version", "action", "payload", "reason"),
    [
        (V16, "Reset", {}, Reason.MISSING),
        (V16, "Reset", {"type": "Soft", "colour": "red"}, Reason.EXTRA),
        (V16, "Reset", {"type": 7}, Reason.WRONG_TYPE),
        (V16, "Reset", {"type": "soft"}, Reason.WRONG_VALUE),
        (V16, "RemoteStartTransaction", {"idTag": "x" * 21}, Reason.WRONG_TYPE),
        (V16, "UnlockConnector", {"connectorId": 1.0}, Reason.WRONG_TYPE),
        (V16, "UnlockConnector", {"connectorId": True}, Reason.WRONG_TYPE),
        (V16, "SetChargingProfile", profile(16.35), Reason.WRONG_VALUE),
        (V16, "SetChargingProfile", profile("16"), Reason.WRONG_TYPE),
        (V201, "GetVariables", {"getVariableData": []}, Reason.MISSING),
        (V201, "GetVariables", {"getVariableData": [{"variable": {"name": "a"}}]}, Reason.MISSING),
        (V201, "SetVariables", {"setVariableData": "x"}, Reason.WRONG_TYPE),
        (V201, "GetBaseReport", {"requestId": 1.0, "reportBase": "FullInventory"}, Reason.WRONG_TYPE),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_has_its_reason(version: Schemas, action: str, payload: Any, reason: Reason) -> None:
    flaw = version.check_request(action, payload)
    assert flaw is not None
    assert flaw.reason is reason
    assert len(flaw.sentence) <= schemas.LONGEST_SENTENCE


@pytest.mark.parametrize("limit", [16, 16.3, 0.1, 0.3, 32.7, 16.0])
def test_every_tenth_of_an_ampere_is_a_multiple_of_a_tenth(limit: float) -> None:
    assert V16.check_request("SetChargingProfile", profile(limit)) is None


def test_a_flaw_says_where_it_is() -> None:
    flaw = V16.check_request("SetChargingProfile", profile("16"))
    assert flaw is not None
    assert flaw.path == "data.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit"
    assert flaw.sentence.endswith("limit must be number")


def test_a_payload_with_thousands_of_unknown_fields_is_refused_in_one_short_sentence() -> None:
    flaw = V16.check_request("ClearCache", {f"field{n}": n for n in range(10_000)})
    assert flaw is not None
    assert len(flaw.sentence) <= schemas.LONGEST_SENTENCE


GOOD_TIMES = ["2024-02-29T12:00:00Z", "2024-01-01T00:00:00.123+01:00", "2024-01-01t00:00:00z", "2016-12-31T23:59:60Z"]
BAD_TIMES = [
    "not a date", "", "2024-02-30T12:00:00Z", "2024-01-01", "2024-01-01T25:00:00Z", "2024-01-01 00:00:00Z",
    "20240101T000000Z", "2024-01-01T00:00Z", "2024-01-01T00:00:00+25:00", "2024-01-01T00:00:00.Z",
    "２０24-01-01T00:00:00Z", "2024-01-01T00:00:00Z\n", "2024-01-01T00:00:00",
]  # fmt: skip


@pytest.mark.parametrize("time", GOOD_TIMES)
def test_rfc_3339_times_pass(time: str) -> None:
    assert V16.check_request("ReserveNow", reservation(time)) is None


@pytest.mark.parametrize("time", BAD_TIMES)
def test_other_times_do_not(time: str) -> None:
    flaw = V16.check_request("ReserveNow", reservation(time))
    assert flaw is not None
    assert flaw.reason is Reason.WRONG_VALUE


def reservation(expiry: str) -> dict[str, Any]:
    return {"connectorId": 1, "expiryDate": expiry, "idTag": "A", "reservationId": 1}


def test_an_answer_may_lack_an_offset_or_have_a_field_too_many_but_not_be_wrong() -> None:
    answer = {"status": "Accepted", "interval": 60, "currentTime": "2024-01-01T00:00:00", "colour": "red"}
    assert V16.check_their_response("BootNotification", answer) is None
    assert V16.check_response("BootNotification", answer) is not None
    assert V16.check_their_response("BootNotification", {**answer, "interval": "60"}) is not None
    assert V16.check_their_response("BootNotification", {**answer, "currentTime": "noon"}) is not None


@pytest.mark.parametrize("package", compile_schemas.VERSIONS)
def test_every_schema_of_the_package_has_a_validator(package: str) -> None:
    folder = Path(str(distribution("ocpp").locate_file(f"ocpp/{package}/schemas")))
    files = sorted(folder.glob("*.json"))
    assert len(files) > 70
    for file in files:
        name = file.stem if file.stem.endswith(("Request", "Response")) else file.stem + "Request"
        validate = compile_schemas.in_memory(package, name)
        with pytest.raises(Exception, match="must be object"):
            validate("not an object", schemas.STRICT)


def test_without_generated_files_validators_are_compiled_and_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def nothing_there(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", nothing_there)
    monkeypatch.setattr(schemas, "_told", False)
    fresh = Schemas("v16")
    assert fresh.check_request("Reset", {"type": "Soft"}) is None
    assert fresh.check_request("Heartbeat", {}) is None
    flaw = fresh.check_request("Reset", {"type": "soft"})
    assert flaw is not None
    assert flaw.reason is Reason.WRONG_VALUE
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_generating_writes_once_and_again_only_after_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_schemas, "GENERATED", tmp_path / "generated")
    monkeypatch.setattr(compile_schemas, "STAMP", tmp_path / "generated" / "stamp")
    monkeypatch.setattr(compile_schemas, "VERSIONS", ("v16",))
    assert compile_schemas.main() == 0
    module = tmp_path / "generated" / "v16" / "ResetRequest.py"
    first = module.stat().st_mtime_ns
    assert "fastjsonschema" not in module.read_text()
    assert compile_schemas.main() == 0
    assert module.stat().st_mtime_ns == first
    (tmp_path / "generated" / "stamp").write_text("another version")
    assert compile_schemas.main() == 0
    assert module.stat().st_mtime_ns > first
    assert not [file for file in tmp_path.rglob("*") if file.suffix.lstrip(".").isdigit()]  # nothing unfinished left


def test_validators_import_nothing_of_the_libraries() -> None:
    source = compile_schemas.GENERATED / "v201" / "TransactionEventRequest.py"
    if source.is_file():
        imports = [line for line in source.read_text().splitlines() if "import" in line]
        assert imports == ["from chargepoint.ocpp.invalid import Invalid"]


def test_schema_files_are_found_without_importing_their_package() -> None:
    program = (
        "import sys, chargepoint.ocpp.compile_schemas as c; c.in_memory('v16', 'Reset'); print('ocpp' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
