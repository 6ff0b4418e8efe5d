"""What this station is, and how much fits into its messages."""

from __future__ import annotations

from chargepoint.core.facts import EPOCH
from chargepoint.core.kinds import READ_ONLY, appointment, csl, integer, moment, offset, read_rotations
from chargepoint.core.metering import MEASURANDS_BY_PHASE
from chargepoint.core.setting import Coding, Setting

NUMBER_OF_CONNECTORS = integer("NumberOfConnectors", None, 1, "Connectors of the station.", writable=READ_ONLY)
CONNECTOR_PHASE_ROTATION = csl(
    "ConnectorPhaseRotation", None, [], "Order of the phases at each connector, 0 being the grid's feed.",
    at_most=100, coding=Coding(read_rotations, ",".join),
)  # fmt: skip
SUPPORTED_FEATURE_PROFILES = csl(
    "SupportedFeatureProfiles", None,
    ["Core", "FirmwareManagement", "LocalAuthListManagement", "Reservation", "SmartCharging", "RemoteTrigger"],
    "Parts of OCPP 1.6 the station speaks.",
    choices=["Core", "FirmwareManagement", "LocalAuthListManagement", "Reservation", "SmartCharging", "RemoteTrigger"],
    writable=READ_ONLY,
)  # fmt: skip
TIME_SOURCE = csl(
    None, "ClockCtrlr.TimeSource", ["NTP", "Heartbeat"], "Where the time of day comes from, best first.",
    choices=["NTP", "Heartbeat"], at_least=1, ordered=True,
)  # fmt: skip
DATE_TIME = moment("ClockCtrlr.DateTime", EPOCH, "The station's clock.")
TIME_OFFSET = offset(
    "TimeOffset", "ClockCtrlr.TimeOffset",
    "How far local time is ahead of UTC, +01:00: recurring charging profiles follow the clock on the wall.",
)  # fmt: skip
NEXT_TIME_OFFSET_TRANSITION_DATE_TIME = appointment(
    "NextTimeOffsetTransitionDateTime", "ClockCtrlr.NextTimeOffsetTransitionDateTime",
    "When local time changes next, to or from summer time.",
)  # fmt: skip
TIME_OFFSET_NEXT_TRANSITION = offset(
    "TimeOffsetNextTransition", "ClockCtrlr.TimeOffset[NextTransition]",
    "How far local time is ahead of UTC from then on.",
)  # fmt: skip

# --- lamps ------------------------------------------------------------------------------------------------------------

BLINK_REPEAT = integer(
    "BlinkRepeat", None, 0,
    "How often a lamp blinks when it asks for something, before it stays lit; 0: for as long as that lasts.",
    maximum=1000,
)  # fmt: skip
LIGHT_INTENSITY = integer("LightIntensity", None, 100, "Brightness of lamps that can be dimmed.", unit="%", maximum=100)


def _most(name_1_6: str | None, name_2_x: str | None, default: int, about: str) -> Setting[int]:
    """A limit of this implementation."""
    return integer(name_1_6, name_2_x, default, about, writable=READ_ONLY)


GET_CONFIGURATION_MAX_KEYS = _most(
    "GetConfigurationMaxKeys", "DeviceDataCtrlr.ItemsPerMessage[GetVariables]", 100, "Settings read in one request."
)
ITEMS_PER_SET_VARIABLES = _most(
    None, "DeviceDataCtrlr.ItemsPerMessage[SetVariables]", 100, "Settings written in one request."
)
ITEMS_PER_GET_REPORT = _most(
    None, "DeviceDataCtrlr.ItemsPerMessage[GetReport]", 100, "Components and variables named in one GetReport."
)
BYTES_PER_GET_VARIABLES = _most(None, "DeviceDataCtrlr.BytesPerMessage[GetVariables]", 65_536, "Size of a request.")
BYTES_PER_SET_VARIABLES = _most(None, "DeviceDataCtrlr.BytesPerMessage[SetVariables]", 65_536, "Size of a request.")
BYTES_PER_GET_REPORT = _most(None, "DeviceDataCtrlr.BytesPerMessage[GetReport]", 65_536, "Size of a request.")
METER_VALUES_SAMPLED_DATA_MAX_LENGTH = _most(
    "MeterValuesSampledDataMaxLength", None, len(MEASURANDS_BY_PHASE), "Members of that list."
)
METER_VALUES_ALIGNED_DATA_MAX_LENGTH = _most(
    "MeterValuesAlignedDataMaxLength", None, len(MEASURANDS_BY_PHASE), "Members of that list."
)
STOP_TXN_SAMPLED_DATA_MAX_LENGTH = _most(
    "StopTxnSampledDataMaxLength", None, len(MEASURANDS_BY_PHASE), "Members of that list."
)
STOP_TXN_ALIGNED_DATA_MAX_LENGTH = _most(
    "StopTxnAlignedDataMaxLength", None, len(MEASURANDS_BY_PHASE), "Members of that list."
)
CONNECTOR_PHASE_ROTATION_MAX_LENGTH = _most("ConnectorPhaseRotationMaxLength", None, 100, "Members of that list.")
