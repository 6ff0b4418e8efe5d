// Every word the page shows. To translate the page, translate this table.

export const texts = {
  title: (station) => [station.vendor, station.model].filter(Boolean).join(" "),
  plate: (station) => [station.identity, `serial ${station.serial_number}`, `version ${station.firmware}`].filter(Boolean).join(" · "),
  tab: (state, power, title) => [state, power, title].filter(Boolean).join(" · "),
  nothing: "–",
  gone: (seconds) => `The station does not answer. What you see is ${seconds < 90 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`} old. Trying again …`,
  connecting: "Connecting to the station …",
  dismiss: "Dismiss",
  failed: "The station could not be reached.",
  clock: { none: "The clock is not set yet", system: "The clock is not synchronised" },

  csms: {
    none: "No back office",
    offline: "Back office not reached",
    connecting: "Connecting to the back office",
    pending: "Back office: pending",
    rejected: "Back office has refused this station",
    accepted: (ocpp) => `Back office connected, OCPP ${ocpp}`,
    undelivered: (count) => (count === 1 ? "1 message waits" : `${count} messages wait`),
    dead: (count) => (count === 1 ? "1 message given up" : `${count} messages given up`),
  },

  states: {
    available: "Available",
    preparing: "Preparing",
    charging: "Charging",
    suspended_ev: "Paused by the car",
    suspended_evse: "Paused by the station",
    finishing: "Finished",
    reserved: "Reserved",
    unavailable: "Out of service",
    faulted: "Fault",
  },

  hints: {
    available: "Plug in a car, or show a card first.",
    available_free: "Plug in a car.",
    preparing_plugged: "The car is plugged in. Show a card.",
    preparing_token: "The card is accepted. Plug in the car.",
    preparing_both: "Starting …",
    preparing_offered: "Power is offered. The car has not asked for it yet.",
    finishing: "The session is over. Take the cable out.",
    unavailable: "Put it back into service to charge here.",
    reserved: "Kept for somebody else.",
    faulted: "Charging is not possible until this is mended.",
  },

  about: (id, spec) => [`EVSE ${id}`, spec && (spec.outlet === "cable" ? "cable" : "socket"), spec && (spec.phases === 1 ? "1 phase" : `${spec.phases} phases`), spec && `up to ${spec.max_current_a} A`].filter(Boolean).join(" · "),
  offer: (amps, why) => `${amps} A: ${why}`,
  noOffer: (why) => `No power: ${why}`,

  sources: {
    configuration: "what this EVSE can do",
    cable: "rating of the cable",
    supply: (others) => (others.length ? `supply shared with ${others.map((id) => `EVSE ${id}`).join(" and ")}` : "the supply of the building"),
    local: "limit set here",
    "no session": "no session",
    "no vehicle": "no car is plugged in",
    "meter begin value": "the meter is being read",
    "transaction ending": "the session is ending",
    journal: "the session cannot be recorded yet",
    "back office": "the back office allows no more energy",
    meter: "the meter does not answer",
    unavailable: "out of service",
    fault: (name) => (texts.faultNames[name] ?? name).toLowerCase(),
  },
  decides: "decides",

  figure: { power: "Power", energy: "Energy", time: "Time", card: "Card" },

  plot: {
    none: "Power appears here while a car charges.",
    label: (now, most, minutes) => `Power over ${minutes < 2 ? "the last minute" : `${minutes} minutes`}: now ${now}, at most ${most}.`,
  },

  // Names as EVerest has them.
  faultNames: {
    MREC1ConnectorLockFailure: "The lock does not move",
    MREC2GroundFailure: "Earth leakage",
    MREC3HighTemperature: "Too hot",
    MREC4OverCurrentFailure: "Too much current",
    MREC5OverVoltage: "Voltage too high",
    MREC6UnderVoltage: "Voltage too low",
    MREC8EmergencyStop: "Emergency stop",
    MREC10InvalidVehicleMode: "The car is in an impossible state",
    MREC14PilotFault: "Control pilot is broken",
    MREC15PowerLoss: "Mains lost",
    MREC17EVSEContactorFault: "The contactor does not obey",
    MREC18CableOverTempDerate: "Getting hot",
    MREC19CableOverTempStop: "Too hot",
    MREC20PartialInsertion: "The plug is not fully in",
    MREC23ProximityFault: "The cable cannot be recognised",
    MREC26CutCable: "The cable is cut",
    DiodeFault: "The car's diode is broken",
    VentilationNotAvailable: "The car wants ventilation",
    BrownOut: "Mains too weak",
    PowermeterCommunicationFault: "The meter does not answer",
    BoardCommunicationFault: "The safety process does not answer",
    Selftest: "Self-test of the residual-current device failed",
  },
  faults: { since: (time) => `since ${time}`, clear: "Clear" },

  limits: { title: "What limits charging" },
  wires: {
    title: "Measured",
    phase: (n) => `L${n}`,
    pilot: "Pilot",
    contactor: "Contactor",
    lock: "Lock",
    cable: "Cable",
    register: "Meter",
    locked: "locked",
    unlocked: "open",
    noLock: "none",
    noCable: "none",
    cableIn: (amps) => (amps ? `${amps} A` : "plugged"),
    captive: "fixed",
    contactors: { open: "open", closed: "closed", welded: "welded", stuck_open: "stuck open" },
    pilots: {
      A: "A, no car", B1: "B1, car waits", B2: "B2, car is offered power", C1: "C1, car asks", C2: "C2, car charges",
      D1: "D1, asks with ventilation", D2: "D2, charges with ventilation", E: "E, short circuit", F: "F, not available",
    },
  },

  control: {
    title: "Control",
    token: "Card number",
    start: "Start",
    session: "Session",
    running: "running",
    stop: "Stop charging",
    limit: "Limit",
    noLimit: "none",
    unlock: "Unlock plug",
    unlockSure: "Really? It ends the session",
    outOfService: "Take out of service",
    intoService: "Put into service",
    later: "It goes out of service as soon as this session is over.",
    unlocked: "The plug is free.",
  },

  bench: {
    title: "Simulated hardware",
    about: "No real car, no real current: you are the driver.",
    card: "Card",
    hold: "Show card",
    cut: "Cut the line",
    mend: "Mend the line",
  },

  car: {
    title: "Simulated car",
    plug: "Plug in",
    unplug: "Unplug",
    unplugEv: "Unplug at the car only",
    options: "Car and cable",
    cable: "Cable rated",
    phases: "Phases",
    draw: "Draws",
    half: "Plug only half in",
    asks: "Asks for power",
    ventilation: "Wants ventilation",
    sleeps: "Falls asleep",
    ignores: "Ignores the offer",
    diode: "Diode is sound",
    faults: "Break something",
    fault: "What breaks",
    faultOn: "Break",
    faultOff: "Mend",
    kinds: {
      earth_leakage: "Earth leakage",
      contactor_welded: "Contactor welded",
      contactor_stuck_open: "Contactor stuck open",
      overtemperature: "Too hot",
      emergency_stop: "Emergency stop pressed",
      meter_lost: "Meter lost",
      lock_jammed: "Lock jammed",
      pilot_shorted: "Pilot shorted",
      undervoltage: "Voltage too low",
      overvoltage: "Voltage too high",
      overcurrent: "Car takes too much",
      rcd_selftest: "Self-test of the RCD fails",
    },
  },

  talk: {
    title: "Talk with the back office",
    all: "Show routine messages",
    none: "Nothing has been said yet.",
    alone: "This station has no back office.",
    out: "sent",
    in: "received",
    answer: (action) => `${action}, answer`,
    error: (action) => `${action}, error`,
    lost: "Unreadable message",
    unknown: "unknown message",
  },

  past: {
    title: "Sessions",
    download: "Download as CSV",
    when: "Began",
    evse: "EVSE",
    time: "Time",
    energy: "Energy",
    card: "Card",
    end: "Ended by",
    none: "No session yet. The first bill appears here.",
    running: "running",
    reasons: {
      Local: "card", Remote: "back office", EVDisconnected: "unplugged", DeAuthorized: "card refused", EmergencyStop: "emergency stop",
      GroundFault: "earth fault", OvercurrentFault: "over-current", ImmediateReset: "restart", HardReset: "restart", PowerLoss: "power cut",
      Reboot: "restart", Timeout: "nobody came", UnlockCommand: "unlocked", EnergyLimitReached: "energy limit", StoppedByEV: "car", Other: "other",
    },
  },
};

// The text at a dotted path: text("car.plug").
export function text(path) {
  return path.split(".").reduce((table, key) => table[key], texts);
}

// Fill every element that names its text.
export function fill(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = text(element.dataset.t);
  for (const element of root.querySelectorAll("[data-label]")) element.ariaLabel = text(element.dataset.label);
}
