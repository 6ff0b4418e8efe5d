"""Hardware PWM by sysfs: the right chip and channel, the level at every moment, and what an installer reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw.errors import DeviceLost, OptionsWrong
from hw.gpio.pwm import HardwarePwm, SysfsAttribute, find
from hw.guard.pilot import duty_for, high_ns
from tests.hw.sysfs_pwm import PI_4, PI_5, PI_5_FAN, PwmChip

WHERE = "evse.1.pilot"


def opened(chip: PwmChip, channel: int = 0, inverted: bool = False) -> HardwarePwm:
    return HardwarePwm(
        chip.folder, channel, WHERE, inverted=inverted, open_attribute=chip.open, clock=chip.clock, sleep=chip.sleep
    )


# --- finding it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "gpio", "channel"),
    [
        ("2020c000.pwm", 18, 0), ("3f20c000.pwm", 12, 0), (PI_4, 18, 0), (PI_4, 12, 0), (PI_4, 13, 1), (PI_4, 19, 1),
        (PI_5, 12, 0), (PI_5, 13, 1), (PI_5, 18, 2), (PI_5, 19, 3),
    ],
)  # fmt: skip
def test_a_gpio_of_a_raspberry_pi_has_its_channel(tmp_path: Path, device: str, gpio: int, channel: int) -> None:
    chip = PwmChip(tmp_path, device)

    assert find(tmp_path, gpio, WHERE) == (chip.folder, channel)


@pytest.mark.parametrize("number", [0, 2])
def test_the_fan_of_a_pi_5_is_no_pilot_whatever_the_chips_are_numbered(tmp_path: Path, number: int) -> None:
    PwmChip(tmp_path, PI_5_FAN, 2 - number)
    chip = PwmChip(tmp_path, PI_5, number)

    assert find(tmp_path, 18, WHERE) == (chip.folder, 2)


def test_a_gpio_without_hardware_pwm_is_refused(tmp_path: Path) -> None:
    PwmChip(tmp_path, PI_4)

    with pytest.raises(OptionsWrong) as told:
        find(tmp_path, 17, WHERE)

    assert str(told.value) == (
        "[evse.1.pilot]: GPIO 17 has no hardware PWM. "
        "Use one of 12, 13, 18, 19, with dtoverlay=pwm,pin=18,func=2 in /boot/firmware/config.txt."
    )


@pytest.mark.parametrize("fan", [True, False])
def test_without_the_overlay_the_line_to_add_is_told(tmp_path: Path, fan: bool) -> None:
    if fan:
        PwmChip(tmp_path, PI_5_FAN)

    with pytest.raises(DeviceLost) as told:
        find(tmp_path, 12, WHERE)

    assert str(told.value) == (
        "[evse.1.pilot]: the kernel shows no hardware PWM for GPIO 12. "
        "Add dtoverlay=pwm,pin=12,func=4 to /boot/firmware/config.txt and restart; "
        "on another board name pwm_chip and pwm_channel."
    )


# --- starting ---------------------------------------------------------------------------------------------------------


def test_it_starts_with_a_steady_12_v(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)

    opened(chip, 1)

    assert chip.log == ["export=1", "period=1000000", "duty_cycle=1000000", "enable=1"]


def test_an_inverting_stage_gets_the_opposite(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)

    pwm = opened(chip, inverted=True)
    assert chip.high_ns() == 0
    pwm.drive(duty_for(16.0))

    assert chip.high_ns() == 1_000_000 - 266_666


def test_a_channel_that_runs_already_is_taken_over_without_a_gap(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)
    chip.export(0, period="1000000", duty_cycle="266666", enable="1")

    opened(chip)

    assert chip.log == ["duty_cycle=1000000"]


def test_a_channel_that_runs_otherwise_is_set_right(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)
    chip.export(0, period="20000000", duty_cycle="15000000", polarity="inversed", enable="1")

    opened(chip)

    assert chip.high_ns() == 1_000_000
    assert chip.value[0, "polarity"] == "normal"


def test_a_fresh_channel_is_waited_for_until_udev_has_run(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)
    chip.udev_s = 0.100

    opened(chip)

    assert chip.naps in (5, 6)  # of 20 ms
    assert chip.high_ns() == 1_000_000


def test_files_that_stay_roots_are_told_with_the_remedy(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)
    chip.udev_s = 60.0

    with pytest.raises(DeviceLost) as told:
        opened(chip)

    assert str(told.value) == (
        f"[evse.1.pilot]: {chip.folder}/pwm0 does not work: Permission denied. "
        "Add the user of the guard to the group gpio; where the system is not Raspberry Pi OS, a udev rule has to give "
        "that group the files below /sys/class/pwm."
    )
    assert chip.now_s < 103.0


@pytest.mark.parametrize(
    ("taken", "channel", "remedy"),
    [(True, 0, "dtparam=audio=off"), (False, 7, "has no such channel")],
)
def test_a_channel_that_is_not_to_be_had(tmp_path: Path, taken: bool, channel: int, remedy: str) -> None:
    chip = PwmChip(tmp_path, PI_4)
    chip.taken = taken

    with pytest.raises(DeviceLost, match=remedy):
        opened(chip, channel)


# --- driving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amps", [6, 8, 10, 13, 16, 20, 25, 32, 40, 48, 51, 60, 63, 70, 80])
def test_amperes_reach_the_pin_to_the_nanosecond(tmp_path: Path, amps: float) -> None:
    chip = PwmChip(tmp_path, PI_4)

    opened(chip).drive(duty_for(amps))

    assert chip.high_ns() == high_ns(amps)


@pytest.mark.parametrize(("duty", "ns"), [(1.0, 1_000_000), (0.0, 0), (0.05, 50_000), (0.2666669, 266_666)])
def test_states_and_the_five_percent_reach_the_pin(tmp_path: Path, duty: float, ns: int) -> None:
    chip = PwmChip(tmp_path, PI_4)

    opened(chip).drive(duty)

    assert chip.high_ns() == ns


def test_what_is_driven_already_is_not_written_again(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)
    pwm = opened(chip)
    pwm.drive(0.5)
    chip.log.clear()

    pwm.drive(0.5)

    assert chip.log == []


def test_closing_leaves_a_steady_12_v_that_outlives_us(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)
    pwm = opened(chip)
    pwm.drive(0.5)

    pwm.close()

    assert chip.high_ns() == 1_000_000
    pwm.close()  # once more is harmless


# --- losing it --------------------------------------------------------------------------------------------------------


def test_a_chip_that_goes_and_comes_back_is_driven_again_without_waiting_for_anything(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)
    pwm = opened(chip)
    chip.gone = True
    with pytest.raises(DeviceLost, match="No such device"):
        pwm.drive(0.5)
    with pytest.raises(DeviceLost, match="No such"):
        pwm.drive(0.5)

    chip.gone = False
    chip.now_s += 1.1
    pwm.drive(0.5)

    assert chip.high_ns() == 500_000
    assert chip.naps == 0


def test_a_lost_chip_is_looked_for_once_a_second(tmp_path: Path) -> None:
    chip = PwmChip(tmp_path, PI_4)
    pwm = opened(chip)
    chip.gone = True
    with pytest.raises(DeviceLost):
        pwm.drive(0.5)
    with pytest.raises(DeviceLost):
        pwm.drive(0.5)

    chip.gone = False
    with pytest.raises(DeviceLost):
        pwm.drive(0.5)


def test_a_file_of_sysfs_is_read_and_written_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "duty_cycle"
    path.write_text("1000000\n")
    file = SysfsAttribute(path)

    file.write("266666")

    assert file.read() == "266666"
    file.close()
