"""docs/observation.md, line by line: metrics, topics, values and commands that it names are what there is."""

import argparse
import asyncio
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from chargepoint.cli import parser_of
from chargepoint.cli.commands import COMMANDS
from chargepoint.mqtt.commands import COMMANDS as ORDERS
from chargepoint.mqtt.commands import order
from chargepoint.mqtt.states import evse_state, station_state
from chargepoint.mqtt.topics import Topics
from chargepoint.security import attempts
from chargepoint.web import metrics, trying
from chargepoint.web.status import document
from tests.observation.stations import everything
from tests.web.fake_station import FakeControls

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "observation.md").read_text()
TOPICS = Topics("chargepoint", "CP001", "homeassistant")
METRIC = re.compile(r"^\| `(chargepoint_\w+)` \| (\w+) \|([^|]*)\| ([^|]+) \|$", re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, flags=re.DOTALL)


def told() -> dict[str, tuple[str, set[str], str]]:
    """Metric -> type, labels, meaning, as the page has them."""
    rows = {name: (kind, labels, meaning) for name, kind, labels, meaning in METRIC.findall(PAGE)}
    return {
        name: (kind, {label.strip() for label in labels.split(",") if label.strip()}, meaning.strip())
        for name, (kind, labels, meaning) in rows.items()
    }


def test_every_metric_is_told_with_its_type_labels_and_meaning() -> None:
    served = {
        family.name: (family.type, set().union(*(sample.labels for sample in family.samples)), family.documentation)
        for family in asyncio.run(everything())
    }
    served = {f"{name}_total" if kind == "counter" else name: (kind, *rest) for name, (kind, *rest) in served.items()}  # type: ignore[misc]
    ours = {name: what for name, what in served.items() if name.startswith("chargepoint_")}
    assert told() == ours
    for name in served.keys() - ours.keys():
        assert f"`{name}`" in PAGE


def test_no_metric_is_left_out_for_what_is_not_fitted_in_the_test() -> None:
    """All that the program can serve stands there by name, or is put together from a table that is always served."""
    assert set(re.findall(r'"(chargepoint_\w+)"', Path(metrics.__file__).read_text())) <= told().keys()


def test_wrong_passwords_cost_what_the_page_says() -> None:
    (said,) = re.findall(r"Five wrong passwords .*?share as many\nagain", PAGE, flags=re.DOTALL)
    numbers = [float(number) for number in re.findall(r" (\d+)", said) if number != "429"]
    longest_min = attempts.LONGEST_WAIT_S / 60
    assert attempts.FREE == 5
    assert numbers == [attempts.FIRST_WAIT_S, longest_min, longest_min, trying.AT_ONCE, trying.EVERY_S]


def states() -> dict[str, dict[str, object]]:
    status = document(FakeControls())
    return {
        TOPICS.station: station_state(status),
        TOPICS.evse(1): evse_state(status["evses"][0], local_a=None, set_a=16.0, available=True),
    }


@pytest.mark.parametrize("topic", [TOPICS.station, TOPICS.evse(1)])
def test_each_value_of_a_state_is_named(topic: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{topic}` |")]
    assert set(re.findall(r"`(\w+)`", row.split("|")[2])) == states()[topic].keys()


def test_every_topic_that_is_named_exists() -> None:
    known = {TOPICS.availability, TOPICS.station, TOPICS.evse(1), TOPICS.discovery}
    named = set(re.findall(r"(?:chargepoint/CP001|homeassistant/device)/[\w/-]+", PAGE))
    assert known <= named
    commands = {topic.removeprefix(f"{TOPICS.evse(1)}/") for topic in named - known}
    assert commands == ORDERS.keys()


@pytest.mark.parametrize(("name", "value"), [("enabled/set", "true"), ("enabled/set", "false"), ("limit/set", "10")])
def test_what_energy_managers_send_is_understood(name: str, value: str) -> None:
    assert order(TOPICS.root, TOPICS.command(1, name), value.encode()).value in (True, False, 10.0)


def test_energy_managers_ask_for_values_that_there_are() -> None:
    (evcc,) = [block for block in blocks("yaml") if "chargers:" in block]
    (openhab,) = blocks("text")
    asked = set(re.findall(r'jq: "?\.(\w+)', evcc)) | set(re.findall(r"\$\.(\w+)", openhab))
    assert {"pilot", "enabled", "power_w", "energy_wh", "current_a", "limit_a"} == asked
    assert asked <= states()[TOPICS.evse(1)].keys()


def test_every_command_line_is_one() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("chargepoint ")]
    assert len(lines) >= 10
    for line in lines:
        _, name, *words = shlex.split(line)
        assert isinstance(parser_of(COMMANDS[name]).parse_args(words), argparse.Namespace)


def test_every_file_that_is_linked_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (DOCS / target).exists(), target


def test_the_number_of_alerts_is_right() -> None:
    alerts = (DOCS.parent / "deploy" / "prometheus" / "chargepoint-alerts.yml").read_text().count("- alert:")
    assert alerts == 16
    assert "has sixteen alerts" in PAGE


@pytest.mark.promtool
def test_prometheus_takes_the_configuration_that_is_shown(tmp_path: Path) -> None:
    (scrape,) = [block for block in blocks("yaml") if "scrape_configs" in block]
    (tmp_path / "password").write_text("x")
    plain = scrape.replace("/etc/prometheus/chargepoint-password", str(tmp_path / "password"))
    (tmp_path / "prometheus.yml").write_text(plain)
    alerts = DOCS.parent / "deploy" / "prometheus" / "chargepoint-alerts.yml"
    (tmp_path / "chargepoint-alerts.yml").write_text(alerts.read_text())
    checked = subprocess.run(
        ["promtool", "check", "config", str(tmp_path / "prometheus.yml")], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_dashboard_that_is_named_is_one() -> None:
    dashboard = json.loads((DOCS.parent / "deploy" / "grafana" / "chargepoint.json").read_text())
    assert dashboard["title"]
