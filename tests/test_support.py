"""The support bundle: everything that helps, and no secret and no card, wherever somebody has left it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core.facts import Token
from chargepoint.demo.authority import Authority
from chargepoint.records import support
from chargepoint.records.scrubbing import Scrubber
from chargepoint.records.support import Bundle
from chargepoint.store.journal import Journal
from chargepoint.store.memory import Memory
from chargepoint.store.ring import Ring
from chargepoint.timewindow import TimeWindow
from tests.store.given import BOOT, NOON, ended, record, started

CARD, GUEST, ODD = "04A1B2C3D4E5F6", "DEADBEEF00", "DE*ABC*C00123*4"
PLANTED = {
    "the page's password": "tr0ub4dor&3-page",
    "the back office's password": "0f8c-back-office-secret",
    "the broker's password": 'mqtt "quoted" passw\u00f6rd',
    "a password in an address": "url-secret@1",
    "a password on the station, in hex": "stored-key-of-the-csms",
    "a secret of a driver's table": "an-api-token-1234567",
    "a key of a network profile": "vpn-psk-xyz-987",
    "something in the secrets folder": "left-here-by-hand-55",
}


def secrets_of_office() -> str:
    return PLANTED["the back office's password"]


class Site:
    """A station's files, full of secrets in every place that somebody may leave one."""

    def __init__(self, folder: Path) -> None:
        self.state, self.config = folder / "state", folder / "chargepoint.toml"
        (self.state / "secrets").mkdir(parents=True)
        (self.state / "certificates").mkdir()
        secrets = PLANTED
        for name, content in (
            ("web-password", secrets["the page's password"]),
            ("csms-password", secrets["the back office's password"] + "\n"),
            ("mqtt-password", secrets["the broker's password"]),
            ("old.txt", f"remember:\n{secrets['something in the secrets folder']}\n"),
        ):
            (self.state / "secrets" / name).write_text(content, encoding="utf-8")
        self.signed = Authority(folder).sign("localhost")
        self.key = self.signed.key.read_text()
        (self.state / "certificates" / "station.key").write_text(self.key)
        self.config.write_text(
            f"""[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"
[csms]
url = "wss://user:{quote(secrets["a password in an address"], safe="")}@csms.example.com/ocpp"
identity = "CP1"
password_file = "{self.state}/secrets/csms-password"
key_file = "{self.signed.key}"
certificate_file = "{self.signed.certificate}"
[[evse]]
meter = {{ driver = "mock", api_token = "{secrets["a secret of a driver's table"]}" }}
[mqtt]
url = "mqtt://broker"
username = "wallbox"
password_file = "{self.state}/secrets/mqtt-password"
""",
            encoding="utf-8",
        )
        self._store()
        self._log()

    def _store(self) -> None:
        journal = Journal.open(self.state / "chargepoint.db", boot=BOOT, inline=True)
        memory = Memory(journal.database)
        hidden = PLANTED["a password on the station, in hex"]
        profile = json.dumps({"ocppCsmsUrl": "wss://x", "vpn": {"key": PLANTED["a key of a network profile"]}})
        memory.put("settings", "stored", {
            "SecurityCtrlr.BasicAuthPassword": {"text": hidden, "origin": "csms", "file": None},
            "InternalCtrlr.NetworkProfile": {"text": profile, "origin": "csms", "file": None},
        })  # fmt: skip
        memory.put("network", "trial", {"trial": [[profile, "csms", None], [hidden.encode().hex(), "csms", None]]})
        memory.put("cards", "csms", {"cards": [{"id": GUEST, "type": None}, {"id": ODD, "type": None}], "version": 1})

        async def enter() -> None:
            await journal.append([record(started("tx-1", token=Token(CARD))), record(ended("tx-1"), 3600.0)])
            [first, *_] = journal.undelivered()
            told = json.dumps({"idTag": CARD, "connectorId": 1, "vendorKey": PLANTED["the page's password"]})
            await journal.freeze(first.id, "m-1", "ocpp1.6", "StartTransaction", told)
            await journal.bury(first.id, f"refused by wss://u:{PLANTED['a password in an address']}@csms")

        asyncio.run(enter())
        journal.database.abandon()

    def _log(self) -> None:
        ring = Ring(self.state / "logs", "log")
        for number, secret in enumerate(PLANTED.values()):
            ring.append(NOON + timedelta(minutes=number), f"INFO    somebody: connecting with {secret} failed")
        login = base64.b64encode(b"CP1:" + secrets_of_office().encode()).decode()
        ring.append(NOON, f"DEBUG   x: Authorization: Basic {login}\n{self.key}")
        ring.append(NOON, f"INFO    x: card {CARD.lower()} and …E5F6, idTag={GUEST}; {ODD} password=hunter2hunter2")
        Ring(self.state / "logs", "security").append(
            NOON, f"InvalidCsms: https://a:{PLANTED['a password in an address']}@b"
        )

    def bundle(self, **more: object) -> dict[str, str]:
        return unpacked(Bundle(self.config, self.state, **more).made())  # type: ignore[arg-type]


