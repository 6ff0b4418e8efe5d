"""An installer's file on the card: wrong at first, then right. All he has is the card in his laptop."""

from __future__ import annotations

from tests.image.machine import Machine
from tests.image.station import PASSWORD, Station
from tests.process.strict import StrictCsms


def test_a_wrong_file_is_explained_on_the_card_and_the_right_one_taken(new_machine: Machine, csms: StrictCsms) -> None:
    station = Station(new_machine, csms, "CP-first-boot", serial="W 7/42")
    station.set_up()
    new_machine.put("chargepoint.toml", station.config.replace("max_current_a", "max_curent_a"))
    new_machine.boot()
    new_machine.says("Started .*chargepoint.service")
    new_machine.switch_off()

    report = new_machine.report()
    assert '[evse.1] "max_curent_a" is not an option here. Did you mean "max_current_a"?' in report
    assert "Nothing was taken over" in report
    assert new_machine.read("web-password").decode().strip() == PASSWORD
    assert b"chargepoint-w-7-42" not in new_machine.data("/identity/hostname")

    new_machine.put("chargepoint.toml", station.config)
    new_machine.boot()
    station.online()
    assert not new_machine.shell("grep ' /boot/firmware ' /proc/mounts | grep -v ' ro,' || true").strip()
    new_machine.switch_off()

    report = new_machine.report()
    assert report.startswith("What lies here is in force.")
    assert "Page         http://chargepoint-w-7-42.local:8080/" in report
    assert not new_machine.lies_on_boot("web-password")
    assert new_machine.data("/identity/hostname") == b"chargepoint-w-7-42\n"
