"""What the guard drives at one EVSE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hw.api import Contactor, Heartbeat, HostedMeter, Indicator, Lock, Pilot, SensorBoard, Sensors
from hw.guard.senses import Senses
from hw.guard.signals import Spec


@dataclass(frozen=True, slots=True)
class Hardware:
    """The drivers of one EVSE; some boards serve several of them."""

    spec: Spec
    pilot: Pilot
    contactor: Contactor  # the pilot itself, where its controller switches mains
    lock: Lock | None = None
    sensors: SensorBoard | None = None  # beside the pilot's own
    station_sensors: SensorBoard | None = None  # one board for all EVSEs
    indicator: Indicator | None = None
    phase_contactor: Contactor | None = None  # of L2 and L3, in series with the contactor
    meter: HostedMeter | None = None

    @property
    def hearts(self) -> list[Heartbeat]:
        """The drivers that must hear from a healthy guard."""
        parts: tuple[object, ...] = (
            self.pilot, self.contactor, self.lock, self.sensors, self.station_sensors, self.indicator,
            self.phase_contactor, self.meter,
        )  # fmt: skip
        return [part for part in parts if isinstance(part, Heartbeat)]

    def senses(self) -> tuple[Callable[[], Sensors], Callable[[], None]]:
        """How to read every sensor, and how to have the residual-current device test itself."""
        if self.sensors is None and self.station_sensors is None:
            return self.pilot.sensors, self.pilot.test_residual_current
        own = [self.pilot] if self.sensors is None else [self.pilot, self.sensors]
        senses = Senses(own, self.station_sensors)
        return senses.read, senses.test
