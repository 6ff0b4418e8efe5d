"""A draft of the statement that a laboratory asks for (PICS): what this station, as configured, supports of OCPP.

Worked out from the very tables that a running station answers by: the catalogue of settings as this configuration
leaves it, and the dialect of the version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chargepoint.building import build
from chargepoint.config import Config, EvseConfig
from chargepoint.core.setting import Names, Setting
from chargepoint.core.settings import Settings
from chargepoint.hardware import meters_of
from chargepoint.ocpp import dialects
from chargepoint.ocpp.dialect import Dialect
from chargepoint.signedmetering import know_what_is_signed
from chargepoint.version import VERSION

NAMES = {"1.6": Names.OCPP_1_6, "2.0.1": Names.OCPP_2_X}
"""Version -> the family under whose names it knows the settings."""

METER_KEYS = {"1.6": "MeterPublicKey[{}]"}
"""Version -> the name of the key that brings a signing meter's public key; in 2.x that is no setting."""

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Key:
    """A configuration key or variable."""

    name: str
    access: str  # R, RW, W (a secret)
    type: str
    allowed: str  # range, values, length; "" where nothing bounds it
    unit: str
    value: str  # as it is before the back office has changed anything; "" of a secret
    about: str


@dataclass(frozen=True, slots=True)
class Statement:
    version: str
    product: tuple[Row, ...]
    features: tuple[Row, ...]
    answered: tuple[str, ...]  # what the back office may ask
    keys: tuple[Key, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"product": dict(self.product), "features": dict(self.features)}


class _Forgetful:
    """A memory in which nothing has been kept: the station as its file says."""

    def get(self, space: str, key: str, /) -> Any:
        return None

    def put(self, space: str, key: str, value: Any, /) -> None: ...


def statement(config: Config, version: str) -> Statement:
    dialect, _ = dialects.load(dialects.subprotocol_of(version))
    built = build(config, _Forgetful())
    know_what_is_signed(built.station, meters_of(config, Path("/nonexistent")))
    settings = built.settings
    settings.overlay(dialect.fixed_settings)
    names = NAMES[version]
    keys = [_key(settings, each, names) for each in settings.known_as(names)]
    signing = [evse for evse, each in sorted(built.station.evses.items()) if each.signing]
    keys += [_key_of_meter(METER_KEYS[version], evse) for evse in signing if version in METER_KEYS]
    return Statement(
        version=version,
        product=tuple(_product(config, dialect)),
        features=tuple(_features(config, settings)),
        answered=tuple(sorted(dialect.requests)),
        keys=tuple(sorted(keys, key=lambda key: key.name)),
    )


# --- what it is -------------------------------------------------------------------------------------------------------


def _product(config: Config, dialect: Dialect) -> Iterator[Row]:
    plate, office = config.station, config.csms
    yield "vendor", plate.vendor
    yield "model", plate.model
    yield "firmware", plate.firmware_version or VERSION
    yield "OCPP", f"{dialect.version} over WebSocket, subprotocol {dialect.subprotocol}"
    yield "security profile", str(office.security_profile) if office else "no back office is configured"
    yield "connectors", str(len(config.evses))
    for evse in config.evses:
        yield f"connector {evse.id}", _connector(evse)


def _connector(evse: EvseConfig) -> str:
    outlet = "fixed cable" if evse.outlet == "cable" else f"socket {'with' if evse.lock else 'without'} lock"
    phases = "three phases" if evse.phases == 3 else "one phase"
    return f"{outlet}, {phases}, {evse.max_current_a:g} A, {'metered' if evse.meter else 'without meter'}"


def _features(config: Config, settings: Settings) -> Iterator[Row]:
    profiles = settings.find("SupportedFeatureProfiles", Names.OCPP_1_6)
    if profiles is not None:
        yield "feature profiles", settings.text(profiles).replace(",", ", ")
    yield "starts and stops on site", "by card" if config.card_readers else "no card reader"
    yield (
        "who may charge",
        {"ocpp": "the back office decides", "local": "cards kept on site", "free": "everybody"}[config.access.mode],
    )
    yield (
        "after a power loss",
        {"end": "open transactions end (PowerLoss)", "resume": "open transactions go on"}[
            config.station.after_power_loss
        ],
    )
    yield "display", "yes" if config.displays else "no"


# --- its keys ---------------------------------------------------------------------------------------------------------


def _key(settings: Settings, setting: Setting[Any], names: Names) -> Key:
    may = settings.writable(setting, names)
    return Key(
        name=setting.name_as(names) or "",
        access="W" if not setting.readable else "RW" if may else "R",
        type=setting.kind,
        allowed=_allowed(settings, setting, names) if may else "",
        unit=setting.unit,
        value=settings.text(setting, names),
        about=setting.about,
    )


def _key_of_meter(name: str, evse: int) -> Key:
    return Key(name.format(evse), "R", "string", "", "", "", "Public key of a meter that signs; the meter tells it.")


def _allowed(settings: Settings, setting: Setting[Any], names: Names) -> str:
    choices = settings.choices(setting, names)
    if choices:
        return ", ".join(choices)
    if setting.minimum is not None and setting.maximum is not None:
        return f"{setting.minimum:g} to {setting.maximum:g}"
    if setting.minimum is not None:
        return f"{setting.minimum:g} or more"
    return f"at most {setting.max_length} characters" if setting.max_length and setting.kind == "string" else ""


# --- on paper ---------------------------------------------------------------------------------------------------------


def as_markdown(told: Statement) -> str:
    return "\n".join([
        f"# OCPP {told.version}: conformance statement (draft)",
        "",
        "Printed from the configuration of this station; a laboratory's own form counts. Values are those before any",
        "change by a back office.",
        "",
        *_table(("product", ""), told.product),
        *_table(("feature", ""), told.features),
        f"Answers {len(told.answered)} requests of a back office: {', '.join(told.answered)}.",
        "",
        *_table(("key", "access", "type", "allowed", "value"), map(_cells, told.keys)),
    ])  # fmt: skip


def _cells(key: Key) -> tuple[str, ...]:
    unit = f" {key.unit}" if key.unit else ""
    return key.name, key.access, key.type, key.allowed + unit, key.value.replace(",", ", ")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines] + [""]
