"""The lease: what the daemon permits, and what is left of it when the daemon falls silent. Pure.

Two stages, because withdrawing the offer at once would put some cars to sleep for good: 10 s without a fresh permit,
and only the fallback current is left; 120 s, and the offer is withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf

from hw.api import Permit

FRESH_S = 10.0
LEASE_S = 120.0
OLDEST_AT_ARRIVAL_S = 2.0  # a permit that was on its way for longer describes another time
FUTURE_S = 0.5  # sender and receiver read the same clock; more than this is a mistake


class Stage(Enum):
    NONE = "none"  # no permit for this guard run yet
    FRESH = "fresh"
    FALLBACK = "fallback"
    ENDED = "ended"


NONE, FRESH, FALLBACK, ENDED = Stage  # looking up an attribute of an Enum is dear, and this is done all the time


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the lease allows now."""

    stage: Stage
    limit_a: float = 0.0
    hold_lock: bool | None = None  # None: nobody has said yet
    out_of_service: bool = False
    measured_a: tuple[float, ...] = ()
    measured_v: tuple[float, ...] = ()
    measured_at_s: float | None = None
    phases: int | None = None  # None: as they are
    fallback_a: float = 6.0  # what is left where nobody knows what the car draws
    status: str = ""  # of the EVSE, as its daemon has just told it; "" = no daemon has
    metered: bool = False  # the daemon says that there is a meter
    blinks: int = 0  # of a lamp that asks for something; 0: on and on
    light: int = 100  # percent
    sent_at_s: float = -inf  # of the permit behind it: what is allowed, a visit that began later does not inherit

    def orders_like(self, other: Allowance) -> bool:
        """Does it order the same? Measurements are not orders."""
        return (
            self.stage is other.stage
            and self.limit_a == other.limit_a
            and self.hold_lock == other.hold_lock
            and self.out_of_service == other.out_of_service
            and self.phases == other.phases
            and self.fallback_a == other.fallback_a
        )


NOTHING_YET = Allowance(NONE)


class Lease:
    """The lease of one EVSE in one guard run."""

    def __init__(self, epoch: int, began_s: float) -> None:
        self.epoch = epoch
        self._renewed_s = began_s
        self._permit: Permit | None = None
        self._allowance = NOTHING_YET

    def accept(self, permit: Permit, now_s: float) -> str:
        """Take a permit that has just arrived; why it is ignored, or ""."""
        if permit.guard_epoch != self.epoch:
            return "it is meant for another guard run"
        age_s = now_s - permit.sent_at_s
        if age_s > OLDEST_AT_ARRIVAL_S:
            return "it is too old"
        if age_s < -FUTURE_S:
            return "it comes from the future"
        if self._permit is not None and permit.sent_at_s < self._permit.sent_at_s:
            return "a newer one has overtaken it"
        self._permit = permit
        self._renewed_s = min(permit.sent_at_s, now_s)
        self._allowance = _fresh(permit, self._renewed_s)
        return ""

    def allowance(self, now_s: float) -> Allowance:
        """The same object as long as nothing changes."""
        stage = self.stage(now_s)
        if stage is not self._allowance.stage:
            self._allowance = self._reduced(stage)
        return self._allowance

    def stage(self, now_s: float) -> Stage:
        silent_s = now_s - self._renewed_s
        if silent_s >= LEASE_S:
            return ENDED
        if self._permit is None:
            return NONE
        return FRESH if silent_s < FRESH_S else FALLBACK

    def due_s(self, now_s: float) -> float:
        """When silence will have its next consequence; inf = it has had all."""
        return min(
            (end_s for end_s in (self._renewed_s + FRESH_S, self._renewed_s + LEASE_S) if end_s > now_s), default=inf
        )

    def _reduced(self, stage: Stage) -> Allowance:
        permit = self._permit
        if permit is None or stage is ENDED:
            return Allowance(ENDED, hold_lock=False)  # nobody is left who could ever release the cable
        return Allowance(
            stage,
            limit_a=min(permit.limit_a, permit.fallback_a),
            hold_lock=permit.hold_lock,
            out_of_service=permit.out_of_service,
            phases=permit.phases,
            fallback_a=permit.fallback_a,
            blinks=permit.blinks,
            light=permit.light,
            sent_at_s=self._renewed_s,
        )


def _fresh(permit: Permit, sent_at_s: float) -> Allowance:
    return Allowance(
        FRESH,
        permit.limit_a,
        permit.hold_lock,
        permit.out_of_service,
        permit.measured_a,
        permit.measured_v,
        permit.measured_at_s,
        permit.phases,
        permit.fallback_a,
        permit.status,
        permit.metered,
        permit.blinks,
        permit.light,
        sent_at_s,
    )
