"""A back office changes how the station gets in: another password, a higher security profile (1.6 whitepaper A05)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chargepoint.core.certificatekind import Kind
from chargepoint.ocpp.endpoint import Endpoint
from chargepoint.ocpp.transport import LinkRefused
from tests.scenarios.conftest import MakeWorld
from tests.world import World, a_world

OLD, NEW = b"the installers password", "c0ffee" * 6
UNAUTHORIZED = LinkRefused("refused", status=401, event="FailedToAuthenticateAtCsms", ours=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "password").write_bytes(OLD + b"\n")
    (tmp_path / "ca.pem").write_text("a root")
    (tmp_path / "own.pem").write_text("a certificate")
    (tmp_path / "own.key").write_text("a key")
    return tmp_path


@pytest.fixture
def world(folder: Path) -> MakeWorld:
    return partial(a_world, "1.6", folder)


@pytest.fixture
def by(folder: Path) -> Callable[..., dict[str, Any]]:
    """Options of [csms] for a security profile to begin with, and what else is there."""

    def options(profile: int, *, root: bool = True, certificate: bool = True, **more: Any) -> dict[str, Any]:
        scheme = "wss" if profile > 1 else "ws"
        files: dict[str, Any] = {"password_file": folder / "password"}
        if root:
            files["ca_file"] = folder / "ca.pem"
        if certificate:
            files |= {"certificate_file": folder / "own.pem", "key_file": folder / "own.key"}
        return {"url": f"{scheme}://csms/ocpp", "security_profile": profile, **files, **more}

    return options


By = Callable[..., dict[str, Any]]


async def change(w: World, key: str, value: str) -> str:
    answer = await w.ask("ChangeConfiguration", key=key, value=value)
    return str(answer["status"])


async def read(w: World, key: str) -> Any:
    answer = await w.ask("GetConfiguration", key=[key])
    return answer["configurationKey"][0].get("value")


def boots(w: World) -> int:
    return len(w.said("BootNotification"))


def only(wanted: Callable[[Endpoint], bool]) -> Callable[[Endpoint], LinkRefused | None]:
    """A back office that lets in who shows this."""
    return lambda endpoint: None if wanted(endpoint) else UNAUTHORIZED


# --- another password -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", [1, 2])
async def test_a_new_key_is_answered_and_shown_on_a_new_link(world: MakeWorld, by: By, profile: int) -> None:
    async with world(link=by(profile)) as w:
        w.link.admits = only(lambda shown: shown.password == bytes.fromhex(NEW))
        assert await change(w, "AuthorizationKey", NEW) == "Accepted"
        await w.wait(5)
        assert [shown.password for shown in w.link.shown] == [OLD, bytes.fromhex(NEW)]
        assert w.daemon.built.station.online
        assert boots(w) == 1  # nothing has rebooted
        assert await read(w, "AuthorizationKey") is None


async def test_a_new_key_that_is_refused_gives_way_to_the_old_one(
    world: MakeWorld, by: By, caplog: pytest.LogCaptureFixture
) -> None:
    async with world(link=by(1)) as w:
        w.link.admits = only(lambda shown: shown.password == OLD)
        await change(w, "AuthorizationKey", NEW)
        await w.wait(minutes=5)
        assert [shown.password for shown in w.link.shown] == [OLD, *[bytes.fromhex(NEW)] * 3, OLD]
        assert w.daemon.built.station.online
        assert w.alarms() == ["FailedToAuthenticateAtCentralSystem"]
        assert caplog.text.count("did not lead in") == 1
        await w.restart_program()
        assert w.link.shown[-1].password == OLD


async def test_a_new_key_survives_a_power_cut_before_it_was_ever_shown(world: MakeWorld, by: By) -> None:
    async with world(link=by(1)) as w:
        w.link.admits = only(lambda shown: shown.password == bytes.fromhex(NEW))
        await change(w, "AuthorizationKey", NEW)
        await w.power_cut()
        await w.power_back()
        assert w.daemon.built.station.online
        assert w.link.shown[-1].password == bytes.fromhex(NEW)


async def test_a_new_key_that_is_refused_gives_way_also_after_a_restart(world: MakeWorld, by: By) -> None:
    async with world(link=by(1)) as w:
        w.link.admits = only(lambda shown: shown.password == OLD)
        await change(w, "AuthorizationKey", NEW)
        await w.wait(3)
        await w.restart_program()
        assert w.link.shown[-1].password == bytes.fromhex(NEW)
        await w.wait(minutes=5)
        assert w.link.shown[-1].password == OLD
        assert w.daemon.built.station.online


async def test_a_new_key_ends_no_session(world: MakeWorld, by: By) -> None:
    async with world(link=by(1)) as w:
        await w.charge(minutes=1)
        await change(w, "AuthorizationKey", NEW)
        await w.wait(minutes=1)
        assert w.closed()
        await w.unplug()
        await w.until(lambda: bool(w.bills()))
        assert w.bills()[0].energy_wh > 0


async def test_a_password_that_the_installer_has_changed_wins_over_the_key(
    world: MakeWorld, by: By, folder: Path
) -> None:
    async with world(link=by(1)) as w:
        await change(w, "AuthorizationKey", NEW)
        await w.wait(5)
        await w.restart_program()
        assert w.link.shown[-1].password == bytes.fromhex(NEW)
        (folder / "password").write_text("another password of his")
        await w.restart_program()
        assert w.link.shown[-1].password == b"another password of his"


@pytest.mark.parametrize("key", ["0" * 31, "0" * 30, "0" * 42, "a password in plain words", ""])
async def test_what_is_no_key_is_rejected_and_nothing_changes(world: MakeWorld, by: By, key: str) -> None:
    async with world(link=by(1)) as w:
        assert await change(w, "AuthorizationKey", key) == "Rejected"
        await w.wait(minutes=1)
        assert len(w.link.shown) == 1


# --- a higher profile -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)])
async def test_a_higher_profile_is_answered_and_used_on_a_new_link(
    world: MakeWorld, by: By, before: int, after: int
) -> None:
    async with world(link=by(before)) as w:
        w.link.admits = only(lambda shown: shown.security_profile == after)
        assert await change(w, "SecurityProfile", str(after)) == "Accepted"
        await w.wait(8)
        assert [shown.security_profile for shown in w.link.shown] == [before, after]
        assert boots(w) == 2  # by another way: 2.0.1 B10.FR.10
        assert await read(w, "SecurityProfile") == str(after)
        assert w.link.shown[-1].url == ("wss" if after > 1 else "ws") + "://csms/ocpp"
        await w.restart_program()
        assert w.link.shown[-1].security_profile == after
        assert await change(w, "SecurityProfile", str(before)) == "Rejected"


async def test_from_1_by_2_to_3(world: MakeWorld, by: By) -> None:
    async with world(link=by(1, secure_url="wss://secure.csms:8443/ocpp")) as w:
        for profile in ("2", "3"):
            assert await change(w, "SecurityProfile", profile) == "Accepted"
            await w.wait(8)
        assert [shown.security_profile for shown in w.link.shown] == [1, 2, 3]
        assert w.link.shown[-1].url == "wss://secure.csms:8443/ocpp"
        assert w.link.shown[-1].certificate_file is not None
        assert w.link.shown[-1].password == b""


async def test_a_reset_right_after_the_change_comes_back_by_the_higher_profile(world: MakeWorld, by: By) -> None:
    async with world(link=by(1)) as w:
        assert await change(w, "SecurityProfile", "2") == "Accepted"
        assert (await w.ask("Reset", type="Hard"))["status"] == "Accepted"
        await w.until(lambda: w.ending is not None)
        await w.start_program()
        assert w.link.shown[-1].security_profile == 2
        assert boots(w) == 2


async def test_a_higher_profile_that_leads_nowhere_is_given_up_and_nothing_else_is_lost(
    world: MakeWorld, by: By
) -> None:
    async with world(link=by(1)) as w:
        w.link.admits = only(lambda shown: shown.security_profile == 1)
        await change(w, "SecurityProfile", "2")
        await w.wait(minutes=5)
        assert [shown.security_profile for shown in w.link.shown] == [1, 2, 2, 2, 1]
        assert await read(w, "SecurityProfile") == "1"
        assert boots(w) == 1
        await w.restart_program()
        assert w.link.shown[-1].security_profile == 1


async def test_a_profile_that_has_worked_never_falls(world: MakeWorld, by: By) -> None:
    async with world(link=by(1)) as w:
        await change(w, "SecurityProfile", "2")
        await w.wait(8)
        w.link.admits = lambda shown: UNAUTHORIZED
        w.link.drop()
        await w.wait(hours=3)
        assert {shown.security_profile for shown in w.link.shown[1:]} == {2}


async def test_an_address_that_is_taken_out_of_the_file_again_is_missed_and_nothing_falls(
    world: MakeWorld, by: By, caplog: pytest.LogCaptureFixture
) -> None:
    async with world(link=by(1, url="ws://csms:80/ocpp", secure_url="wss://csms:443/ocpp")) as w:
        await change(w, "SecurityProfile", "2")
        await w.wait(8)
        assert w.config.csms is not None
        w.config = replace(w.config, csms=replace(w.config.csms, secure_url=""))
        links = len(w.link.shown)
        await w.restart_program()
        await w.wait(minutes=10)
        assert len(w.link.shown) == links
        assert "add secure_url" in caplog.text


@pytest.mark.parametrize(
    ("before", "wanted", "lacking"),
    [
        (2, "1", {}),
        (2, "2", {}),
        (3, "0", {}),
        (1, "4", {}),
        (1, "two", {}),
        (1, "2", {"root": False}),
        (1, "3", {"root": False}),
        (1, "3", {"certificate": False}),
        (0, "1", {"password_file": None}),
        (0, "2", {"password_file": None}),
        (1, "2", {"url": "ws://csms:8080/ocpp"}),
    ],
)
async def test_what_falls_or_lacks_something_is_rejected(
    world: MakeWorld, by: By, before: int, wanted: str, lacking: dict[str, Any]
) -> None:
    async with world(link=by(before, **lacking)) as w:
        assert await change(w, "SecurityProfile", wanted) == "Rejected"
        await w.wait(minutes=1)
        assert len(w.link.shown) == 1
        assert await read(w, "SecurityProfile") == str(before)


async def test_a_root_that_the_back_office_has_installed_will_do(world: MakeWorld, by: By) -> None:
    async with world(link=by(1, root=False, certificate=False)) as w:
        assert await change(w, "SecurityProfile", "2") == "Rejected"
        assert w.link.access is not None
        w.link.access.certificates.add(Kind.CSMS_ROOT, "a root")  # type: ignore[attr-defined]
        assert await change(w, "SecurityProfile", "2") == "Accepted"


async def test_the_profile_is_read_only_under_2_0_1(folder: Path, by: By) -> None:
    async with a_world("2.0.1", folder, link=by(1)) as w:
        asked = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "SecurityProfile"}}
        answer = await w.ask("SetVariables", setVariableData=[{**asked, "attributeValue": "2"}])
        assert answer["setVariableResult"][0]["attributeStatus"] == "Rejected"


async def test_a_new_password_under_2_0_1(folder: Path, by: By) -> None:
    async with a_world("2.0.1", folder, link=by(1)) as w:
        asked = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
        answer = await w.ask("SetVariables", setVariableData=[{**asked, "attributeValue": "a new password of 25 char"}])
        assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
        await w.wait(5)
        assert w.link.shown[-1].password == b"a new password of 25 char"
        assert w.daemon.built.station.online
