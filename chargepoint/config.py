"""The configuration as the program uses it: one frozen dataclass a table of `chargepoint.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StationConfig:
    """What the nameplate says, and what to do when power or program come back."""

    vendor: str
    model: str
    serial_number: str
    firmware_version: str = ""  # empty: the program's own version
    after_power_loss: str = "end"  # end | resume
    hard_reset: str = "restart"  # restart | reboot


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyConfig:
    max_current_a: float = 0.0  # per phase, of the fuse in front of everything; 0: the EVSEs' own limits are enough
    phases: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CsmsConfig:
    url: str
    identity: str
    versions: tuple[str, ...] = ("2.0.1", "1.6")
    security_profile: int = 2
    password_file: Path | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessConfig:
    mode: str = "ocpp"  # ocpp | local | free


@dataclass(frozen=True, slots=True, kw_only=True)
class EvseConfig:
    """`id` is the position of its [[evse]] table, from 1: EVSE n, connector 1 of it, connector n in 1.6."""

    id: int
    max_current_a: float = 16.0
    phases: int = 3
    phase_rotation: str = "RST"
    outlet: str = "socket"  # socket | cable
    on_meter_loss: str = "stop"  # stop | continue
    fallback_a: float = 6.0
    pilot: Mapping[str, Any] = field(default_factory=lambda: {"driver": "mock"})
    contactor: Mapping[str, Any] | None = None
    lock: Mapping[str, Any] | None = None
    meter: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    listen: str = "127.0.0.1:8080"
    password_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    station: StationConfig
    evses: tuple[EvseConfig, ...]
    supply: SupplyConfig = SupplyConfig()
    csms: CsmsConfig | None = None
    access: AccessConfig = AccessConfig()
    card_readers: tuple[Mapping[str, Any], ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)  # canonical setting name -> text
    web: WebConfig | None = None
    path: Path | None = None
    mock: bool = False  # every pilot and contactor is simulated
