"""Builds the station as configured, and takes up what the memory and the journal kept of a former run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from chargepoint.config import Config, EvseConfig, SupplyConfig
from chargepoint.core import catalogue as known
from chargepoint.core import keptaccount
from chargepoint.core.account import Account
from chargepoint.core.authorization import SOURCES, Cards
from chargepoint.core.balance import Balance
from chargepoint.core.building import Building
from chargepoint.core.circumstances import Circumstances
from chargepoint.core.connection import Connection
from chargepoint.core.evse import Evse, EvseSpec
from chargepoint.core.facts import (
    AvailabilityChanged,
    AvailabilityScheduled,
    GridLimitSet,
    LocalLimitSet,
    MeterIdentified,
    Record,
    SessionNoted,
    SettingChanged,
    StopReason,
    TransactionStarted,
)
from chargepoint.core.localtime import LocalTime
from chargepoint.core.metering import deliverable
from chargepoint.core.network import Networks
from chargepoint.core.offpeak import UK
from chargepoint.core.reception import Reception
from chargepoint.core.recovery import Recovery
from chargepoint.core.reservation import Reservations
from chargepoint.core.settings import Setting, Settings
from chargepoint.core.sharing import Sharing
from chargepoint.core.station import Station
from chargepoint.core.steering import Steering
from chargepoint.core.supply import Supply
from chargepoint.core.wishes import Reconnect
from chargepoint.localzone import ahead_in
from chargepoint.records import grid as gridrecords
from chargepoint.security.access import Installed, means, password_in
from chargepoint.startcause import StartCause
from chargepoint.store.codec import Undecodable, decode, encode
from chargepoint.transfer import protocols
from hw.discovery import dims

log = logging.getLogger(__name__)


class Memory(Protocol):
    """The part of `store.memory.Memory` that is needed here."""

    def get(self, space: str, key: str, /) -> Any: ...
    def put(self, space: str, key: str, value: Any, /) -> None: ...


class OpenTransactions(Protocol):
    def open_transactions(self) -> Sequence[Sequence[Record]]: ...
    def samples_possibly_lost(self, transaction: str, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Built:
    """A station and what it was built from."""

    station: Station
    settings: Settings
    cards: Cards
    networks: Networks | None  # None: a station that needs no back office


def build(config: Config, memory: Memory, certificates: Installed | None = None) -> Built:
    """The station with settings, cards and availability as they were."""
    settings = _settings(config, memory)
    networks = _networks(config, settings, memory, certificates)
    cards = _cards(memory)
    around = Circumstances(settings, unaccepted=config.csms is not None)

    def changed(setting: Setting[Any], text: str, origin: str) -> None:
        memory.put("settings", "stored", settings.stored())
        around.emit(SettingChanged(0, setting.name, text, origin))
        if networks is not None and networks.changed():
            around.emit(Reconnect(0))

    settings.on_change = changed
    evses = {evse.id: Evse(_spec(evse, config.supply), around) for evse in config.evses}
    metered = [evse for evse in evses.values() if evse.spec.has_meter]
    reception = Reception(evses, around, cards, config.access.mode)
    station = Station(around, evses, reception, _sharing(config))
    settings.deliver(lambda: deliverable([(each.reading, each.spec.phases) for each in metered]))
    _keep_wall_clock(station.steering.wall, memory)
    _keep_off_peak(station.steering, memory, config.supply.off_peak)
    _keep_profiles(station, memory)
    _keep_reservations(reception.reservations, memory)
    _keep_accounts(evses.values(), memory)
    station.operative = memory.get("availability", "0") is not False
    for evse in evses.values():
        evse.operative = memory.get("availability", str(evse.id)) is not False
        evse.local_a = memory.get("limit", str(evse.id))
        evse.grid_told = gridrecords.is_open(memory, evse.id)
        evse.register.meter = memory.get("meter", str(evse.id)) or ""
    return Built(station, settings, cards, networks)


def recoveries(journal: OpenTransactions, memory: Memory, config: Config, boot: str) -> list[Recovery]:
    """What was open when the program ended."""
    reason = StopReason.REBOOT if StartCause(memory, boot).rebooted_by_somebody else StopReason.POWER_LOSS
    found = journal.open_transactions()
    return [_recovery(list(records), journal, memory, config, boot, reason) for records in found]


def _recovery(
    records: list[Record], journal: OpenTransactions, memory: Memory, config: Config, boot: str, reason: StopReason
) -> Recovery:
    same_boot = records[-1].boot == boot
    begun = records[0].fact
    if not isinstance(begun, TransactionStarted):
        raise ValueError(f"a transaction's first fact is {type(begun).__name__}")
    return Recovery(
        records, same_boot, resume_after_power_loss=config.station.after_power_loss == "resume",
        samples_lost=0 if same_boot else journal.samples_possibly_lost(begun.transaction),
        noted=_noted(memory, begun.evse, begun.session), reason=reason,
    )  # fmt: skip


def _noted(memory: Memory, evse: int, session: str) -> SessionNoted | None:
    """The note of that session, if the latest one is of it."""
    kept = memory.get("session", str(evse))
    try:
        note = decode("SessionNoted", kept) if kept is not None else None
    except Undecodable as error:
        log.warning("what was noted of the session at EVSE %d cannot be read: %s", evse, error)
        return None
    return note if isinstance(note, SessionNoted) and note.session == session else None


def remember(memory: gridrecords.Memory, record: Record) -> None:
    """What must outlive the program and is no bill: who is out of service, limits, and how far a session was.

    One entry an EVSE, overwritten by the next and never deleted: each change is a commit.
    """
    match record.fact:
        case AvailabilityChanged(evse, operative) | AvailabilityScheduled(evse, operative):
            memory.put("availability", str(evse), operative)  # 1.6 section 5.2
        case LocalLimitSet(evse, amps):
            memory.put("limit", str(evse), amps)
        case GridLimitSet():
            gridrecords.note(memory, record)
        case MeterIdentified(evse, meter):
            memory.put("meter", str(evse), meter)
        case SessionNoted(evse) as note:
            memory.put("session", str(evse), encode(note))


def _spec(evse: EvseConfig, supply: SupplyConfig) -> EvseSpec:
    return EvseSpec(
        id=evse.id, max_current_a=evse.max_current_a, phases=evse.phases, phase_rotation=evse.phase_rotation,
        outlet=evse.outlet, fallback_a=evse.fallback_a, on_meter_loss=evse.on_meter_loss,
        has_lock=evse.lock is not None, has_meter=evse.meter is not None,
        phase_switching=evse.phase_switching, external_limit_w=supply.external_limit_w,
    )  # fmt: skip


def _sharing(config: Config) -> Sharing:
    """What is in front of all EVSEs."""
    supply, connection = config.supply, Connection()
    if supply.building_max_current_a:
        connection.building = Building(supply.building_max_current_a, supply.building_fallback_a, supply.phases)
    if supply.max_phase_difference_a:
        connection.balance = Balance(supply.max_phase_difference_a)
    return Sharing(Supply(supply.max_current_a, supply.phases), connection)


def _settings(config: Config, memory: Memory) -> Settings:
    settings = Settings({**_random_delay(config.supply), **config.settings, **_ways_in(config)})
    knows_hosts = config.csms is not None and config.csms.known_hosts_file is not None
    settings.derive(known.SUPPORTED_FILE_TRANSFER_PROTOCOLS, protocols(knows_hosts=knows_hosts))
    settings.derive(known.NUMBER_OF_CONNECTORS, len(config.evses))
    rotations = [f"{evse.id}.{evse.phase_rotation}" for evse in config.evses]
    settings.derive(known.CONNECTOR_PHASE_ROTATION, tuple(rotations))
    settings.require(known.CONNECTOR_PHASE_ROTATION, partial(_strange_connector, len(config.evses)))
    _settle_by_hardware(settings, config)
    if config.csms is not None:
        settings.derive(known.IDENTITY, config.csms.identity)
    if settings.restore(memory.get("settings", "stored") or {}):  # the file's line has changed, and wins from now on
        memory.put("settings", "stored", settings.stored())

    return settings


UK_DELAY_S = 600
"""Regulation 11 of the Electric Vehicles (Smart Charge Points) Regulations 2021."""


def _random_delay(supply: SupplyConfig) -> dict[str, str]:
    span_s = supply.random_delay_s or (UK_DELAY_S if supply.off_peak == "uk" else 0)
    return {known.RANDOM_DELAY.name: str(span_s)} if span_s else {}


def _ways_in(config: Config) -> dict[str, str]:
    """What the file says of settings that have an option of their own: changed there, it wins again."""
    if config.csms is None:
        return {}
    said = {known.SECURITY_PROFILE.name: str(config.csms.security_profile)}
    password = password_in(config.csms.password_file)
    return said | ({known.AUTHORIZATION_KEY.name: password.hex()} if password else {})


def _networks(config: Config, settings: Settings, memory: Memory, certificates: Installed | None) -> Networks | None:
    if config.csms is None:
        return None
    networks = Networks(settings, means(config.csms, certificates))
    networks.load(memory.get("network", "trial"))
    networks.on_change = lambda: memory.put("network", "trial", networks.dump())
    return networks


def _strange_connector(last: int, rotations: Sequence[str]) -> str:
    numbers = [int(entry.partition(".")[0]) for entry in rotations]
    return next((f"names connector {each}, and the last one is {last}" for each in numbers if each > last), "")


def _settle_by_hardware(settings: Settings, config: Config) -> None:
    """What there is to set depends on what is fitted."""
    lamps = [evse.indicator for evse in config.evses if evse.indicator is not None]
    if not lamps:
        settings.withdraw([known.BLINK_REPEAT])
    if not any(map(dims, lamps)):
        settings.withdraw([known.LIGHT_INTENSITY])
    if all(evse.outlet == "cable" for evse in config.evses):
        settings.fix(known.UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT, False)  # 1.6 errata 3.83
    can_be_read = bool(config.displays) or config.web is not None
    settings.derive(known.CUSTOM_DISPLAY_COST_AND_PRICE, can_be_read)
    if not can_be_read:
        settings.withdraw(known.OF_A_DISPLAY)
    switchable = any(evse.phase_switching for evse in config.evses)
    settings.derive(known.CONNECTOR_SWITCH_3_TO_1_PHASE_SUPPORTED, switchable)


def _keep_wall_clock(wall: LocalTime, memory: Memory) -> None:
    """By what the clock on the wall has stood: recurring profiles refer to it."""
    kept = memory.get("clock", "wall") or {"past": [], "shown_s": None}
    wall.load(kept["past"], kept["shown_s"])
    wall.on_change = lambda: memory.put("clock", "wall", wall.dump())


def _keep_off_peak(steering: Steering, memory: Memory, region: str) -> None:
    """The owner's choice of charging hours, and which session charges in spite of them."""
    off_peak = steering.off_peak
    off_peak.default = UK if region == "uk" else ()
    off_peak.ahead = ahead_in("Europe/London" if region == "uk" else "", steering.wall)
    kept = memory.get("off_peak", "choice")
    try:
        if kept is not None:
            off_peak.load(kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        log.warning("the chosen charging hours cannot be read: %r", error)
    off_peak.on_change = lambda: memory.put("off_peak", "choice", off_peak.dump())


def _keep_profiles(station: Station, memory: Memory) -> None:
    """Charging profiles outlive the program (1.6 section 3.13.5)."""
    shelf = station.steering.shelf
    shelf.load(memory.get("profiles", "all") or [])
    shelf.on_change = lambda: memory.put("profiles", "all", shelf.dump())


def _keep_reservations(reservations: Reservations, memory: Memory) -> None:
    """So do reservations (1.6 section 5.14)."""
    reservations.load(memory.get("reservations", "all") or [])
    reservations.on_change = lambda: memory.put("reservations", "all", reservations.dump())


def _keep_accounts(evses: Iterable[Evse], memory: Memory) -> None:
    """What drivers were told of price and cost: the bill is the back office's, but who stands there goes on reading."""
    for evse in evses:
        _keep_account(evse.account, memory, str(evse.id))


def _keep_account(account: Account, memory: Memory, key: str) -> None:
    kept = memory.get("account", key)
    try:
        if kept is not None:
            keptaccount.load(account, kept)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        log.warning("what was kept of the costs at EVSE %s cannot be read: %r", key, error)
    account.on_change = lambda: memory.put("account", key, None if account.empty else keptaccount.dump(account))


def _cards(memory: Memory) -> Cards:
    cards = Cards()
    for source in SOURCES:  # each by itself: a tap does not write ten thousand cards of the back office's list
        cards.load(source, memory.get("cards", source) or {})
    cards.on_change = lambda source: memory.put("cards", source, cards.dump(source))
    return cards
