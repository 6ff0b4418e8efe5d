"""Prometheus text (exposition format 0.0.4) and OpenMetrics 1.0 text, from metrics as data. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Sample = tuple[Mapping[str, object], float | bool | None]  # labels, value; None: nothing to tell
Kind = Literal["gauge", "counter", "summary"]


@dataclass(frozen=True, slots=True)
class Form:
    """How the text is written."""

    content_type: str
    plain_counters: bool  # a counter's HELP and TYPE name it without its _total
    end: str


PROMETHEUS = Form("text/plain; version=0.0.4; charset=utf-8", plain_counters=False, end="")
OPENMETRICS = Form("application/openmetrics-text; version=1.0.0; charset=utf-8", plain_counters=True, end="# EOF\n")


@dataclass(frozen=True, slots=True)
class Metric:
    """A family: a counter's name ends in _total; the samples of a summary are its sum and its count."""

    name: str
    kind: Kind
    meaning: str
    samples: Iterable[Sample]


def form_for(accept: str) -> Form:
    """What whoever asks likes best; Prometheus's own text unless OpenMetrics is named and not refused."""
    for part in accept.split(","):
        kind, *parameters = (word.strip().lower() for word in part.split(";"))
        if kind == "application/openmetrics-text" and not _is_refused(parameters) and "version=0.0.1" not in parameters:
            return OPENMETRICS
    return PROMETHEUS


def _is_refused(parameters: list[str]) -> bool:
    return any(word.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for word in parameters)


def text(metrics: Iterable[Metric], form: Form = PROMETHEUS) -> str:
    """Families without a sample are left out: there is nothing to tell of them."""
    return "".join(line for metric in metrics for line in _lines(metric, form)) + form.end


def _lines(metric: Metric, form: Form) -> Iterator[str]:
    samples = [(labels, value + 0) for labels, value in metric.samples if value is not None and math.isfinite(value)]
    if not samples:
        return
    family = metric.name.removesuffix("_total") if form.plain_counters and metric.kind == "counter" else metric.name
    yield f"# HELP {family} {_one_line(metric.meaning)}\n# TYPE {family} {metric.kind}\n"
    names = (f"{metric.name}_sum", f"{metric.name}_count") if metric.kind == "summary" else None
    for place, (labels, value) in enumerate(samples):
        name = metric.name if names is None else names[place % 2]
        yield f"{name}{_labels(labels)} {value}\n"


def _labels(labels: Mapping[str, object]) -> str:
    inside = ",".join(f'{key}="{_escaped(str(value))}"' for key, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _one_line(meaning: str) -> str:
    return meaning.replace("\\", r"\\").replace("\n", r"\n")
