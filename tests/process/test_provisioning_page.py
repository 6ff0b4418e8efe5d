"""docs/provisioning.md, line by line: its model file, its commands in their order, and what they bring."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chargepoint.config.factory import factory_of
from chargepoint.config.file import load
from chargepoint.core.certificatekind import Kind
from chargepoint.security.setupcode import matches_code
from chargepoint.store.certificates import CertificateFiles

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "provisioning.md").read_text()

AROUND = f"""\
set -eu
sudo() {{ "$@"; }}
systemctl() {{ [ "$2" = chargepoint ]; }}
chargepoint() {{ "{sys.executable}" -m chargepoint "$@" --state state; }}
"""

AUTHORITY = """\
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \\
    -subj "/CN=Acme Root" -days 30
echo 'extendedKeyUsage = clientAuth' >client.cnf
"""


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.DOTALL)


def run(script: str, folder: Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", AROUND + script], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after the first two blocks: one station, made and certified."""
    folder = tmp_path_factory.mktemp("line")
    (folder / "model.toml").write_text(blocks("toml")[0])
    run(AUTHORITY, folder)
    one, certificate, *_ = blocks("sh")
    run(one, folder)
    run(certificate, folder)
    return folder


def test_the_first_command_makes_a_station_and_a_record_of_it(line: Path) -> None:
    (record,) = map(json.loads, (line / "stations.jsonl").read_text().splitlines())
    assert record["serial_number"] == "A-000123"
    assert len(record["csms_password"]) == 32
    label = json.loads((line / "A-000123.json").read_text())
    assert matches_code(label["setup_code"], (line / "state/secrets/setup-code").read_text())
    assert label["setup_code"] not in (line / "stations.jsonl").read_text()
    assert label["page"] == "http://chargepoint-a-000123.local:8080/"


def test_the_signed_certificate_is_the_stations(line: Path) -> None:
    assert len(CertificateFiles(line / "state/certificates").all(Kind.STATION)) == 1


def test_the_installers_file_needs_no_more(line: Path) -> None:
    (line / "chargepoint.toml").write_text(blocks("toml")[1])
    config = load(line / "chargepoint.toml", factory_of(line / "state"))
    assert config.csms is not None
    assert (config.csms.identity, config.station.vendor) == ("A-000123", "Acme Mobility")
    assert config.csms.password_file == line / "state/secrets/csms-password"


def test_labels_are_printed_again_and_beforehand(line: Path) -> None:
    again, before = blocks("sh")[2:]
    run(again, line)
    assert (line / "again.svg").read_text() == (line / "A-000123.svg").read_text()
    assert (line / "A-000123.pdf").read_bytes().startswith(b"%PDF")
    assert "A-000124 is made" in run("rm -r state\n" + before, line)  # on the next one
    codes = dict(row.split(",") for row in (line / "batch/codes.csv").read_text().splitlines())
    assert matches_code(codes["A-000124"], (line / "state/secrets/setup-code").read_text())
