"""Periodic samples, packed: they are nearly all that the storage card is worn by.

Deflate with a dictionary of the words that occur: the 460 bytes of a three-phase sample become about 90, in 4 µs. The
first byte names the dictionary, because an old row must be read with the one it was written with.
"""

from __future__ import annotations

import zlib

_FIRST = (  # what occurs most stands last: short distances cost least
    "Energy.Reactive.Import.RegisterEnergy.Active.Export.RegisterEnergy.Active.Import.Interval"
    '"SoC","Percent""Temperature","Celsius""Frequency","Hz""Power.Factor""RPM""N""L1-N""L2-N""L3-N"'
    '"Power.Offered","W","kWh","varh","var","VA""Power.Active.Export""Power.Reactive.Import""Current.Export"'
    '"Inlet","Cable","EV","Body","Transaction.Begin","Trigger","Interruption.Begin","Sample.Clock"'
    '"MeterValueClock","state":"SuspendedEVSE""SuspendedEV""EVConnected""Idle","offline":true'
    '{"evse":2,"samples":[["{"evse":1,"transaction":"","seq_no":1,"trigger":"MeterValuePeriodic","state":"Charging",'
    '"samples":[["202T00:00:00.000000+00:00","Sample.Periodic",[["Energy.Active.Import.Register",.0,"Wh"],'
    '["Power.Active.Import",.0,"W"],["Current.Offered",16.0,"A"],["Current.Import",0.0,"A","L1"],'
    '["Current.Import",1.0,"A","L2"],["Current.Import",1.0,"A","L3"],["Voltage",230.0,"V","L1"],'
    '["Voltage",23.0,"V","L2"],["Voltage",23.0,"V","L3"]]]]}'
)
_DICTIONARIES = (_FIRST.encode(),)
"""Numbered from 0. Add a new one at the end; never change one that has been in use."""

_LATEST = len(_DICTIONARIES) - 1
_WINDOW_BITS = -12  # raw deflate, 4 KiB: longer than a dictionary and a usual sample together
_MEMORY_LEVEL = 4
_QUICK = 6


def pack(text: str) -> bytes:
    squeeze = zlib.compressobj(
        _QUICK, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL, zlib.Z_DEFAULT_STRATEGY, _DICTIONARIES[_LATEST]
    )
    return bytes([_LATEST]) + squeeze.compress(text.encode()) + squeeze.flush()


def unpack(packed: bytes) -> str:
    """Raises ValueError when the bytes are not what `pack` made, or a newer version's."""
    try:
        stretch = zlib.decompressobj(_WINDOW_BITS, _DICTIONARIES[packed[0]])
        return (stretch.decompress(packed[1:]) + stretch.flush()).decode()
    except (IndexError, zlib.error) as error:
        raise ValueError(f"a packed sample cannot be read: {error}") from error
