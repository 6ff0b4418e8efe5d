"""deploy/grafana and deploy/prometheus: each metric and label in them exists, Prometheus understands every query."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.observation.stations import everything

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "chargepoint.json").read_text())
ALERTS = DEPLOY / "prometheus" / "chargepoint-alerts.yml"
VARIABLES = {"$instance": ".*", "$evse": ".*"}
GIVEN = {"instance", "job"}
"""Labels that Prometheus adds by itself."""


def queries() -> Iterator[tuple[str, str]]:
    """Where, and what is asked."""
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for note in DASHBOARD["annotations"]["list"]:
        yield note["name"], note["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]


def alerts() -> list[tuple[str, str]]:
    found = re.findall(r"- alert: (\w+)\n\s+expr: (.+)\n", ALERTS.read_text())
    assert len(found) == ALERTS.read_text().count("- alert:")
    return found


@pytest.fixture(scope="module")
def served() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for family in asyncio.run(everything()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def names_in(query: str) -> set[str]:
    return set(re.findall(r"\b(?:chargepoint|process)_\w+", query))


def labels_in(query: str) -> Iterator[tuple[str, str]]:
    """(metric, a label that is asked for)."""
    for name, matchers in re.findall(r"\b((?:chargepoint|process)_\w+)\{([^}]*)\}", query):
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers):
            yield name, label


@pytest.mark.parametrize(("where", "query"), [*queries(), *alerts()])
def test_every_metric_and_label_that_is_asked_for_is_served(
    served: dict[str, set[str]], where: str, query: str
) -> None:
    assert names_in(query) - served.keys() - {"up"} == set()
    for name, label in labels_in(query):
        assert label in served[name] | GIVEN, f"{name} has no {label}"


def test_every_legend_names_labels_that_its_metric_has(served: dict[str, set[str]]) -> None:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            known = set().union(*(served[name] for name in names_in(target["expr"]))) | GIVEN
            assert set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))) <= known, panel["title"]


def test_hardly_a_metric_is_served_that_nobody_looks_at(served: dict[str, set[str]]) -> None:
    asked = set().union(*(names_in(query) for _, query in [*queries(), *alerts()]))
    unseen = {name for name in served if name.startswith("chargepoint_")} - asked
    assert len(unseen) < len(served) / 3, unseen


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_panel_asks_the_prometheus_that_was_chosen() -> None:
    sources = [
        target["datasource"]["uid"] for panel in DASHBOARD["panels"] for target in [panel, *panel.get("targets", ())]
        if panel["type"] != "row"
    ]  # fmt: skip
    assert set(sources) == {"${datasource}"}


def promtool(*words: str) -> Any:
    return subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)


@pytest.mark.promtool
def test_prometheus_understands_every_query_of_the_dashboard(tmp_path: Path) -> None:
    rules = ["groups:", "- name: dashboard", "  rules:"]
    for number, (where, query) in enumerate(queries()):
        plain = re.sub(r"label_values\((.*), \w+\)", r"\1", query)
        for name, value in VARIABLES.items():
            plain = plain.replace(name, value)
        rules += [
            f"  - record: query:{number}",
            f"    expr: {json.dumps(plain)}",
            f"    labels: {{panel: {json.dumps(where)}}}",
        ]
    (tmp_path / "dashboard.yml").write_text("\n".join(rules) + "\n")
    checked = promtool("check", "rules", str(tmp_path / "dashboard.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.promtool
def test_prometheus_understands_the_alerts() -> None:
    checked = promtool("check", "rules", str(ALERTS))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.promtool
def test_each_alert_comes_when_it_should_and_not_when_it_should_not() -> None:
    tests = ALERTS.with_suffix(".test.yml")
    checked = promtool("test", "rules", str(tests))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    told = tests.read_text()
    for name, _ in alerts():
        assert re.search(rf"alertname: {name}\n\s+eval_time: \w+\n\s+exp_alerts:", told), f"{name} never comes"
        assert f"alertname: {name}, eval_time: 3h" in told or f"alertname: {name}, eval_time: 100m" in told
