"""Facts in plain words, one line each: for the log, and for people who ask what happened."""

from __future__ import annotations

from chargepoint.core import facts as f


def told(fact: f.Fact) -> str:
    """A line for a fact somebody on site would notice; "" for the others."""
    words = _words(fact)
    return f"evse={fact.evse} {words}" if words and fact.evse else words


def _words(fact: f.Fact) -> str:
    match fact:
        case f.StatusChanged(_, status, fault):
            return f"{status}" + (f" ({fault})" if fault else "")
        case f.CablePlugged(_, cable_a):
            return "vehicle connected" + (f", cable for {cable_a:g} A" if cable_a else "")
        case f.CableUnplugged():
            return "vehicle disconnected"
        case f.SessionResumed(_, session, transaction):
            return f"session={session[:8]} transaction={transaction[:8]} is taken up after a restart"
        case f.TokenAccepted(_, session, token, by):
            return f"session={session[:8]} {token.masked or 'everybody'} may charge ({by})"
        case f.TokenRefused(_, token, why):
            return f"{token.masked} may not charge: {why}"
        case f.Deauthorized(_, session, why):
            return f"session={session[:8]} authorization withdrawn: {why}"
        case f.PriceTold(_, text):
            return f"price: {text}"
        case f.CostTold(_, transaction, cost, final):
            return f"transaction={transaction[:8]} costs {cost}{'' if final else ' so far'}"
        case f.PlugInTimedOut(_, session):
            return f"session={session[:8]} no vehicle came"
        case f.ContactorClosed(_, offered_a):
            return f"contactor closed, {offered_a:.1f} A"
        case f.ContactorOpened():
            return "contactor opened"
        case f.LimitChanged(_, amps, source):
            return f"{amps:.1f} A ({source})" if amps else f"no power: {source}"
        case f.FaultRaised(_, name, severity, remedy):
            return f"{severity} fault {name}. {remedy}"
        case f.FaultCleared(_, name):
            return f"fault {name} is gone"
        case f.LocalLimitSet(_, amps):
            return "limit set on site is lifted" if amps is None else f"limited to {amps:g} A on site"
        case f.GridLimitSet(_, None):
            return "the grid operator's limit is lifted"
        case f.GridLimitSet(_, float(watts)):
            return f"limited to {watts / 1000:g} kW by the grid operator"
        case f.AvailabilityChanged(_, operative):
            return "in service" if operative else "out of service"
        case f.Reserved(_, reservation, token, until):
            return f"reservation={reservation} for {token.masked} until {until:%H:%M}"
        case f.ReservationEnded(_, reservation, why):
            return f"reservation={reservation} {why}"
        case f.FirmwareStatusChanged(_, status, request_id):
            return f"firmware update{f' {request_id}' if request_id is not None else ''}: {status}"
        case f.LogStatusChanged(_, status, request_id):
            return f"log{f' {request_id}' if request_id is not None else ''}: {status}"
        case f.SecurityEvent(_, event, info) | f.SecurityNoted(_, event, info):
            return f"security: {event}" + (f" ({info})" if info else "")
        case f.MeterLost(_, why):
            return f"meter lost: {why}"
        case f.StationStarted(_, cause):
            return f"started ({cause})"
        case f.JournalDamaged(_, moved_to):
            return f"the journal was damaged; it is kept as {moved_to}"
        case f.SettingChanged(_, name, value, origin):
            return f"{name} = {value or '(secret)'} ({origin})"
        case f.CsmsConnected(_, ocpp):
            return f"the back office accepts us, OCPP {ocpp}"
        case f.CsmsLost():
            return "the back office cannot be reached"
        case f.CardPresented(_, reader, token):
            return f"card {token.masked} at reader {reader + 1}"
        case f.CardReaderBack(_, reader):  # that it was lost is said by whoever tries again, once
            return f"card reader {reader + 1} is back"
        case f.MeterIdentified(_, meter, ""):
            return f"its meter is {meter}"
        case f.MeterIdentified(_, meter, before):
            return (
                f"another meter is in place: {meter} instead of {before}. "
                "It is followed from here; the step between their registers is not billed"
            )
        case f.MeterBack():
            return "meter is back"
        case f.TransactionStarted(_, transaction, _, _, trigger, _, _, meter_wh):
            return f"transaction={transaction[:8]} started at {meter_wh:.0f} Wh ({trigger})"
        case f.TransactionEnded(_, transaction, _, _, _, _, reason, _, meter_wh):
            return f"transaction={transaction[:8]} ended at {meter_wh:.0f} Wh, {fact.energy_wh:.0f} Wh ({reason})"
        case _:
            return ""
