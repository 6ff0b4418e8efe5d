"""What the maker has written about a station: read, checked, and taken over by the installer's configuration."""

import dataclasses
from pathlib import Path

import pytest

from chargepoint.config.factory import (
    Board,
    Factory,
    FactoryStation,
    Maker,
    Ratings,
    as_toml,
    factory_of,
    read,
    read_model,
)
from chargepoint.config.file import check, load
from chargepoint.errors import ConfigMistakes

MODEL = """\
[station]
vendor = "Acme"
model = "Wall 22"

[ratings]
voltage_v = 400
current_a = 32

[maker]
page = "http://cp-{serial_number}.local/"
security_contact = "mailto:psirt@acme.example"
"""

FACTORY = Factory(station=FactoryStation(vendor="Acme", model="Wall 22", serial_number="A-7", operator="Charge & Co"))

OFFICE = '[csms]\nurl = "wss://csms.example.com/ocpp"\n'


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return written(tmp_path, MODEL, "model.toml")


def written(folder: Path, text: str, name: str = "chargepoint.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


# --- the file itself --------------------------------------------------------------------------------------------------


def test_a_model_file_and_a_serial_number_make_a_station(model: Path) -> None:
    factory = read_model(model, "A-7")
    assert factory.station == FactoryStation(vendor="Acme", model="Wall 22", serial_number="A-7")
    assert factory.identity == "A-7"
    assert factory.operator == "Acme"
    assert factory.page == "http://cp-A-7.local/"
    assert factory.ratings == Ratings(voltage_v=400, current_a=32.0, phases=3, frequency_hz="50")


def test_the_labels_address_has_the_name_that_the_image_gives_the_machine(tmp_path: Path) -> None:
    text = MODEL.replace("cp-{serial_number}", "{host_name}")
    assert read_model(written(tmp_path, text, "model.toml"), "A.1_2").page == "http://chargepoint-a-1-2.local/"


def test_what_is_written_is_what_was_meant(tmp_path: Path) -> None:
    factory = Factory(
        station=FactoryStation(
            vendor='A"c\\me', model="Wäll\t22".replace("\t", " "), serial_number="A-7", identity="CP7"
        ),
        ratings=Ratings(voltage_v=230, current_a=16.5, phases=1, ip_code="IP54", ambient="-25 to +40 °C"),
        maker=Maker(address="Street 1\nCity", page="https://x/", support_until="2031-12-31"),
        board=Board(serial_number="0f", mac_address="02:00:00:00:00:01"),
        made_at="2026-11-23T01:00:00Z",
    )
    assert read(written(tmp_path, as_toml(factory))) == factory


def test_a_station_nobody_has_provisioned_has_none(tmp_path: Path) -> None:
    assert factory_of(tmp_path) is None


WRONG = [
    ("[station]\nvendor = 'A'\nmodel = 'B'\nserial_number = '1'\n", 4, "serial_number belongs to one station"),
    ("[station]\nvendor = 'A'\nmodel = 'B'\nidentity = '1'\n", 4, "identity belongs to one station"),
    ("[station]\nvendor = 'A'\n", 1, "model is missing"),
    ("[station]\nvendor = ''\nmodel = 'B'\n", 2, "vendor is empty"),
    ("[station]\nvendor = 'A'\nmodel = 'a model with a long name'\n", 3, "has 24 characters. OCPP has room for 20"),
    ("[station]\nvendor = 'A'\nmodel = 'B'\noperater = 'C'\n", 4, 'Did you mean "operator"?'),
    ("[stations]\nvendor = 'A'\n", 1, 'Did you mean "station"?'),
    ("station = 1\n", 1, '"station" is not a table'),
    (MODEL + "support_until = '31.12.2031'\n", 12, "is no day. Write year, month and day: 2031-12-31."),
    (MODEL + "security_policy = 'acme.example'\n", 12, "is no such address. Begin with https://"),
    (MODEL.replace("= 32", "= 100"), 7, "current_a"),
    (MODEL.replace("= 400", "= 400\nphases = 2"), 7, "Allowed: 1, 3"),
    (MODEL.replace('"Acme"', '"Acme'), 2, "a text that does not end"),
    ("[station]\nvendor = 'A'\nmodel = 'B'\noperator = '" + "x" * 65 + "'\n", 4, "operator has 65 characters"),
]


@pytest.mark.parametrize(("text", "line", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_a_mistake_in_a_model_file_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigMistakes) as raised:
        read_model(written(tmp_path, text), "A-7")
    told = [str(finding) for finding in raised.value.findings]
    assert any(finding.startswith(f"line {line}: ") and said in finding for finding in told), told


@pytest.mark.parametrize("serial", ["", " ", "A 7", "A/7", "A:7", "A" * 26, "A\n7", "Ä?"])
def test_a_serial_number_that_ocpp_or_a_web_address_cannot_hold_is_refused(model: Path, serial: str) -> None:
    with pytest.raises(ConfigMistakes, match="serial_number"):
        read_model(model, serial)


def test_a_name_at_the_back_office_is_checked_too(model: Path) -> None:
    assert read_model(model, "A-7", identity="C" * 48).identity == "C" * 48
    for identity in ("C" * 49, "C 7", "a/b"):
        with pytest.raises(ConfigMistakes, match="identity"):
            read_model(model, "A-7", identity=identity)


def test_a_damaged_factory_file_stops_the_start_with_its_name(tmp_path: Path) -> None:
    written(tmp_path, "[station]\nvendor = 'A'\n", "factory.toml")
    with pytest.raises(ConfigMistakes, match=r"factory\.toml"):
        factory_of(tmp_path)


# --- what the configuration takes over --------------------------------------------------------------------------------


def test_on_a_provisioned_station_the_installer_leaves_the_nameplate_out(tmp_path: Path) -> None:
    config = load(written(tmp_path, "[[evse]]\n"), FACTORY)
    assert (config.station.vendor, config.station.model, config.station.serial_number) == ("Acme", "Wall 22", "A-7")


def test_elsewhere_it_is_still_needed(tmp_path: Path) -> None:
    assert any("[station] is missing" in str(finding) for finding in check(written(tmp_path, "[[evse]]\n")))


def test_the_rest_of_the_table_may_stand_alone(tmp_path: Path) -> None:
    config = load(written(tmp_path, '[station]\nhard_reset = "reboot"\n[[evse]]\n'), FACTORY)
    assert (config.station.hard_reset, config.station.serial_number) == ("reboot", "A-7")


def test_what_the_installer_writes_counts_and_a_difference_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, '[station]\nserial_number = "B-1"\nmodel = "Wall 22"\n[[evse]]\n')
    assert load(file, FACTORY).station.serial_number == "B-1"
    finding, *_ = check(file, FACTORY)
    assert finding.warning
    assert str(finding).startswith(
        'line 2: warning: [station] serial_number = "B-1" is not what the factory wrote ("A-7")'
    )


def test_the_name_at_the_back_office_is_the_factorys(tmp_path: Path) -> None:
    file = written(tmp_path, OFFICE + "security_profile = 3\n[[evse]]\n")
    csms = load(file, FACTORY).csms
    assert csms is not None
    assert csms.identity == "A-7"
    other = dataclasses.replace(FACTORY, station=dataclasses.replace(FACTORY.station, identity="CP-7"))
    assert getattr(load(file, other).csms, "identity", "") == "CP-7"


def test_the_password_for_the_back_office_is_the_factorys(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "csms-password").write_text("0123456789abcdef")
    factory = dataclasses.replace(FACTORY, folder=tmp_path)
    csms = load(written(tmp_path, OFFICE + "[[evse]]\n"), factory).csms
    assert csms is not None
    assert csms.password_file == tmp_path / "secrets" / "csms-password"
    of_profile_3 = load(written(tmp_path, OFFICE + "security_profile = 3\n[[evse]]\n"), factory).csms
    assert of_profile_3 is not None
    assert of_profile_3.password_file is None


def test_without_such_a_password_the_installer_has_to_name_one(tmp_path: Path) -> None:
    finding, *_ = check(written(tmp_path, OFFICE + "[[evse]]\n"), dataclasses.replace(FACTORY, folder=tmp_path))
    assert "security_profile = 2 needs a password_file" in str(finding)


@pytest.mark.parametrize("name", ["CpoName", "cponame", '"SecurityCtrlr.OrganizationName"'])
def test_the_operator_stands_in_the_settings_unless_they_say_otherwise(tmp_path: Path, name: str) -> None:
    taken_over = load(written(tmp_path, "[[evse]]\n"), FACTORY).settings
    assert taken_over == {"SecurityCtrlr.OrganizationName": "Charge & Co"}
    said = load(written(tmp_path, f'[[evse]]\n[settings]\n{name} = "Other"\n'), FACTORY).settings
    assert said == {"SecurityCtrlr.OrganizationName": "Other"}


def test_another_factory_file_is_another_configuration(tmp_path: Path) -> None:
    file = written(tmp_path, "[[evse]]\n")
    other = dataclasses.replace(FACTORY, station=dataclasses.replace(FACTORY.station, serial_number="A-8"))
    assert len({load(file, FACTORY).digest, load(file, other).digest}) == 2


@pytest.mark.parametrize("text", ["station = 1\n[[evse]]\n", "csms = []\n[[evse]]\n", "settings = 1\n[[evse]]\n"])
def test_what_is_no_table_is_still_told(tmp_path: Path, text: str) -> None:
    assert any("is not a table" in str(finding) for finding in check(written(tmp_path, text), FACTORY))
