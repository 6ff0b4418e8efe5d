"""Which values go out with the meter's signature, and with which of them its key.

Source: "Signed Meter Values in OCPP" 1.0, Open Charge Alliance, sections 3.3 and 5.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto

from chargepoint.core import catalogue as known
from chargepoint.core.facts import Sample
from chargepoint.core.settings import Setting, Settings


class Told(Enum):
    """What a value is taken for."""

    STARTED = auto()  # the begin of a transaction
    UPDATED = auto()  # regularly while it runs
    CLOCK = auto()  # at fixed times of day
    ENDED = auto()  # its end, with which begin and end value are told
    CLOCK_ENDED = auto()  # at fixed times of day, told with the end
    ASKED = auto()  # the back office wants to know


SIGNED: Mapping[Told, tuple[Setting[bool], ...]] = {  # all of them have to be true
    Told.STARTED: (known.SAMPLED_DATA_SIGN_READINGS, known.SAMPLED_DATA_SIGN_STARTED_READINGS),
    Told.UPDATED: (known.SAMPLED_DATA_SIGN_READINGS, known.SAMPLED_DATA_SIGN_UPDATED_READINGS),
    Told.CLOCK: (known.ALIGNED_DATA_SIGN_READINGS, known.ALIGNED_DATA_SIGN_UPDATED_READINGS),
    Told.ENDED: (known.SAMPLED_DATA_SIGN_READINGS,),
    Told.CLOCK_ENDED: (known.ALIGNED_DATA_SIGN_READINGS,),
}

ANY, ENDS = "any", "ends"
"""What a meter signs: any reading, or only begin and end values; "" nothing."""

_BEGIN, _END = frozenset("B"), frozenset("ELRAP")
"""Transaction codes of OCMF 1.0, table 7: a begin, and the kinds of end."""


def signs(settings: Settings, told: Told) -> bool:
    """Shall a value for this be signed, if the meter can?"""
    wanted = SIGNED.get(told)
    return wanted is not None and all(settings[setting] for setting in wanted)


def with_keys(samples: Sequence[Sample], settings: Settings, *, last: bool = False) -> tuple[Sample, ...]:
    """The samples of one message, each with the key only where it is to be told.

    Once a transaction means: with the first signed value of its last message, the one that a bill is made of.
    """
    policy = settings[known.PUBLIC_KEY_WITH_SIGNED_METER_VALUE]
    if policy == known.EVERY_METER_VALUE:
        return tuple(samples)
    bare = [replace(sample, public_key="") if sample.public_key else sample for sample in samples]
    first = next((n for n, sample in enumerate(samples) if sample.signed), None)
    if last and policy == known.ONCE_PER_TRANSACTION and first is not None:
        bare[first] = samples[first]
    return tuple(bare)


def told_once(collected: Sequence[Sample], end: Sample | None) -> list[Sample]:
    """A begin whose signature is part of the end's needs none of its own (section 3.1.4)."""
    if end is None or not end.signed or not holds_both(end.signed):
        return list(collected)
    begin = "Transaction.Begin"
    return [replace(each, signed="", public_key="") if each.context == begin else each for each in collected]


def holds_both(record: str) -> bool:
    """Are begin and end in this one OCMF record?"""
    try:
        readings = json.loads(record.split("|")[1])["RD"]
        codes = frozenset(reading["TX"] for reading in readings if "TX" in reading)
    except (ValueError, KeyError, IndexError, TypeError):
        return False
    return bool(codes & _BEGIN) and bool(codes & _END)
