"""Plug & Charge over 1.6: the roots of the vehicles' hierarchy are kept, and nothing is promised beyond that."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.demo.authority import Authority
from tests.scenarios.conftest import MakeWorld
from tests.world import NOON, World, a_world

VENDOR = "org.openchargealliance.iso15118pnc"


@pytest.fixture
def world(tmp_path: Path) -> MakeWorld:
    return partial(a_world, "1.6", tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "vehicles", now=lambda: NOON, days=1000)


async def asked(w: World, message: str, data: Any) -> Any:
    """The answer inside the answer; the outer status where there is none."""
    text = data if isinstance(data, str) else json.dumps(data)
    answer = await w.ask("DataTransfer", vendorId=VENDOR, messageId=message, data=text)
    if "data" not in answer:
        return answer["status"]
    assert answer["status"] == "Accepted"
    return json.loads(answer["data"])


async def installed(w: World, *kinds: str) -> list[dict[str, Any]]:
    answer = await asked(w, "GetInstalledCertificateIds", {"certificateType": list(kinds)} if kinds else {})
    assert (answer["status"] == "Accepted") is bool(answer.get("certificateHashDataChain"))
    found: list[dict[str, Any]] = answer.get("certificateHashDataChain", [])
    return found


@pytest.mark.parametrize("kind", ["V2GRootCertificate", "MORootCertificate"])
async def test_a_root_is_installed_listed_and_deleted(world: MakeWorld, root: Authority, kind: str) -> None:
    async with world() as w:
        assert await installed(w) == []
        assert await asked(w, "InstallCertificate", {"certificateType": kind, "certificate": root.pem}) == {
            "status": "Accepted"
        }
        [found] = await installed(w)
        assert found["certificateType"] == kind
        assert await installed(w, kind) == [found]
        assert await installed(w, "CSMSRootCertificate") == []
        await w.restart_program()
        assert await installed(w) == [found]
        named = {"certificateHashData": found["certificateHashData"]}
        assert await asked(w, "DeleteCertificate", named) == {"status": "Accepted"}
        assert await asked(w, "DeleteCertificate", named) == {"status": "NotFound"}
        assert await installed(w) == []


async def test_vehicles_roots_leave_the_back_offices_their_room(world: MakeWorld, tmp_path: Path) -> None:
    def pem(name: str) -> str:
        (tmp_path / name).mkdir()
        return Authority(tmp_path / name, name, now=lambda: NOON, days=1000).pem

    async def install(kind: str, name: str) -> str:
        answer = await asked(w, "InstallCertificate", {"certificateType": kind, "certificate": pem(name)})
        return str(answer["status"])

    async with world() as w:
        for number in range(20):
            assert await install("V2GRootCertificate", f"v2g{number}") == "Accepted"
        assert await install("V2GRootCertificate", "one-more") == "Rejected"
        assert await install("MORootCertificate", "mo") == "Accepted"
        told = {"certificateType": "CentralSystemRootCertificate", "certificate": pem("office")}
        assert await w.ask("InstallCertificate", **told) == {"status": "Accepted"}


async def test_what_is_no_root_is_refused(world: MakeWorld, root: Authority) -> None:
    async with world() as w:
        for pem in ("nonsense", root.sign("a station").certificate.read_text()):
            told = {"certificateType": "V2GRootCertificate", "certificate": pem}
            assert await asked(w, "InstallCertificate", told) == {"status": "Rejected"}
        assert await installed(w) == []


BAD: list[tuple[str, Any]] = [
    ("InstallCertificate", {}),
    ("InstallCertificate", {"certificateType": "V2GRootCertificate"}),
    ("InstallCertificate", {"certificateType": "V2GCertificate", "certificate": "x"}),
    ("InstallCertificate", "not JSON"),
    ("GetInstalledCertificateIds", {"certificateType": "V2GRootCertificate"}),
    ("DeleteCertificate", {"certificateHashData": {"hashAlgorithm": "MD5"}}),
    ("TriggerMessage", {"requestedMessage": "Dance"}),
    ("CertificateSigned", {"certificateChain": 7}),
]


@pytest.mark.parametrize(("message", "data"), BAD, ids=[f"{n}-{name}" for n, (name, _) in enumerate(BAD)])
async def test_what_the_message_cannot_mean_is_rejected(world: MakeWorld, message: str, data: Any) -> None:
    async with world() as w:
        assert await asked(w, message, data) == "Rejected"
        assert await installed(w) == []


async def test_what_only_vehicles_would_need_is_not_promised(world: MakeWorld, root: Authority) -> None:
    async with world() as w:
        for message in ("SignV2GCertificate", "SignCombinedCertificate"):
            assert await asked(w, "TriggerMessage", {"requestedMessage": message}) == {"status": "NotImplemented"}
        signed = {"certificateChain": root.pem, "certificateType": "V2GCertificate"}
        assert await asked(w, "CertificateSigned", signed) == {"status": "Rejected"}
        assert await asked(w, "Authorize", {}) == "UnknownMessageId"
        for key in ("ISO15118PnCEnabled", "CentralContractValidationAllowed", "ContractValidationOffline"):
            assert await w.ask("GetConfiguration", key=[key]) == {"unknownKey": [key]}
            assert (await w.ask("ChangeConfiguration", key=key, value="true"))["status"] == "NotSupported"
