"""Plug & Charge ("Using ISO 15118 Plug & Charge with OCPP 1.6" 1.0, Open Charge Alliance)."""

from __future__ import annotations

from chargepoint.core.kinds import READ_ONLY, boolean

ISO15118_PNC_ENABLED = boolean(
    "ISO15118PnCEnabled", None, False,
    "Vehicles may identify themselves by contract certificates. Nothing here speaks with vehicles yet.",
    writable=READ_ONLY,
)  # fmt: skip
