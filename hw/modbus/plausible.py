"""Is that a reading at all? Values no meter in a charge point can have, and values that are only unusual."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from hw.api import Reading

MOST = {"V": 1000.0, "A": 2000.0, "W": 2e6, "Wh": 1e12}
"""Beyond any low-voltage installation: words or registers taken for what they are not."""
LEAST = 1e-6
"""The words of a float the wrong way round make numbers like 2e-41; no display counts so fine."""
MAINS_V = (230.0, 120.0, 110.0)
FREQUENCIES_HZ = (40.0, 70.0)


def oddity(reading: Reading) -> str:
    """The first value that cannot be, in words; "" where all can."""
    for name, value, unit in _values(reading):
        if math.isnan(value):  # no energy: told elsewhere
            continue
        if abs(value) > MOST[unit] or 0.0 < abs(value) < LEAST:
            return f"{name} = {value:.4g} {unit}"
        if value < 0.0 and unit in ("V", "Wh"):
            return f"{name} = {value:.4g} {unit}"
    return ""


def _values(reading: Reading) -> Iterator[tuple[str, float, str]]:
    for phase, volts in enumerate(reading.voltage_v, 1):
        yield f"voltage of L{phase}", volts, "V"
    for phase, amps in enumerate(reading.current_a, 1):
        yield f"current of L{phase}", amps, "A"
    if reading.power_w is not None:
        yield "power", reading.power_w, "W"
    yield "energy", reading.energy_wh, "Wh"


def unusual(reading: Reading) -> str:
    """A remark on the mains voltage, "" where it is within a tenth of a usual one or not told."""
    if not reading.voltage_v:
        return ""
    volts = reading.voltage_v[0]
    if any(abs(volts - mains) <= mains / 10 for mains in MAINS_V):
        return ""
    return f"L1 has {volts:.1f} V, which is not within a tenth of 230 or 110 V"


def tidied(reading: Reading) -> Reading:
    """Without side values that cannot be; frequency in Hz where a meter tells tenths (some SDM630 do)."""
    frequency, factor = reading.frequency_hz, reading.power_factor
    if frequency is not None and frequency > 100.0:
        frequency /= 10.0
    if frequency is not None and not FREQUENCIES_HZ[0] <= frequency <= FREQUENCIES_HZ[1]:
        frequency = None
    if factor is not None and abs(factor) > 1.0:
        factor = None if abs(factor) > 1.01 else math.copysign(1.0, factor)
    return replace(reading, frequency_hz=frequency, power_factor=factor)
