"""Charging profiles: how many and of which kind."""

from __future__ import annotations

from chargepoint.core.kinds import READ_ONLY, boolean, csl, integer

CHARGE_PROFILE_MAX_STACK_LEVEL = integer(
    "ChargeProfileMaxStackLevel", "SmartChargingCtrlr.ProfileStackLevel", 20, "Highest stack level of a profile.",
    writable=READ_ONLY,
)  # fmt: skip
CHARGING_SCHEDULE_ALLOWED_CHARGING_RATE_UNIT = csl(
    "ChargingScheduleAllowedChargingRateUnit", None, ["Current", "Power"],
    "Units of a schedule: Current is amperes per phase, Power is watts of all phases.",
    choices=["Current", "Power"], writable=READ_ONLY,
)  # fmt: skip
RATE_UNIT = csl(
    None, "SmartChargingCtrlr.RateUnit", ["A", "W"], "Units of a schedule.", choices=["A", "W"], writable=READ_ONLY
)
CHARGING_SCHEDULE_MAX_PERIODS = integer(
    "ChargingScheduleMaxPeriods", "SmartChargingCtrlr.PeriodsPerSchedule", 672,
    "Periods of one schedule: a week of quarters of an hour.", writable=READ_ONLY,
)  # fmt: skip
MAX_CHARGING_PROFILES_INSTALLED = integer(
    "MaxChargingProfilesInstalled", "SmartChargingCtrlr.Entries[ChargingProfiles]", 100,
    "Charging profiles kept at a time.", writable=READ_ONLY,
)  # fmt: skip
CONNECTOR_SWITCH_3_TO_1_PHASE_SUPPORTED = boolean(
    "ConnectorSwitch3to1PhaseSupported", "SmartChargingCtrlr.Phases3to1", False,
    "The station can change from three phases to one while it charges.", writable=READ_ONLY,
)  # fmt: skip
RANDOM_DELAY = integer(
    "RandomDelay", "SmartChargingCtrlr.RandomDelay", 0,
    "Longest random delay before charging starts, or changes with a charging profile; 0: none. In the configuration "
    "file: random_delay_s in [supply].",
    unit="s", maximum=1800,
)  # fmt: skip
