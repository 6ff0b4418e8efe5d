"""A station in a file and back: on a new card, on another station, damaged, foreign, newer; nothing is sent twice."""

import asyncio
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargepoint.app import hold
from chargepoint.backup import sealing
from chargepoint.backup.archive import BadBackup, read
from chargepoint.cli import main
from chargepoint.store.journal import Journal
from chargepoint.store.memory import Memory
from chargepoint.store.snapshot import TABLES_VERSION
from tests.store.given import BOOT, NOON, VERSION_1, charging, ended, record, restore_dump, started

FILE = """[station]
vendor = "Acme"
model = "Wall"
serial_number = "{serial}"
[csms]
url = "wss://csms.example.com"
identity = "CP-{serial}"
password_file = "csms-password"
ca_file = "csms-ca.pem"
[[evse]]
pilot = {{ driver = "mock" }}
contactor = {{ driver = "mock" }}
meter = {{ driver = "mock" }}
"""
PASSPHRASE = "a sentence nobody guesses"
KEY = {"SecurityCtrlr.BasicAuthPassword": {"text": "5eC2e7", "origin": "csms", "file": None}}
PLAIN = {"AlignedDataCtrlr.Interval": {"text": "900", "origin": "csms", "file": None}}
CARDS = {"local": [["04A1", "Accepted"]]}


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LOG2_N", 4)


