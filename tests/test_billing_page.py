"""What docs/billing.md says about a bill works as it stands there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from chargepoint.core.facts import Quantity, Sample
from chargepoint.core.settings import BY_NAME
from chargepoint.ocpp.v16.meter_values import meter_values
from hw.api import Reading
from hw.mock.signer import MockSigner
from tests.habits import ROOT
from tests.hw.ocmf import verify

PAGE = (ROOT / "docs" / "billing.md").read_text()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_stop() -> list[object]:
    signer = MockSigner("A-1", "1 & <2>", lambda: NOON)
    signer.begin("04A1B2C3", Reading(1000.0))
    end = signer.end(Reading(3500.0))
    register = Quantity("Energy.Active.Import.Register", 3500.0, "Wh")
    sample = Sample(NOON, "Transaction.End", (register,), end.signed or "", end.public_key or "")
    return [2, "7", "StopTransaction", {"transactionId": 1042, "transactionData": meter_values([sample])}]


def test_the_recipe_makes_a_file_that_a_transparency_program_verifies(tmp_path: Path) -> None:
    [recipe] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "stop.json").write_text(json.dumps(a_stop()))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", recipe, tmp_path / "stop.json"],
        capture_output=True,
        text=True,
        check=True,
    )
    values = ElementTree.fromstring(done.stdout.encode())
    [value] = values
    key, record = value.findtext("publicKey"), value.findtext("signedData")
    assert (value.get("transactionId"), value.get("context")) == ("1042", "Transaction.End")
    assert key is not None
    assert record is not None
    assert "1 & <2>" in record
    verify(record, key)


def test_the_key_reads_as_the_page_says() -> None:
    assert "`oca:base16:asn1:`" in PAGE
    stop = json.dumps(a_stop())
    key = MockSigner("A-1", "1", lambda: NOON).public_key
    assert b64encode(f"oca:base16:asn1:{key}".encode()).decode() in stop


def test_every_setting_it_names_is_one() -> None:
    names = r"\w+DataSign\w+|StartTxnSampledData|PublicKeyWith\w+|Custom\w+|DefaultPrice|\w*Languages?|NumberOf\w+"
    named = set(re.findall(rf"`({names}|TariffCostCtrlr\.\w+)`", PAGE))
    assert len(named) > 12
    assert {name for name in named if name.casefold() not in BY_NAME} == set()
