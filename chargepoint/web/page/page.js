// The page: builds one card for each EVSE and keeps it true by the station's own events.

import { post } from "./api.js";
import { element, list, say, show } from "./dom.js";
import { power } from "./format.js";
import { Evse } from "./evse.js";
import { Live } from "./live.js";
import { Past } from "./past.js";
import { Talk } from "./talk.js";
import { navigate } from "./nav.js";
import { fill, language, texts, words } from "./texts.js";

const byId = (id) => document.getElementById(id);
const BILLED = new Set(["TransactionStarted", "TransactionEnded", "SessionEnded"]);
const SHIFT_MS = 5000; // the station's clock was corrected when a fresh reading is further off than this

class Page {
  constructor() {
    this.evses = new Map();
    this.shiftMs = 0; // our clock minus the station's
    this.status = null;
    this.talk = new Talk(byId("talk"), byId("talk-all"));
    this.past = new Past(byId("past"), byId("past-none"));
    byId("card-form").addEventListener("submit", (event) => this.holdCard(event));
    byId("line").addEventListener("click", () => post("sim/link", { up: this.cut }));
    setInterval(() => this.tick(), 1000);
    this.live = new Live({
      status: (status) => this.show(status),
      recent: (recent) => this.learn(recent),
      reading: (reading) => this.read(reading),
      fact: (fact) => this.happened(fact),
      frame: (frame) => this.talk.add(frame),
      gone: (seconds) => this.gone(seconds),
      back: () => this.back(),
    });
  }

  show(status) {
    this.status = status;
    say(byId("title"), title(status.station));
    say(byId("plate"), plate(status.station));
    this.showChips(status);
    const supplied = status.evses.filter((evse) => evse.limits.some((limit) => limit.source === "supply")).map((evse) => evse.id);
    for (const state of status.evses) this.evse(state.id).update(state, supplied.filter((id) => id !== state.id));
    this.tick();
  }

  evse(id) {
    if (!this.evses.has(id)) {
      const made = new Evse(id);
      this.evses.set(id, made);
      byId("evses").append(made.root);
      byId("evses").dataset.count = this.evses.size;
    }
    return this.evses.get(id);
  }

  showChips({ csms, clock }) {
    const chips = [[words(texts.csms[csms.state], { version: csms.ocpp }), csms.state]];
    if (csms.undelivered) chips.push([words(texts.csms.undelivered, { count: csms.undelivered }), "waiting"]);
    if (csms.dead_letters) chips.push([words(texts.csms.dead, { count: csms.dead_letters }), "rejected"]);
    if (!clock.trusted) chips.push([texts.clock[clock.source] ?? texts.clock.none, "waiting"]);
    list(byId("chips"), chips, () => chips.map(([chip, kind]) => element("li", { "data-kind": kind }, chip)));
    this.cut = csms.state === "offline" || csms.state === "connecting";
    say(byId("line"), this.cut ? texts.bench.mend : texts.bench.cut);
    show(byId("line"), csms.state !== "none");
  }

  learn(recent) {
    this.shiftMs = Date.now() - Date.parse(recent.now);
    show(byId("bench"), recent.simulated);
    for (const [id, spec] of Object.entries(recent.evses)) this.evse(Number(id)).learn(spec, recent);
    this.talk.load(recent.frames, this.status.csms.state === "none");
    this.past.refresh();
    this.tick();
  }

  read(reading) {
    const shiftMs = Date.now() - Date.parse(reading.at);
    if (Math.abs(shiftMs - this.shiftMs) > SHIFT_MS) this.shiftMs = shiftMs;
    this.evse(reading.evse).read(reading);
    this.showTab();
  }

  happened(fact) {
    if (fact.kind === "SessionStarted") this.evse(fact.evse).plot.clear();
    if (BILLED.has(fact.kind)) this.past.refresh();
  }

  tick() {
    for (const evse of this.evses.values()) evse.tick(Date.now() - this.shiftMs);
    this.showTab();
  }

  showTab() {
    if (!this.status) return;
    const first = [...this.evses.values()].find((evse) => evse.state?.status === "charging") ?? this.evses.values().next().value;
    const charging = first?.state?.status === "charging" ? power(first.reading?.power_w) : "";
    document.title = [first?.state ? texts.states[first.state.status] : "", charging, title(this.status.station)].filter(Boolean).join(" · ");
  }

  async holdCard(event) {
    event.preventDefault();
    await post("sim/card", { uid: event.target.elements.uid.value.trim() });
  }

  gone(seconds) {
    document.body.classList.add("is-gone");
    const box = byId("gone");
    show(box, true);
    // The words count up every second; a screen reader hears them once.
    say(box, this.status ? gone(seconds) : texts.connecting);
    box.setAttribute("aria-live", seconds > 2 ? "off" : "polite");
    for (const part of document.querySelectorAll(".control, .car, .bench")) part.inert = true;
  }

  back() {
    document.body.classList.remove("is-gone");
    show(byId("gone"), false);
    for (const part of document.querySelectorAll(".control, .car, .bench")) part.inert = false;
  }
}

const title = (station) => [station.vendor, station.model].filter(Boolean).join(" ");

function plate({ identity, serial_number: number, firmware: version }) {
  return [identity, words(texts.serial, { number }), words(texts.version, { version })].filter(Boolean).join(" · ");
}

const gone = (seconds) => (seconds < 90 ? words(texts.gone.seconds, { count: seconds }) : words(texts.gone.minutes, { count: Math.round(seconds / 60) }));

fill(document);
byId("print").href = `sessions/print?lang=${language}`;
navigate("charging");
new Page();