def unpacked(bundle: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        return {name.partition("/")[2]: packed.read(name).decode() for name in packed.namelist()}


LIVE = {
    "status.json": {"evses": [{"session": {"token": "…E5F6"}}]},
    "settings.json": {"AuthorizationKey": PLANTED["a password on the station, in hex"]},
    "metrics.txt": "chargepoint_info 1\n",
    "doctor.json": [{"found": f"ws://u:{PLANTED['a password in an address']}@x"}],
}
FRAMES = [
    ("2026-11-23T12:00:00Z", "out", json.dumps([2, "1", "Authorize", {"idTag": CARD}])),
    ("2026-11-23T12:00:01Z", "in", '[2, "2", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "x9"}]'),
    ("2026-11-23T12:00:02Z", "out", json.dumps([2, "3", "Authorize", {"idTag": "A-STRANGER-77"}])),
    ("2026-11-23T12:00:03Z", "in", "[" * 5000),
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def told(site: Site) -> dict[str, str]:
    return site.bundle(live=LIVE, frames=FRAMES)


@pytest.mark.parametrize("where", PLANTED)
def test_a_secret_is_nowhere_in_the_bundle(told: dict[str, str], where: str) -> None:
    secret = PLANTED[where]
    forms = (secret, quote(secret, safe=""), secret.encode().hex(), json.dumps(secret)[1:-1])
    for name, text in told.items():
        for form in forms:
            assert form not in text, f"{where} in {name}"


def test_a_login_in_base64_is_nowhere_in_the_bundle(told: dict[str, str]) -> None:
    raw = PLANTED["the back office's password"].encode()
    for before in (b"", b"C", b"CP", b"CP1:"):
        packed = base64.b64encode(before + raw).decode().rstrip("=")
        core = packed[len(packed) // 2 - 5 : len(packed) // 2 + 5]
        assert all(core not in text for text in told.values())


def test_no_line_of_a_private_key_is_in_the_bundle(site: Site, told: dict[str, str]) -> None:
    for line in site.key.splitlines()[1:-1]:
        assert all(line not in text for text in told.values())


@pytest.mark.parametrize("card", [CARD, CARD.lower(), GUEST, ODD, "E5F6", "A-STRANGER-77", "hunter2"])
def test_no_card_is_in_the_bundle(told: dict[str, str], card: str) -> None:
    for name, text in told.items():
        assert card not in text, name


def test_one_card_is_the_same_one_everywhere(told: dict[str, str]) -> None:
    (label,) = re.findall(r"card-\w{8}", json.dumps(json.loads(told["sessions.json"])[0]))
    assert label in told["frames.txt"].splitlines()[0]
    assert told["log.txt"].count(label) == 2  # whole, and as it had been masked
    assert label in told["status.json"]
    assert label in told["given-up.json"]
    assert len(set(re.findall(r"card-\w{8}", "".join(told.values())))) == 4


def test_in_another_bundle_it_is_another_one(site: Site, told: dict[str, str]) -> None:
    labels = set(re.findall(r"card-\w{8}", "".join(told.values())))
    assert not labels & set(re.findall(r"card-\w{8}", "".join(site.bundle().values())))


def test_what_helps_is_in_it(told: dict[str, str]) -> None:
    assert "made" in told["README.txt"]
    assert 'vendor = "Acme"' in told["configuration.toml"]
    assert "password_file" in told["configuration.toml"]
    assert '"api_token" is not an option' in told["configuration-check.txt"]
    assert json.loads(told["sessions.json"])[0]["energy_wh"] == 3500.0
    assert "StartTransaction" in {letter["action"] for letter in json.loads(told["given-up.json"])}
    store = json.loads(told["store.json"])
    assert (store["rows"]["transactions"], store["check"], store["trouble"]) == (1, ["ok"], "")
    assert "Python 3" in told["versions.txt"]
    assert re.search(r"^pilot +gpio +chargepoint", told["drivers.txt"], re.MULTILINE)
    assert "MiB free" in told["machine.txt"]
    assert "lo: " in told["network.txt"]
    assert "-rw" in told["files.txt"]
    assert "csms-password" in told["files.txt"]
    assert told["metrics.txt"] == "chargepoint_info 1\n\n"
    assert "unreadable, 5000 characters" in told["frames.txt"]


def test_the_log_can_be_cut_to_a_time(site: Site) -> None:
    window = TimeWindow(NOON + timedelta(minutes=2), NOON + timedelta(minutes=4))
    assert len(site.bundle(window=window)["log.txt"].splitlines()) == 2


def test_a_station_of_which_nothing_is_left_makes_a_bundle_too(tmp_path: Path) -> None:
    told = unpacked(Bundle(tmp_path / "none.toml", tmp_path / "gone").made())
    assert "there is no chargepoint.db" in told["store.json"]
    assert "there is no" in told["configuration.toml"]


def test_a_database_that_is_none_is_told_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "chargepoint.db").write_bytes(b"no database at all" * 500)
    told = unpacked(Bundle(tmp_path / "none.toml", tmp_path).made())
    assert "not a database" in json.loads(told["store.json"])["trouble"]


def test_a_bundle_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "PART_BYTES", 10_000)
    (tmp_path / "logs").mkdir()
    ring = Ring(tmp_path / "logs" / "..", "log")
    ring = Ring(tmp_path / "logs", "log")
    for number in range(500):
        ring.append(NOON, f"line {number} " + "x" * 60)
    told = unpacked(Bundle(tmp_path / "none.toml", tmp_path).made())
    assert len(told["log.txt"]) < 11_000
    assert "line 499" in told["log.txt"]
    assert told["log.txt"].startswith("(the beginning is left out)")


# --- scrubbing --------------------------------------------------------------------------------------------------------


@given(st.text(min_size=4, max_size=40), st.text(max_size=30), st.text(max_size=30))
def test_a_known_secret_never_comes_through(secret: str, before: str, after: str) -> None:
    scrubber = Scrubber(b"k" * 32, [secret])
    assert secret not in scrubber.text(f"{before} {secret} {after}").replace("•••", "")


@given(st.text("0123456789ABCDEF", min_size=8, max_size=20))
def test_a_known_card_never_comes_through(card: str) -> None:
    scrubber = Scrubber(b"k" * 32, tokens=[card])
    told = scrubber.text(f"idTag={card}, ({card.lower()}) …{card[-4:]} {json.dumps({'idTag': card})}")
    assert card not in told.upper().replace(scrubber.label(card).upper(), "")
    assert told.count(scrubber.label(card)) == 4


@pytest.mark.parametrize(
    "text",
    ["mqtt://u:pw12345@broker", "password = 'pw12345'", '"basicAuthPassword": "pw12345"', "AuthorizationKey=pw12345",
     "Basic cHcxMjM0NXB3MTIzNDU=", "psk=pw12345"],
)  # fmt: skip
def test_what_looks_like_a_secret_is_taken_for_one(text: str) -> None:
    told = Scrubber(b"k" * 32).text(text)
    assert "pw12345" not in told
    assert "cHcxMjM0" not in told


def test_ordinary_words_stay() -> None:
    text = 'evse=1 charging, 16.0 A\npassword_file = "/var/lib/secrets/page"\nhttps://example.com/a@b\n'
    assert Scrubber(b"k" * 32, ["s3cret"], [CARD]).text(text) == text


def test_many_cards_and_a_long_log_take_no_minute() -> None:
    tokens = [f"{n:014X}" for n in range(20_000)]
    scrubber = Scrubber(b"k" * 32, [], tokens)
    began = datetime.now(UTC)
    told = scrubber.text("\n".join(f"evse=1 card {token} accepted and went on" for token in tokens))
    assert tokens[777] not in told
    assert (datetime.now(UTC) - began).total_seconds() < 10
