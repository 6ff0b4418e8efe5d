"""Which values are told with the meter's signature ("Signed Meter Values in OCPP" 1.0, sections 3.3 and 4.3)."""

from __future__ import annotations

from chargepoint.core.kinds import boolean, choice

SAMPLED_DATA_SIGN_READINGS = boolean(
    "SampledDataSignReadings", "SampledDataCtrlr.SignReadings", True,
    "Tell begin and end value with the end of a transaction as the meter has signed them.",
)  # fmt: skip
SAMPLED_DATA_SIGN_STARTED_READINGS = boolean(
    "SampledDataSignStartedReadings", "SampledDataCtrlr.SignStartedReadings", True,
    "... and the begin value at the start.",
)  # fmt: skip
SAMPLED_DATA_SIGN_UPDATED_READINGS = boolean(
    "SampledDataSignUpdatedReadings", "SampledDataCtrlr.SignUpdatedReadings", False,
    "... and those sent regularly in between, where the meter signs such.",
)  # fmt: skip
ALIGNED_DATA_SIGN_READINGS = boolean(
    "AlignedDataSignReadings", "AlignedDataCtrlr.SignReadings", False,
    "Values of fixed times of day that are told with the end: as the meter has signed them, where it signs such.",
)  # fmt: skip
ALIGNED_DATA_SIGN_UPDATED_READINGS = boolean(
    "AlignedDataSignUpdatedReadings", "AlignedDataCtrlr.SignUpdatedReadings", False,
    "... and those sent at once.",
)  # fmt: skip

NEVER, ONCE_PER_TRANSACTION, EVERY_METER_VALUE = "Never", "OncePerTransaction", "EveryMeterValue"
PUBLIC_KEY_WITH_SIGNED_METER_VALUE = choice(
    "PublicKeyWithSignedMeterValue", "OCPPCommCtrlr.PublicKeyWithSignedMeterValue", EVERY_METER_VALUE,
    "With which signed value the meter's key is told. A bill that carries it can be verified for ever.",
    choices=(NEVER, ONCE_PER_TRANSACTION, EVERY_METER_VALUE),
)  # fmt: skip

OF_SIGNING_METERS = (
    SAMPLED_DATA_SIGN_READINGS,
    SAMPLED_DATA_SIGN_STARTED_READINGS,
    SAMPLED_DATA_SIGN_UPDATED_READINGS,
    ALIGNED_DATA_SIGN_READINGS,
    ALIGNED_DATA_SIGN_UPDATED_READINGS,
    PUBLIC_KEY_WITH_SIGNED_METER_VALUE,
)
"""A station without such a meter has none of these."""
BETWEEN_BEGIN_AND_END = (
    SAMPLED_DATA_SIGN_UPDATED_READINGS,
    ALIGNED_DATA_SIGN_READINGS,
    ALIGNED_DATA_SIGN_UPDATED_READINGS,
)
"""These are false for ever where no meter signs but begin and end."""
