"""Two owners of one port or one line."""

import pytest

from chargepoint.config.owners import Device, conflicts


def device(part: str, where: str, evse: int = 1, **table: object) -> Device:
    return Device(part, where, evse, table)  # type: ignore[arg-type]


PILOT = device("pilot", "evse.1.pilot", driver="rapi", port="/dev/ttyUSB0")
METER = device("meter", "evse.1.meter", driver="modbus", port="/dev/ttyUSB0", unit=1)
OTHER_METER = device("meter", "evse.2.meter", 2, driver="modbus", port="/dev/ttyUSB0", unit=2)
READER = device("card_reader", "card_reader.1", 0, driver="pn532", port="/dev/ttyUSB0")


def told(*devices: Device) -> list[str]:
    return [str(mistake) for mistake in conflicts(list(devices))]


def test_a_card_reader_shares_its_port_with_nobody() -> None:
    assert told(METER, READER) == [
        '[card_reader.1] port = "/dev/ttyUSB0" belongs to [evse.1.meter] already. Give each its own port.'
    ]


def test_meters_share_a_bus_when_each_has_its_unit() -> None:
    assert told(METER, OTHER_METER) == []


def test_two_meters_with_one_unit_are_named() -> None:
    twin = device("meter", "evse.2.meter", 2, driver="modbus", port="/dev/ttyUSB0", unit=1)
    assert told(METER, twin) == [
        '[evse.2.meter] port = "/dev/ttyUSB0" belongs to [evse.1.meter] already. '
        "Give each its own port, or each its own unit on this one."
    ]


def test_a_controller_may_drive_pilot_and_lock_of_one_outlet() -> None:
    lock = device("lock", "evse.1.lock", driver="rapi", port="/dev/ttyUSB0")
    assert told(PILOT, lock) == []


EVSE_DIN = device("pilot", "evse.1.pilot", driver="simpleevse", port="/dev/ttyUSB0", unit=1)


def test_a_meter_shares_the_bus_of_a_modbus_controller_by_its_unit() -> None:
    assert told(EVSE_DIN, OTHER_METER) == []
    assert told(EVSE_DIN, METER) == [
        '[evse.1.meter] port = "/dev/ttyUSB0" belongs to [evse.1.pilot] already. '
        "Give each its own port, or each its own unit on this one."
    ]


def test_a_meter_without_a_unit_shares_no_port_with_the_guard() -> None:
    nameless = device("meter", "evse.1.meter", driver="modbus", port="/dev/ttyUSB0")
    assert len(told(EVSE_DIN, nameless)) == 1
    assert len(told(PILOT, METER)) == 1  # a RAPI controller is no bus


def test_modbus_controllers_share_a_bus_when_each_has_its_unit() -> None:
    twin = device("pilot", "evse.2.pilot", 2, driver="simpleevse", port="/dev/ttyUSB0", unit=2)
    assert told(EVSE_DIN, twin) == []


@pytest.mark.parametrize("part", ["card_reader", "display"])
def test_readers_and_displays_stay_off_the_guards_ports(part: str) -> None:
    other = device(part, f"{part}.1", 0, driver="x", port="/dev/ttyUSB0", unit=7)
    assert told(EVSE_DIN, other) == [
        f'[{part}.1] port = "/dev/ttyUSB0" belongs to [evse.1.pilot] already. Give each its own port.'
    ]


def test_a_meter_of_the_station_stays_off_the_guards_ports_even_with_a_unit() -> None:
    main = device("meter", "meter.1", 0, driver="modbus", port="/dev/ttyUSB0", unit=7)
    assert told(EVSE_DIN, main) == [
        '[meter.1] port = "/dev/ttyUSB0" belongs to [evse.1.pilot] already. '
        "Give each its own port: a port of the guard's is shared by meters of [[evse]] only."
    ]
    assert told(OTHER_METER, main) == []


def test_a_port_that_the_guard_shares_has_one_name(tmp_path: object) -> None:
    from pathlib import Path

    real, alias = Path(str(tmp_path)) / "ttyUSB0", Path(str(tmp_path)) / "by-id"
    real.touch()
    alias.symlink_to(real)
    pilot = device("pilot", "evse.1.pilot", driver="simpleevse", port=str(alias), unit=1)
    meter = device("meter", "evse.1.meter", driver="modbus", port=str(real), unit=2)
    assert told(pilot, meter) == [
        f'[evse.1.meter] port = "{real}" is the port of [evse.1.pilot] by another name. '
        f'Write port = "{alias}" here too.'
    ]


def test_two_pilots_do_not_share_a_port() -> None:
    twin = device("pilot", "evse.2.pilot", 2, driver="rapi", port="/dev/ttyUSB0")
    assert told(PILOT, twin) == [
        '[evse.2.pilot] port = "/dev/ttyUSB0" belongs to [evse.1.pilot] already. Give each its own port.'
    ]


