"""The versions this station speaks. Only the one that is negotiated is ever imported."""

from __future__ import annotations

import importlib

from chargepoint.ocpp.dialect import Dialect
from chargepoint.ocpp.schemas import Schemas

PACKAGES = {"ocpp1.6": "v16", "ocpp2.0.1": "v201"}
"""Subprotocol -> our package with its DIALECT, and the `ocpp` package's folder with its schemas."""


def subprotocol_of(version: str) -> str:
    """The WebSocket subprotocol of "1.6" or "2.0.1"."""
    return f"ocpp{version}"


def load(subprotocol: str) -> tuple[Dialect, Schemas]:
    package = PACKAGES[subprotocol]
    dialect: Dialect = importlib.import_module(f"chargepoint.ocpp.{package}").DIALECT
    return dialect, Schemas(package)
