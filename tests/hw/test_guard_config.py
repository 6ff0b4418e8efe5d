"""The guard reads its own sections of the file, and names everything that is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hw.api import PilotLevels, Sensors
from hw.gpio.residual import TESTED_WITHIN_S
from hw.guard.config import ConfigWrong, Section, _spec, build, read_config
from tests.hw.gpio_wires import MockWires


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "chargepoint.toml"
    path.write_text(text)
    return path


def test_an_evse_without_a_word_is_simulated_whole(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, "[[evse]]\n[[evse]]\noutlet = 'cable'\nphases = 1\nmax_current_a = 32\n"))

    socket, cable = build(config, tmp_path)

    assert not config.switches_mains
    assert (socket.spec.evse, socket.spec.socket, socket.spec.lock, socket.lock is not None) == (1, True, True, True)
    assert (cable.spec.evse, cable.spec.socket, cable.lock, cable.spec.phases) == (2, False, None, 1)
    assert (socket.spec.max_current_a, cable.spec.max_current_a) == (16.0, 32.0)


def test_a_socket_with_a_pilot_and_no_lock_has_none(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, "[[evse]]\npilot = { driver = 'mock' }\n"))

    (evse,) = build(config, tmp_path)

    assert (evse.lock, evse.spec.lock) == (None, False)


def test_sensors_lamps_and_a_phase_contactor_are_built_where_they_are_named(tmp_path: Path) -> None:
    text = (
        "[[evse]]\nsensors = { driver = 'mock' }\nindicator = { driver = 'mock' }\n"
        "phase_contactor = { driver = 'mock' }\nphase_switching = true\nphase_pause_s = 60\n[[evse]]\n"
    )

    one, other = build(read_config(written(tmp_path, text)), tmp_path)

    assert None not in (one.sensors, one.indicator, one.phase_contactor)
    assert (other.sensors, other.indicator, other.phase_contactor) == (None, None, None)
    assert (one.spec.phase_switching, one.spec.phase_pause_s) == (True, 60.0)
    assert one.phase_contactor is not None
    one.phase_contactor.switch(True)
    assert one.contactor.feedback() is False  # another coil than the contactor's


def test_the_stations_sensors_are_one_board_for_all(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, "[sensors]\ndriver = 'mock'\n[[evse]]\n[[evse]]\n"))

    one, other = build(config, tmp_path)

    assert one.station_sensors is not None
    assert one.station_sensors is other.station_sensors


def test_what_cars_may_do_is_read(tmp_path: Path) -> None:
    text = "[[evse]]\n[[evse]]\nventilation = true\nsimplified_cars = false\nwake_up = true\n"

    shy, bold = (evse.spec for evse in build(read_config(written(tmp_path, text)), tmp_path))

    assert (shy.ventilation, shy.simplified_cars, shy.wake_up) == (False, True, False)
    assert (bold.ventilation, bold.simplified_cars, bold.wake_up) == (True, False, True)


class Controller:
    """Pilot and contactor in one."""

    switches_itself = True

    def levels(self) -> PilotLevels:
        return PilotLevels(12.0, None)

    def sensors(self) -> Sensors:
        return Sensors()

    def offer(self, duty: float) -> None: ...
    def test_residual_current(self) -> None: ...
    def switch(self, closed: bool) -> None: ...
    def feedback(self) -> bool | None:
        return False

    def close(self) -> None: ...


def test_a_controller_that_switches_by_itself_is_its_own_contactor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "[[evse]]\noutlet = 'cable'\npilot = { driver = 'rapi' }\n"
    monkeypatch.setattr("hw.guard.config.check", lambda *about: [])
    monkeypatch.setattr("hw.guard.config.load", lambda *about: Controller())

    (evse,) = build(read_config(written(tmp_path, text)), tmp_path)

    assert evse.spec.self_switching
    assert not evse.spec.cuttable


@pytest.mark.parametrize("driver", ["rapi", "simpleevse"])
@pytest.mark.parametrize("contactor", ["gpio', line = 17", "mock'"])
def test_a_controller_that_switches_by_itself_and_another_contactor_do_not_go_together(
    tmp_path: Path, driver: str, contactor: str
) -> None:
    text = f"[[evse]]\noutlet = 'cable'\npilot = {{ driver = '{driver}', port = '/dev/ttyUSB0' }}\n"

    with pytest.raises(ConfigWrong) as wrong:
        read_config(written(tmp_path, text + f"contactor = {{ driver = '{contactor} }}\n"))

    assert str(wrong.value) == (
        f'[evse.1] a pilot with driver = "{driver}" switches its own contactor, and never with another one. '
        "Take contactor away: its coil hangs on the controller's relay."
    )


def test_a_pilot_that_switches_nothing_needs_a_contactor(tmp_path: Path) -> None:
    with pytest.raises(ConfigWrong) as wrong:
        read_config(written(tmp_path, "[[evse]]\npilot = { driver = 'gpio' }\n"))

    assert str(wrong.value) == (
        '[evse.1] contactor is missing, and a pilot with driver = "gpio" has none of its own. '
        'Add contactor = { driver = "…" }.'
    )


class SlowController(Controller):
    """Its residual-current device takes its time."""

    selftest_s = 37.0


class EndlessController(Controller):
    """It asks for more than anybody waits."""

    selftest_s = 3600.0


@pytest.mark.parametrize(
    ("controller", "seconds"), [(Controller, 2.0), (SlowController, 37.0), (EndlessController, 60.0)]
)
def test_a_controller_may_say_how_long_its_self_test_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, controller: type[Controller], seconds: float
) -> None:
    text = "[[evse]]\noutlet = 'cable'\npilot = { driver = 'rapi' }\n"
    monkeypatch.setattr("hw.guard.config.check", lambda *about: [])
    monkeypatch.setattr("hw.guard.config.load", lambda *about: controller())

    (evse,) = build(read_config(written(tmp_path, text)), tmp_path)

    assert evse.spec.selftest_s == seconds


def test_so_may_a_sensor_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MockWires(monkeypatch)
    text = "[[evse]]\nsensors = { driver = 'gpio', residual_line = 22, residual_test_line = 24 }\n"

    (evse,) = build(read_config(written(tmp_path, text)), tmp_path)

    assert evse.spec.selftest_s == TESTED_WITHIN_S


def test_a_controller_may_own_its_contactor_and_counts_as_switching_mains() -> None:
    assert Section(pilot={"driver": "rapi"}).switches_mains
    assert Section(contactor={"driver": "gpio"}).switches_mains
    assert not Section(pilot={"driver": "mock"}).switches_mains


def test_what_is_the_daemons_is_passed_over(tmp_path: Path) -> None:
    text = (
        "[station]\nvendor = 3\n[[evse]]\nmeter = { driver = 'nonsense' }\nfallback_a = 'x'\nphase_rotation = 'RST'\n"
    )

    assert len(read_config(written(tmp_path, text)).sections) == 1


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ["there is no [[evse]] table. Add one for every outlet."]),
        ("sensors = 3\n[[evse]]", ['"sensors" is not a table. Write [sensors], in single brackets.']),
        (
            "[sensors]\ndriver = 'mocks'\n[[evse]]\nphases = 1\nphase_switching = true\n",
            [
                '[evse.1] phase_switching = true needs a second contactor. Add phase_contactor = { driver = "…" }.',
                "[evse.1] phase_switching = true makes no sense with one phase. Write phases = 3, or take it away.",
                '[sensors] driver = "mocks" is not an installed sensors driver. Did you mean "mock"?',
            ],
        ),
        ("evse = 3", ['"evse" is not a list of tables. Write [[evse]], with two brackets.']),
        ("[evse]\nphases = 3", ['"evse" is not a list of tables. Write [[evse]], with two brackets.']),
        (
            "[[evse]]\nmax_current_a = 100\nphases = 2\n[[evse]]\noutlet = 'tube'\npilot = { driver = 'moc' }\n",
            [
                "[evse.1] max_current_a = 100 is out of range. Allowed: 6 to 80.",
                "[evse.1] phases = 2 is not one of the choices. Allowed: 1, 3.",
                '[evse.2] outlet = "tube" is not one of the choices. Allowed: "socket", "cable".',
            ],
        ),
        (
            "[[evse]]\npilot = { driver = 'mock', line = 3 }\ncontactor = { driver = 'none' }\n",
            [
                '[evse.1.pilot] "line" is not an option here. Remove it: nothing is known here.',
                '[evse.1.contactor] driver = "none" is not an installed contactor driver. Known here: gpio, mock.',
            ],
        ),
        (
            "[[evse]]\npilot = { driver = 'mocks' }\n",
            ['[evse.1.pilot] driver = "mocks" is not an installed pilot driver. Did you mean "mock"?'],
        ),
    ],
)
def test_all_mistakes_are_told_at_once(tmp_path: Path, text: str, sentences: list[str]) -> None:
    with pytest.raises(ConfigWrong) as wrong:
        read_config(written(tmp_path, text))
    assert str(wrong.value).splitlines() == sentences


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigWrong, match=r"nowhere\.toml: No such file"):
        read_config(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigWrong, match=r"is not TOML: Expected ']]'"):
        read_config(written(tmp_path, "[[evse"))


def test_a_meter_that_the_guard_hosts_is_expected_to_say_something() -> None:
    table = {"driver": "modbus", "port": "/dev/ttyUSB0"}
    pilot: Any = object()

    assert _spec(Section(meter=table), 1, pilot, pilot).metered
    assert not _spec(Section(), 1, pilot, pilot).metered
