"""A machine with one system pays nothing for the second."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import sys
import chargepoint.app, chargepoint.daemon, chargepoint.localcontrols, chargepoint.web.api
print([name for name in sys.modules if name.startswith(("chargepoint.updating", "chargepoint.tasks.trial"))])
"""


def test_nothing_of_it_is_loaded() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