def test_two_names_of_one_port_are_one_port(tmp_path: object) -> None:
    from pathlib import Path

    real, alias = Path(str(tmp_path)) / "ttyUSB0", Path(str(tmp_path)) / "by-id"
    real.touch()
    alias.symlink_to(real)
    one = device("pilot", "evse.1.pilot", driver="rapi", port=str(real))
    other = device("card_reader", "card_reader.1", 0, driver="pn532", port=str(alias))
    assert len(told(one, other)) == 1


@pytest.mark.parametrize("key", ["line", "feedback_line", "pwm_gpio"])
def test_a_line_has_one_owner(key: str) -> None:
    pilot = device("pilot", "evse.1.pilot", driver="gpio", **{key: 17})
    contactor = device("contactor", "evse.1.contactor", driver="gpio", line=17)
    assert told(pilot, contactor) == [
        f"[evse.1.contactor] line = 17 belongs to {key} of [evse.1.pilot] already. Give each its own line."
    ]


def test_the_same_number_on_another_chip_is_another_line() -> None:
    one = device("contactor", "evse.1.contactor", driver="gpio", line=17)
    other = device("contactor", "evse.2.contactor", 2, driver="gpio", line=17, chip="gpiochip1")
    assert told(one, other) == []


def test_a_line_is_not_used_twice_in_one_table() -> None:
    one = device("contactor", "evse.1.contactor", driver="gpio", line=17, feedback_line=17)
    assert told(one) == ["[evse.1.contactor] feedback_line = 17 is line already. Give each its own line."]


PILOT_1 = device("pilot", "evse.1.pilot", driver="gpio", pwm_gpio=18)
RC522 = device("card_reader", "card_reader.1", 0, driver="rc522", port="/dev/spidev0.0")


def test_two_gpio_pilots_share_a_converter_when_each_has_its_inputs() -> None:
    other = device("pilot", "evse.2.pilot", 2, driver="gpio", pwm_gpio=13, pilot_channel=2, plug_channel=3)
    assert told(PILOT_1, other) == []


def test_two_gpio_pilots_on_one_input_are_named() -> None:
    other = device("pilot", "evse.2.pilot", 2, driver="gpio", pwm_gpio=13, pilot_channel=2)
    assert told(PILOT_1, other) == [
        "[evse.2.pilot] plug_channel = 1 is plug_channel of [evse.1.pilot] already. "
        "Give each its own input, or each its own adc_port."
    ]


def test_a_card_reader_does_not_share_the_port_of_a_pilots_converter() -> None:
    assert told(PILOT_1, RC522) == [
        '[card_reader.1] port = "/dev/spidev0.0" belongs to [evse.1.pilot] already. Give each its own port.'
    ]


def test_every_line_of_every_part_counts() -> None:
    phases = device("contactor", "evse.1.phase_contactor", driver="gpio", line=16, hold_line=12)
    sensors = device("sensors", "sensors", 0, driver="gpio", emergency_stop_line=16, residual_test_line=12)
    lamps = device("indicator", "evse.2.indicator", 2, driver="gpio", red_line=12)
    assert told(phases, sensors, lamps) == [
        "[sensors] emergency_stop_line = 16 belongs to line of [evse.1.phase_contactor] already. "
        "Give each its own line.",
        "[sensors] residual_test_line = 12 belongs to hold_line of [evse.1.phase_contactor] already. "
        "Give each its own line.",
        "[evse.2.indicator] red_line = 12 belongs to hold_line of [evse.1.phase_contactor] already. "
        "Give each its own line.",
        "[evse.2.indicator] red_line = 12 belongs to residual_test_line of [sensors] already. Give each its own line.",
    ]


@pytest.mark.parametrize("chip", ["gpiochip0", "/dev/gpiochip0", ""])
@pytest.mark.parametrize("line", [17, "GPIO17"])
def test_a_chip_and_a_line_have_several_names(chip: str, line: object) -> None:
    one = device("contactor", "evse.1.contactor", driver="gpio", line=17)
    other = device("indicator", "evse.1.indicator", driver="gpio", red_line=line, chip=chip)
    assert len(told(one, other)) == 1


def test_lines_of_another_board_are_known_by_the_name_they_have_there() -> None:
    one = device("contactor", "evse.1.contactor", driver="gpio", line="PA7", chip="gpiochip2")
    other = device("indicator", "evse.1.indicator", driver="gpio", red_line="PA7", chip="/dev/gpiochip2")
    third = device("indicator", "evse.2.indicator", 2, driver="gpio", red_line="PA8", chip="gpiochip2")
    assert told(one, other, third) == [
        "[evse.1.indicator] red_line = PA7 belongs to line of [evse.1.contactor] already. Give each its own line."
    ]


def test_a_line_that_a_driver_takes_by_default_is_taken() -> None:
    pilot = device("pilot", "evse.1.pilot", driver="gpio")
    contactor = device("contactor", "evse.1.contactor", driver="gpio", line=18)
    assert told(pilot, contactor) == [
        "[evse.1.contactor] line = 18 belongs to pwm_gpio of [evse.1.pilot] already. Give each its own line."
    ]
    elsewhere = device("pilot", "evse.1.pilot", driver="gpio", pwm_chip="pwmchip0", pwm_channel=1)
    assert told(elsewhere, contactor) == []