@dataclass
class Machine:
    """One storage card: state directory and configuration."""

    folder: Path
    serial: str = "A-1"

    def __post_init__(self) -> None:
        self.etc.mkdir(parents=True)
        self.config.write_text(FILE.format(serial=self.serial))
        (self.etc / "csms-password").write_text("in-a-file-5eC2e7")
        (self.etc / "csms-ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def config(self) -> Path:
        return self.etc / "chargepoint.toml"

    def journal(self) -> Journal:
        self.state.mkdir(exist_ok=True)
        return Journal.open(self.state / "chargepoint.db", boot=BOOT, inline=True)

    def memory(self) -> dict[str, Any]:
        journal = self.journal()
        rows = journal.database.read("SELECT space, key, value FROM memory WHERE space <> 'store'")
        journal.database.abandon()
        return {f"{space} {key}": json.loads(value) for space, key, value in rows}

    async def live(self) -> None:
        """A session that is billed, one that is owed, one that runs; cards, settings, secrets, certificates."""
        journal = self.journal()
        memory = Memory(journal.database)
        memory.put("settings", "stored", {**KEY, **PLAIN})
        memory.put("cards", "local", CARDS)
        memory.put("session", "1", {"state": "SUPPLYING"})
        for fact in (started("billed"), ended("billed")):
            (kept,) = await journal.append([record(fact)])
            await journal.deliver(kept.id)
        await journal.append([record(started("owed"), 60.0), record(ended("owed"), 120.0)])
        (start,) = await journal.append([record(started("running"), 180.0)])
        await journal.freeze(start.id, "m-1", "ocpp1.6", "StartTransaction", "{}")
        await journal.append([record(charging("running", 1), 240.0)])
        await journal.close()
        for name, content in {
            "secrets/web-password": "$scrypt$", "secrets/setup-code": "$scrypt$code", "factory.toml": self.factory,
            "certificates/CentralSystemRootCertificate-1.pem": "root",
            "certificates/ChargingStationCertificate-1.pem": "chain of its own",
            "certificates/ChargingStationCertificate-1.key": "private",
            "logs/security-00000001.log": "security", "logs/log-00000001.log": "chatter", "alive": "mark",
            "guard-latches.json": "latched", "transfers/firmware.download": "half",
        }.items():  # fmt: skip
            (self.state / name).parent.mkdir(exist_ok=True)
            (self.state / name).write_text(content)

    @property
    def factory(self) -> str:
        return f'[station]\nvendor = "Acme"\nmodel = "Wall"\nserial_number = "{self.serial}"\n'


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(machine: Machine, *words: str | Path) -> tuple[int, str, str]:
        status = main([*map(str, words), "--state", str(machine.state), "--config", str(machine.config)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_command


@pytest.fixture
def old(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / "old")
    asyncio.run(machine.live())
    return machine


@pytest.fixture
def new(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / "new")
    machine.config.write_text("[station]\n")
    return machine


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[str | Path, ...]:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    return "--with-secrets", "--passphrase-file", tmp_path / "passphrase"


# --- making -----------------------------------------------------------------------------------------------------------


async def test_without_a_passphrase_no_secret_is_in_the_file(old: Machine, run: Run, tmp_path: Path) -> None:
    status, out, err = run(old, "backup", tmp_path / "b")
    assert (status, "without secrets" in out, err) == (0, True, "")
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    backup = read(tmp_path / "b")
    everything = b"".join(backup.parts.values())
    for secret in (b"5eC2e7", b"$scrypt", b"private", b"chain of its own", b"chatter", b"half", b"latched"):
        assert secret not in everything, secret
    for kept in (b"04A1", b"root", b"security", b"wss://csms.example.com", b"BEGIN CERTIFICATE"):
        assert kept in everything, kept
    assert backup.about["station"] == {"serial_number": "A-1", "identity": "CP-A-1"}
    assert backup.about["running"] is False


async def test_it_is_made_while_the_daemon_writes(old: Machine, run: Run, tmp_path: Path) -> None:
    claim = hold(old.state)
    journal = old.journal()
    await journal.append([record(started("just begun", evse=2), 300.0)])
    status, _, _ = run(old, "backup", tmp_path / "b")
    assert (status, read(tmp_path / "b").about["running"]) == (0, True)
    await journal.close()
    del claim


async def test_what_lies_elsewhere_is_told(old: Machine, run: Run, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    old.config.write_text(old.config.read_text().replace('"csms-ca.pem"', f'"{tmp_path}/ca.pem"'))
    assert "ca.pem (ca_file) lies elsewhere" in run(old, "backup", tmp_path / "b")[2]


async def test_a_file_that_is_there_is_not_overwritten(old: Machine, run: Run, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("precious")
    assert run(old, "backup", tmp_path / "b")[0] == 1
    assert (tmp_path / "b").read_text() == "precious"


async def test_a_stick_that_is_not_mounted_is_not_made_up_on_the_card(old: Machine, run: Run, tmp_path: Path) -> None:
    status, out, err = run(old, "backup", tmp_path / "stick" / "b")
    assert (status, out) == (1, "")
    assert f"there is no folder {tmp_path / 'stick'}" in err
    assert "Is the stick mounted?" in err
    assert not (tmp_path / "stick").exists()


async def test_a_short_passphrase_is_refused(old: Machine, run: Run, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("secret")
    status, _, err = run(old, "backup", tmp_path / "b", "--with-secrets", "--passphrase-file", tmp_path / "short")
    assert (status, "under 12 characters" in err) == (1, True)


# --- on a new card ----------------------------------------------------------------------------------------------------


async def test_everything_is_back_on_a_new_card(
    old: Machine, new: Machine, run: Run, sealed: tuple[str | Path, ...], tmp_path: Path
) -> None:
    assert run(old, "backup", tmp_path / "b", *sealed)[0] == 0
    status, out, err = run(new, "restore", tmp_path / "b", *sealed)
    assert (status, err) == (0, "")
    assert "must not run any more" in out
    assert new.config.read_text() == old.config.read_text()
    assert (new.etc / "chargepoint.toml.before").read_text() == "[station]\n"
    assert (new.etc / "csms-password").read_text() == "in-a-file-5eC2e7"
    for name in ("secrets/web-password", "secrets/setup-code", "factory.toml", "logs/security-00000001.log",
                 "certificates/ChargingStationCertificate-1.key"):  # fmt: skip
        assert (new.state / name).read_bytes() == (old.state / name).read_bytes()
    memory = new.memory()
    assert memory["uptime restored"] == read(tmp_path / "b").about["made_at"]
    assert memory["settings stored"] == {**KEY, **PLAIN}
    assert memory["cards local"] == CARDS
    journal = new.journal()
    assert [session["id"] for session in journal.sessions(9)] == ["running", "owed", "billed"]
    await journal.close()


async def test_nothing_that_was_owed_is_sent_again(old: Machine, new: Machine, run: Run, tmp_path: Path) -> None:
    run(old, "backup", tmp_path / "b")
    assert run(new, "restore", tmp_path / "b")[0] == 0
    journal = new.journal()
    assert (journal.undelivered_count(), journal.open_transactions(), journal.open_business) == (0, [], False)
    assert journal.record_of_message("m-1") is None
    letters = journal.dead_letters()
    assert len(letters) == 4

    assert "may have been sent since" in letters[0].why
    running = journal.session("running")
    assert running is not None
    assert (running["reason"], running["delivered"]) == ("Other", False)
    assert running["ended_at"] == NOON + timedelta(seconds=240)
    (kept,) = await journal.append([record(started("next"), 400.0)])
    assert kept.id > max(letter.record.id for letter in letters if letter.record)
    await journal.close()
    assert "session 1" not in new.memory()


async def test_a_station_that_has_not_run_since_goes_on(old: Machine, new: Machine, run: Run, tmp_path: Path) -> None:
    run(old, "backup", tmp_path / "b")
    assert run(new, "restore", tmp_path / "b", "--resume")[0] == 0
    journal = new.journal()
    assert (journal.undelivered_count(), len(journal.open_transactions())) == (4, 1)
    await journal.close()


async def test_a_station_that_ran_meanwhile_cannot_go_on(old: Machine, new: Machine, run: Run, tmp_path: Path) -> None:
    claim = hold(old.state)
    run(old, "backup", tmp_path / "b")
    status, _, err = run(new, "restore", tmp_path / "b", "--resume")
    assert (status, "may have sent since" in err, new.state.exists()) == (1, True, True)
    assert not (new.state / "chargepoint.db").exists()
    del claim


async def test_latches_of_the_hardware_stay_as_they_are(old: Machine, new: Machine, run: Run, tmp_path: Path) -> None:
    new.state.mkdir()
    (new.state / "guard-latches.json").write_text("welded")
    run(old, "backup", tmp_path / "b")
    run(new, "restore", tmp_path / "b")
    assert (new.state / "guard-latches.json").read_text() == "welded"


async def test_an_older_versions_backup_is_brought_up_to_date(new: Machine, run: Run, tmp_path: Path) -> None:
    old = Machine(tmp_path / "older")
    old.state.mkdir()
    restore_dump(VERSION_1, old.state / "chargepoint.db")
    run(old, "backup", tmp_path / "b")
    assert run(new, "restore", tmp_path / "b")[0] == 0
    journal = new.journal()
    assert [session["id"] for session in journal.sessions(9)] == ["third", "second", "first"]
    assert journal.database.read("PRAGMA user_version") == [(TABLES_VERSION,)]
    await journal.close()


# --- what is refused --------------------------------------------------------------------------------------------------


async def test_not_while_a_daemon_runs(old: Machine, run: Run, tmp_path: Path) -> None:
    run(old, "backup", tmp_path / "b")
    claim = hold(old.state)
    assert run(old, "restore", tmp_path / "b")[0] == 5
    del claim


async def test_another_stations_backup_is_explained(old: Machine, run: Run, tmp_path: Path) -> None:
    other = Machine(tmp_path / "other", "B-2")
    run(old, "backup", tmp_path / "b")
    status, _, err = run(other, "restore", tmp_path / "b")
    assert status == 1
    assert "it is of station A-1, and this is B-2" in err
    assert "--other-station only cards and settings" in err
    assert not (other.state / "chargepoint.db").exists()


async def test_of_another_station_cards_and_settings_are_taken_and_nothing_else(
    old: Machine, run: Run, sealed: tuple[str | Path, ...], tmp_path: Path
) -> None:
    other = Machine(tmp_path / "other", "B-2")
    config = other.config.read_text()
    run(old, "backup", tmp_path / "b", *sealed)
    status, out, _ = run(other, "restore", tmp_path / "b", "--other-station", *sealed)
    assert (status, "taken over: cards: local" in out) == (0, True)
    assert other.memory() == {"settings stored": PLAIN, "cards local": CARDS}
    assert other.config.read_text() == config
    assert not (other.state / "factory.toml").exists()
    assert not (other.state / "secrets").exists()


async def test_a_wrong_passphrase_changes_nothing(
    old: Machine, new: Machine, run: Run, sealed: tuple[str | Path, ...], tmp_path: Path
) -> None:
    run(old, "backup", tmp_path / "b", *sealed)
    (tmp_path / "passphrase").write_text("another sentence")
    status, _, err = run(new, "restore", tmp_path / "b", *sealed)
    assert (status, "the passphrase is not the one" in err) == (1, True)
    assert not (new.state / "chargepoint.db").exists()


async def test_sealed_secrets_prove_the_rest_of_the_file(
    old: Machine, new: Machine, run: Run, sealed: tuple[str | Path, ...], tmp_path: Path
) -> None:
    """Somebody has put another configuration into it, and made the checksums right."""
    from chargepoint.backup.archive import packed

    run(old, "backup", tmp_path / "b", *sealed)
    backup = read(tmp_path / "b")
    forged = replace(backup, parts={**backup.parts, "config/chargepoint.toml": b'[csms]\nurl = "ws://evil"\n'})
    (tmp_path / "forged").write_bytes(
        packed(replace(forged, how={k: v for k, v in backup.how.items() if k not in ("size", "sha256")}))
    )
    status, _, err = run(new, "restore", tmp_path / "forged", *sealed)
    assert (status, "somebody has changed the backup" in err) == (1, True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(share=st.floats(0, 0.999))
def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path, share: float) -> None:
    whole = tmp_path / "whole"
    if not whole.exists():
        machine = Machine(tmp_path / "old")
        asyncio.run(machine.live())
        assert main(["backup", str(whole), "--state", str(machine.state), "--config", str(machine.config)]) == 0
    content = whole.read_bytes()
    (tmp_path / "cut").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BadBackup):
        read(tmp_path / "cut")


@pytest.mark.parametrize("name", ["../etc/shadow", "state/../../x", "/etc/shadow", "state/.hidden", "secrets.sealed"])
def test_a_part_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    manifest = {"format": 1, "about": {}, "files": {name: {"size": 0, "sha256": digest}}, "secrets": None}
    write_tar(tmp_path / "b", {"manifest.json": json.dumps(manifest).encode(), name: b""})
    if name != "secrets.sealed":
        with pytest.raises(BadBackup, match="does not belong there"):
            read(tmp_path / "b")


def test_a_tar_bomb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    files = {"state/chargepoint.db": {"size": 1 << 40, "sha256": ""}}
    manifest = {"format": 1, "about": {}, "files": files, "secrets": None}
    write_tar(tmp_path / "b", {"manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(BadBackup, match="too large"):
        read(tmp_path / "b")


@pytest.mark.parametrize(("format_", "said"), [(2, "a newer version"), ("x", "damaged"), (None, "damaged")])
def test_a_manifest_of_tomorrow_or_of_nobody(tmp_path: Path, format_: Any, said: str) -> None:
    manifest = {"format": format_, "about": {}, "files": {}, "secrets": None}
    write_tar(tmp_path / "b", {"manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(BadBackup, match=said):
        read(tmp_path / "b")


async def test_tables_of_tomorrow_are_refused(old: Machine, new: Machine, run: Run, tmp_path: Path) -> None:
    from chargepoint.backup.archive import packed

    run(old, "backup", tmp_path / "b")
    backup = read(tmp_path / "b")
    newer = replace(backup, about={**backup.about, "tables": TABLES_VERSION + 1, "program": "9.9"})
    (tmp_path / "newer").write_bytes(packed(newer))
    status, _, err = run(new, "restore", tmp_path / "newer")
    assert (status, "version 9.9 of this program has made it" in err) == (1, True)


async def test_a_disk_without_room_leaves_what_was(
    old: Machine, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chargepoint.provisioning import commit

    run(old, "backup", tmp_path / "b")
    before = {file: file.read_bytes() for file in old.state.rglob("*") if file.is_file()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(commit, "write_whole", full)
    status, _, err = run(old, "restore", tmp_path / "b")
    assert (status, "No space left" in err) == (1, True)
    after = {file: file.read_bytes() for file in before if file.exists()}
    assert after == before


def write_tar(file: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


# --- factory reset ----------------------------------------------------------------------------------------------------


def what_is_left(machine: Machine) -> set[str]:
    return {str(file.relative_to(machine.state)) for file in machine.state.rglob("*") if file.is_file()}


async def closed(machine: Machine) -> None:
    journal = machine.journal()
    await journal.append([record(ended("running"), 300.0)])
    await journal.close()


async def test_a_factory_reset_leaves_the_station_and_what_protects_people(old: Machine, run: Run) -> None:
    await closed(old)
    (old.state / "certificates/ChargingStationCertificate-2.pem").write_text("the back office's")
    config = old.config.read_text()
    assert run(old, "factory-reset", "--yes")[0] == 0
    assert what_is_left(old) == {
        "factory.toml", "secrets/setup-code", "guard-latches.json", "daemon.lock",
        "certificates/ChargingStationCertificate-1.pem", "certificates/ChargingStationCertificate-1.key",
    }  # fmt: skip
    assert old.config.read_text() == config
    assert old.memory() == {}


async def test_a_station_without_a_maker_keeps_no_credentials(old: Machine, run: Run) -> None:
    await closed(old)
    (old.state / "factory.toml").unlink()
    (old.state / "secrets/csms-password").write_text("x")
    assert run(old, "factory-reset", "--yes")[0] == 0
    assert what_is_left(old) == {"guard-latches.json", "daemon.lock"}


async def test_not_with_an_open_session(old: Machine, run: Run) -> None:
    status, _, err = run(old, "factory-reset", "--yes")
    assert (status, "a session is open" in err) == (1, True)
    assert (old.state / "secrets/web-password").exists()


async def test_nobody_who_could_be_asked_has_agreed(old: Machine, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    await closed(old)
    monkeypatch.setattr("chargepoint.cli.keeping._agreed", lambda owed: owed == 0)
    assert run(old, "factory-reset")[0] == 1
    assert (old.state / "secrets/web-password").exists()


async def test_a_power_cut_in_a_reset_that_was_asked_for(old: Machine) -> None:
    from chargepoint.factoryreset import ask, carry_out_if_asked

    assert not carry_out_if_asked(old.state)
    ask(old.state)
    assert carry_out_if_asked(old.state)
    assert not carry_out_if_asked(old.state)
    assert "chargepoint.db" not in what_is_left(old)
