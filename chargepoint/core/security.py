"""What whoever looks after security should hear of, and how often one and the same thing is told.

The words are OCPP 2.0.1's (part 2, appendix 1); 1.6 writes four of them otherwise (security whitepaper edition 3,
chapter 8). Critical ones must reach the back office (A04.FR.02), and so do those that a use case says to trigger; the
rest is for the security log alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chargepoint.core.facts import SecurityEvent, SecurityNoted

PERIOD_S = 3_600.0
"""The same event is told once in that time; the others are counted."""


class Event(StrEnum):
    """Security events, each with what it means here."""

    FIRMWARE_UPDATED = "FirmwareUpdated"
    FAILED_TO_AUTHENTICATE_AT_CSMS = "FailedToAuthenticateAtCsms"  # password or client certificate refused
    CSMS_FAILED_TO_AUTHENTICATE = "CsmsFailedToAuthenticate"  # what the server showed of itself was refused
    SETTING_SYSTEM_TIME = "SettingSystemTime"
    STARTUP_OF_THE_DEVICE = "StartupOfTheDevice"  # the machine has booted
    RESET_OR_REBOOT = "ResetOrReboot"  # the program has started anew without that
    SECURITY_LOG_WAS_CLEARED = "SecurityLogWasCleared"
    RECONFIGURATION_OF_SECURITY_PARAMETERS = "ReconfigurationOfSecurityParameters"
    MEMORY_EXHAUSTION = "MemoryExhaustion"  # the disk is full, or nearly
    INVALID_MESSAGES = "InvalidMessages"
    ATTEMPTED_REPLAY_ATTACKS = "AttemptedReplayAttacks"
    TAMPER_DETECTION_ACTIVATED = "TamperDetectionActivated"  # the enclosure is open
    INVALID_FIRMWARE_SIGNATURE = "InvalidFirmwareSignature"
    INVALID_FIRMWARE_SIGNING_CERTIFICATE = "InvalidFirmwareSigningCertificate"
    INVALID_CSMS_CERTIFICATE = "InvalidCsmsCertificate"
    INVALID_CHARGING_STATION_CERTIFICATE = "InvalidChargingStationCertificate"
    INVALID_TLS_VERSION = "InvalidTLSVersion"
    INVALID_TLS_CIPHER_SUITE = "InvalidTLSCipherSuite"
    MAINTENANCE_LOGIN_ACCEPTED = "MaintenanceLoginAccepted"  # somebody has come to the station's own page
    MAINTENANCE_LOGIN_FAILED = "MaintenanceLoginFailed"


CRITICAL = frozenset({
    Event.FIRMWARE_UPDATED, Event.SETTING_SYSTEM_TIME, Event.STARTUP_OF_THE_DEVICE, Event.RESET_OR_REBOOT,
    Event.SECURITY_LOG_WAS_CLEARED, Event.MEMORY_EXHAUSTION, Event.TAMPER_DETECTION_ACTIVATED,
    Event.MAINTENANCE_LOGIN_ACCEPTED, Event.MAINTENANCE_LOGIN_FAILED,
})  # fmt: skip
TRIGGERED = frozenset({
    Event.FAILED_TO_AUTHENTICATE_AT_CSMS, Event.INVALID_FIRMWARE_SIGNATURE, Event.INVALID_FIRMWARE_SIGNING_CERTIFICATE,
    Event.INVALID_CSMS_CERTIFICATE, Event.INVALID_CHARGING_STATION_CERTIFICATE, Event.INVALID_TLS_VERSION,
    Event.INVALID_TLS_CIPHER_SUITE,
})  # fmt: skip
"""Not critical, but A00, A02, L01 and their tests want the back office to hear of them."""

PROVOKED = frozenset({
    Event.FAILED_TO_AUTHENTICATE_AT_CSMS, Event.CSMS_FAILED_TO_AUTHENTICATE, Event.INVALID_CSMS_CERTIFICATE,
    Event.INVALID_TLS_VERSION, Event.INVALID_TLS_CIPHER_SUITE, Event.INVALID_MESSAGES, Event.ATTEMPTED_REPLAY_ATTACKS,
    Event.MAINTENANCE_LOGIN_FAILED,
})  # fmt: skip
"""Made by others, as often and in as many variants as they like: one such event is the same whatever it is about."""


def fact(event: Event, info: str = "") -> SecurityEvent | SecurityNoted:
    """What is owed to the back office, or what is only kept."""
    kind = SecurityEvent if event in CRITICAL | TRIGGERED else SecurityNoted
    return kind(0, event, info)


@dataclass(frozen=True, slots=True)
class _Told:
    info: str
    at_s: float
    repeats: int = 0


@dataclass(slots=True)
class Notices:
    """Says what is news. A first event is; its repetitions within PERIOD_S become one notice that counts them."""

    _told: dict[tuple[Event, str], _Told] = field(default_factory=dict)

    def take(self, event: Event, info: str, now_s: float) -> SecurityEvent | SecurityNoted | None:
        """The fact to tell; None: the same has been told a moment ago, and this one is counted."""
        key = (event, "" if event in PROVOKED else info)
        told = self._told.get(key)
        if told is not None and now_s - told.at_s < PERIOD_S:
            self._told[key] = replace(told, repeats=told.repeats + 1)
            return None
        self._told[key] = _Told(info, now_s)
        return fact(event, _counted(info, told.repeats if told is not None else 0))

    def overdue(self, now_s: float) -> Iterator[SecurityEvent | SecurityNoted]:
        """Repetitions of a period that is over and that nothing has followed. Forgets what is long past."""
        for (event, subject), told in list(self._told.items()):
            if now_s - told.at_s < PERIOD_S:
                continue
            if not told.repeats:
                del self._told[event, subject]
                continue
            self._told[event, subject] = _Told(told.info, now_s)
            yield fact(event, _counted(told.info, told.repeats))


def _counted(info: str, repeats: int) -> str:
    return f"{info} ({repeats} more since the last notice)".strip() if repeats else info
