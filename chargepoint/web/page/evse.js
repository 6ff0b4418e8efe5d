// One EVSE as a card: what it does, why, and what can be done about it.

import { Bench } from "./car.js";
import { Control } from "./control.js";
import { element, list, parts, say, show } from "./dom.js";
import { amps, clock, decimal, duration, energy, listed, masked, power } from "./format.js";
import { post } from "./api.js";
import { Plot } from "./plot.js";
import { fill, texts, translated, words } from "./texts.js";

const ICONS = { suspended_ev: "suspended", suspended_evse: "suspended" };

export class Evse {
  constructor(id) {
    this.id = id;
    this.root = document.getElementById("evse").content.cloneNode(true).firstElementChild;
    fill(this.root);
    this.parts = parts(this.root);
    this.root.setAttribute("aria-label", about(id));
    this.plot = new Plot(this.parts.plot);
    this.control = new Control(id, this.root, this.parts);
    this.bench = new Bench(id, this.root, this.parts);
    this.spec = null;
    this.free = false; // may anybody charge without a card?
    this.state = null;
    this.reading = null;
  }

  // What does not change while the station runs, and the power so far.
  learn(spec, { access, simulated }) {
    this.spec = spec;
    this.free = access === "free";
    this.plot.load(spec.power);
    this.control.range(spec.max_current_a);
    this.bench.show(simulated);
    say(this.parts.about, about(this.id, spec));
  }

  update(state, others) {
    this.state = state;
    this.reading = state.reading;
    this.root.dataset.state = state.status;
    this.parts.icon.setAttribute("href", `#i-${ICONS[state.status] ?? state.status}`);
    say(this.parts.about, about(this.id, this.spec));
    say(this.parts.state, texts.states[state.status]);
    say(this.parts.why, why(state, others, this.free));
    this.showPrice(state.price);
    this.showFaults(state.faults);
    this.showLimits(state, others);
    this.control.update(state);
    this.bench.update(state);
    this.showFlow();
  }

  read(reading) {
    this.reading = reading;
    if (this.state?.session && reading.power_w !== null) this.plot.add(Date.parse(reading.at), reading.power_w);
    if (this.state) this.showFlow();
    if (reading.cost) say(this.parts.cost, reading.cost); // which runs on between two words of the back office
  }

  showPrice(price) {
    show(this.parts.bill, Boolean(price?.cost));
    say(this.parts.costName, price?.final ? texts.figure.total : texts.figure.cost);
    say(this.parts.cost, price?.cost ?? texts.nothing);
    list(this.parts.price, [price?.words, price?.link], () => [price?.words, link(price?.link)].filter(Boolean));
  }

  // What flows: read every second or so.
  showFlow() {
    const { session } = this.state;
    say(this.parts.power, power(this.reading?.power_w));
    say(this.parts.energy, session ? energy(this.sessionEnergy()) : texts.nothing);
    say(this.parts.token, session ? masked(session.token) : texts.nothing);
    this.showWires();
  }

  // The status tells the session's energy when something changes; the meter tells what came since.
  sessionEnergy() {
    const { session, reading } = this.state;
    const since = session.transaction && reading && this.reading ? this.reading.energy_wh - reading.energy_wh : 0;
    return session.energy_wh + Math.max(since, 0);
  }

  tick(nowMs) {
    const session = this.state?.session;
    say(this.parts.time, session ? duration(nowMs - Date.parse(session.started_at)) : texts.nothing);
    this.control.tick(nowMs);
  }

  showFaults(faults) {
    list(this.parts.faults, faults, () => faults.map((fault) => {
      const clear = element("button", { type: "button", class: "quiet" }, texts.faults.clear);
      clear.addEventListener("click", () => post(`evse/${this.id}/clear`, { fault: fault.name }));
      const known = texts.faultNames[fault.name];
      const small = [known && fault.name, words(texts.faults.since, { time: clock(Date.parse(fault.since)) })].filter(Boolean).join(", ");
      const told = [element("strong", {}, known ?? fault.name), element("p", {}, translated(fault.remedy)), element("small", {}, small)];
      return element("li", { "data-severity": fault.severity }, element("div", {}, ...told), clear);
    }));
  }

  showLimits(state, others) {
    const decides = deciding(state);
    list(this.parts.limits, [state.limits, others], () => state.limits.map((limit) => {
      const row = element("li", { class: limit === decides ? "decides" : null }, element("span", {}, sourceWords(limit.source, others)));
      if (limit === decides) row.append(element("em", {}, texts.decides));
      if (limit.until) row.append(element("small", {}, words(texts.limits.until, { time: clock(Date.parse(limit.until)) })));
      row.append(element("b", {}, `${amps(limit.amps)} A`));
      return row;
    }));
  }

  showWires() {
    const rows = wires(this.state, this.reading);
    list(this.parts.wires, rows, () => rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  }
}

function about(id, spec) {
  const told = [words(texts.about.evse, { id })];
  if (spec) told.push(texts.about[spec.outlet], words(texts.about.phases, { count: spec.phases }), words(texts.about.most, { amps: spec.max_current_a }));
  return told.join(" · ");
}

// The back office's word, so that only a way into the web becomes one.
function link(address) {
  if (!/^https?:\/\//.test(address ?? "")) return null;
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, texts.receipt);
}

const deciding = (state) => state.limits.reduce((least, limit) => (least === null || limit.amps < least.amps ? limit : least), null);

function why(state, others, free) {
  if (state.status === "preparing") return texts.hints[preparing(state)];
  if (state.status === "available" && free) return texts.hints.available_free;
  if (texts.hints[state.status]) return texts.hints[state.status];
  const limit = deciding(state);
  if (!limit) return "";
  const source = sourceWords(limit.source, others);
  return state.permit_a > 0 ? words(texts.offer, { amps: amps(state.permit_a), why: source }) : words(texts.noOffer, { why: source });
}

// Which half of a session is still missing.
function preparing(state) {
  if (state.permit_a > 0) return "preparing_offered";
  const missing = state.limits.map((limit) => limit.source);
  if (missing.includes("no vehicle")) return "preparing_token";
  return missing.includes("no session") ? "preparing_plugged" : "preparing_both";
}

function sourceWords(source, others) {
  if (source.startsWith("fault ")) return texts.faultNames[source.slice(6)] ?? source.slice(6);
  if (source.startsWith("charging profile ")) return words(texts.sources.profile, { id: source.slice(17) });
  if (source === "supply" && others.length) return words(texts.sources.supplyShared, { others: listed(others.map((id) => words(texts.about.evse, { id }))) });
  return texts.sources[source] ?? source;
}

function wires(state, reading) {
  const told = texts.wires;
  const phases = (reading?.current_a ?? []).map((current, n) => {
    const volts = reading.voltage_v[n];
    return [words(told.phase, { number: n + 1 }), `${decimal(current, 1)} A${volts === undefined ? "" : `, ${decimal(volts, 0)} V`}`];
  });
  const plugged = state.cable_a ? `${state.cable_a} A` : told.cableIn;
  const cable = state.cable_present === null ? told.captive : state.cable_present ? plugged : told.noCable;
  return [
    ...phases,
    [told.register, reading ? `${decimal(reading.energy_wh / 1000, 2)} kWh` : texts.nothing],
    [told.pilot, told.pilots[state.pilot] ?? state.pilot],
    [told.contactor, told.contactors[state.contactor] ?? state.contactor],
    [told.lock, state.locked === null ? told.noLock : state.locked ? told.locked : told.unlocked],
    [told.cable, cable],
  ];
}
