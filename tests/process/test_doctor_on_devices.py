"""`chargepoint doctor` on real drivers: an OpenEVSE controller and a card reader at the far ends of serial lines."""

import time
from pathlib import Path

from tests.peers.openevse import OpenEvse
from tests.peers.pn532 import Pn532Chip
from tests.peers.pty_device import PtyDevice
from tests.process.serial_lines import SerialCable
from tests.process.test_doctor import STATION, a_site, failed

CONFIG = """
[[evse]]
phases = 1
outlet = "cable"
pilot = {{ driver = "rapi", port = "{controller}" }}
meter = {{ driver = "pilot" }}

[[card_reader]]
driver = "pn532"
port = "{reader}"
"""


async def test_a_rapi_build_is_proven_and_the_relay_is_never_closed(tmp_path: Path) -> None:
    controller = OpenEvse(time.monotonic())
    cable = SerialCable(tmp_path / "ttyUSB0", controller)
    reader = PtyDevice(tmp_path / "ttyUSB1", Pn532Chip().hears)
    reader.plug()
    try:
        config = STATION + CONFIG.format(controller=cable.path, reader=reader.link)
        async with a_site(tmp_path, config) as site:
            _, found = await site.findings()
    finally:
        cable.close()
        reader.close()

    assert [step for step in failed(found) if not step.startswith("computer.")] == []
    assert found["evse.1.pilot.level"]["seen"] == "12.0 V"
    assert found["evse.1.pilot.pwm"]["outcome"] == "skipped"
    assert found["evse.1.pilot.contactor.open"]["seen"] == "open"
    assert found["evse.1.meter.answers"]["outcome"] == "ok"
    assert found["card_reader.1.answers"]["seen"] == "no card is held to it"
    assert not any(command.startswith(("FE", "$FE")) for command in controller.heard)
    assert not controller.relay


async def test_devices_that_are_not_there_are_each_told_with_their_own_remedy(tmp_path: Path) -> None:
    config = STATION + CONFIG.format(controller=tmp_path / "ttyUSB0", reader=tmp_path / "ttyUSB1")
    async with a_site(tmp_path, config) as site:
        status, found = await site.findings()
    assert status == 4
    assert [step for step in failed(found) if not step.startswith("computer.")] == [
        "evse.1.pilot.answers",
        "evse.1.meter.answers",
        "card_reader.1.answers",
    ]
    assert found["evse.1.pilot.answers"]["seen"].startswith("there is no port")
    assert found["card_reader.1.answers"]["remedy"]
