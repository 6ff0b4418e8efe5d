"""What happened, in the words of somebody who stands beside the station."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chargepoint.cli.paint import amps, energy

Json = Mapping[str, Any]
Saying = Callable[[Json], str]


def _cable(fact: Json) -> str:
    return f", cable for {amps(fact['cable_a'])}" if fact.get("cable_a") else ""


def _status(fact: Json) -> str:
    words = str(fact["status"]).replace("_", " ")
    return f"{words}: {fact['fault']}" if fact["fault"] and words == "faulted" else words


def _accepted(fact: Json) -> str:
    return f"card {fact['token']} accepted ({fact['by']})" if fact["token"] else f"may charge ({fact['by']})"


def _started(fact: Json) -> str:
    card = f" for card {fact['token']}" if fact["token"] else ""
    return f"transaction begins{card} at {fact['meter_wh'] / 1000:.3f} kWh{_offline(fact)}"


def _ended(fact: Json) -> str:
    return f"transaction ends ({fact['reason']}), {energy(fact['energy_wh'])} charged{_offline(fact)}"


def _offline(fact: Json) -> str:
    return ", told to the back office later" if fact.get("offline") else ""


SAYINGS: Mapping[str, Saying] = {
    "StatusChanged": _status,
    "CablePlugged": lambda fact: f"plugged in{_cable(fact)}",
    "CableUnplugged": lambda fact: "unplugged",
    "SessionStarted": lambda fact: "somebody is here",
    "SessionEnded": lambda fact: "gone again",
    "TokenAccepted": _accepted,
    "TokenRefused": lambda fact: f"card {fact['token']} refused: {fact['why']}",
    "Deauthorized": lambda fact: f"no longer allowed to charge: {fact['why']}",
    "PlugInTimedOut": lambda fact: "nobody plugged in; the permission has lapsed",
    "ContactorClosed": lambda fact: f"contactor closed, {amps(fact['offered_a'])} offered",
    "ContactorOpened": lambda fact: "contactor opened",
    "LimitChanged": lambda fact: f"may draw {amps(fact['amps'])} per phase ({fact['source']})",
    "FaultRaised": lambda fact: f"FAULT {fact['name']} ({fact['severity']}). {fact['remedy']}",
    "FaultCleared": lambda fact: f"fault {fact['name']} is gone",
    "AvailabilityChanged": lambda fact: "in service" if fact["operative"] else "out of service",
    "AvailabilityScheduled": lambda fact: f"{'in' if fact['operative'] else 'out of'} service after this session",
    "Reserved": lambda fact: f"reserved for {fact['token']}, number {fact['reservation']}",
    "ReservationEnded": lambda fact: f"reservation {fact['reservation']} {fact['why']}",
    "FirmwareStatusChanged": lambda fact: f"firmware update: {fact['status']}",
    "LogStatusChanged": lambda fact: f"log upload: {fact['status']}",
    "SecurityEvent": lambda fact: f"SECURITY {fact['event']}",
    "SecurityNoted": lambda fact: f"SECURITY {fact['event']}",
    "SettingChanged": lambda fact: f"setting {fact['name']} = {fact['value']} ({fact['origin']})",
    "StationStarted": lambda fact: f"started ({fact['cause']})",
    "CsmsConnected": lambda fact: f"back office connected, OCPP {fact['ocpp']}",
    "CsmsLost": lambda fact: f"back office lost: {fact['why']}",
    "MeterLost": lambda fact: f"meter lost: {fact['why']}",
    "MeterBack": lambda fact: "meter is back",
    "MeterIdentified": lambda fact: (
        f"meter {fact['meter']} in place of {fact['before']}" if fact["before"] else f"meter {fact['meter']}"
    ),
    "CardPresented": lambda fact: f"card {fact['token']} at reader {fact['reader'] + 1}",
    "CardReaderLost": lambda fact: f"card reader {fact['reader'] + 1} lost: {fact['why']}",
    "CardReaderBack": lambda fact: f"card reader {fact['reader'] + 1} is back",
    "JournalDamaged": lambda fact: f"the journal was damaged; it is kept as {fact['moved_to']}",
    "TransactionStarted": _started,
    "TransactionUpdated": lambda fact: f"transaction goes on ({fact['trigger']}, {fact['state']}){_offline(fact)}",
    "SessionNoted": lambda fact: f"session is noted for a restart ({fact['state'].lower()})",
    "SessionResumed": lambda fact: "session taken up after a restart",
    "LocalLimitSet": lambda fact: (
        "limit set on site lifted" if fact["amps"] is None else f"limited to {fact['amps']:g} A on site"
    ),
    "GridLimitSet": lambda fact: (
        "grid operator's limit lifted"
        if fact["watts"] is None
        else f"limited to {fact['watts'] / 1000:g} kW by the grid operator"
    ),
    "TransactionEnded": _ended,
    "BeginMetered": lambda fact: "begin values taken",
    "ConnectorUnplugged": lambda fact: "the plug was taken out after the transaction",
    "PriceTold": lambda fact: f"price: {fact['text']}",
    "CostTold": lambda fact: f"costs {fact['cost']}{'' if fact['final'] else ' so far'}",
    "MetersSampled": lambda fact: "meter values taken",
}

COLOURS = {
    "FaultRaised": "red",
    "JournalDamaged": "red",
    "TokenRefused": "yellow",
    "Deauthorized": "yellow",
    "GridLimitSet": "yellow",
    "CsmsLost": "yellow",
    "MeterLost": "yellow",
    "CardReaderLost": "yellow",
    "ContactorClosed": "green",
    "CsmsConnected": "green",
    "TransactionUpdated": "dim",
    "MetersSampled": "dim",
    "BeginMetered": "dim",
    "SessionNoted": "dim",
}


def saying(fact: Json) -> tuple[str, str]:
    """The sentence and its colour ("" for none)."""
    say = SAYINGS.get(fact["kind"])
    return say(fact) if say else str(fact["kind"]), COLOURS.get(fact["kind"], "")
