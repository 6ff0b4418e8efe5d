"""A board without a clock believes to be in 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.image.machine import Machine
from tests.image.station import Station
from tests.process.strict import StrictCsms


def test_a_session_of_1970_is_told_with_the_time_of_the_back_office(new_machine: Machine, csms: StrictCsms) -> None:
    station = Station(new_machine, csms, "CP-1970")
    station.set_up()
    new_machine.boot(rtc="1970-01-01T00:00:05")
    station.online()
    station.charge()
    said = datetime.fromisoformat(station.says("StartTransaction")["timestamp"])
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=5)
    # The machine's own clock is left alone: it stands where the image was made, or later.
    assert int(new_machine.shell("date +%Y")) >= 2025
    assert station.violations() == []

    new_machine.switch_off()
    before = new_machine.data("/timesync/clock")
    new_machine.boot(rtc="1970-01-01T00:00:05")
    station.online(nth=2)
    assert before == b""  # the file's date is the time that was noted
    noted = int(new_machine.shell("stat -c %Y /var/lib/systemd/timesync/clock"))
    assert int(new_machine.shell("date +%s")) >= noted
