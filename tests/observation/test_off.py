"""What nobody has asked for is not loaded: the daemon carries neither MQTT nor what packs support bundles."""

import subprocess
import sys

PROGRAM = """
import sys
import chargepoint.app, chargepoint.building, chargepoint.daemon, chargepoint.hardware, chargepoint.localcontrols
import chargepoint.web.task
late = ("paho", "aiomqtt", "chargepoint.mqtt", "chargepoint.records.support", "chargepoint.store.statistics", "zipfile")
print([name for name in late if name in sys.modules])
"""


def test_a_daemon_without_a_broker_knows_nothing_of_mqtt() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
