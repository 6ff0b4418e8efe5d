// The installer's view: what is proven so far, and all that is needed to prove the rest.

import { get } from "./api.js";
import { element, say } from "./dom.js";
import { dayAndTime, energy } from "./format.js";
import { navigate } from "./nav.js";
import { Cards } from "./setup-cards.js";
import { Checks } from "./setup-checks.js";
import { offerHours } from "./setup-hours.js";
import { offerLogs, offerPassword, showConfiguration, showSoftware } from "./setup-more.js";
import { Office } from "./setup-office.js";
import { SettingsView } from "./setup-settings.js";
import { fill, texts, words } from "./texts.js";

const EVERY_MS = 5000;

class Setup {
  constructor() {
    this.known = { examined: null, cards: [], sessions: [], status: null };
    this.office = new Office();
    this.checks = new Checks((examined) => this.learn({ examined }));
    this.cards = new Cards((cards) => this.learn({ cards }));
    this.settings = new SettingsView();
    this.begin();
  }

  async begin() {
    offerLogs();
    offerPassword();
    this.configuration = await showConfiguration();
    this.mode = unquoted(this.configuration("[access]", "mode"));
    if (!["none", ""].includes(unquoted(this.configuration("[supply]", "off_peak") ?? "none"))) offerHours();
    this.cards.learn(this.mode, this.configuration("[[card_reader]] 1", "driver") !== null);
    await Promise.all([this.look(), this.checks.load(), this.cards.load(), this.settings.load()]);
    showSoftware();
    setInterval(() => this.look(), EVERY_MS);
  }

  // What changes by itself.
  async look() {
    if (document.hidden && this.known.status) return;
    const [status, sessions] = await Promise.all([get("status"), get("sessions")]);
    if (!status) return;
    const { identity, vendor, model, serial_number: number } = status.station;
    say(document.getElementById("plate"), [identity, vendor, model, words(texts.serial, { number })].filter(Boolean).join(" · "));
    document.title = [texts.setup.title, vendor, model].join(" · ");
    this.office.update(status, this.configuration);
    this.learn({ status, sessions: sessions ?? [] });
  }

  learn(news) {
    Object.assign(this.known, news);
    if (this.known.status) showSteps(this.known, this.mode);
  }
}

// --- what is proven -----------------------------------------------------------------------------------------------

function showSteps(known, mode) {
  const told = texts.setup.steps;
  const steps = [
    [told.wiring, "#checks", wiring(known.examined)],
    [told.office, "#office", office(known.status.csms)],
    [told.cards, "#cards", cards(mode, known.cards)],
    [told.charge, "./", charge(known.sessions)],
  ];
  const rows = steps.map(([name, target, [state, why]]) => element("li", { "data-state": state },
    element("span", { class: "mark", "aria-hidden": "true" }, { proven: "✓", failed: "✗", spare: "–" }[state] ?? ""),
    element("div", {}, element("a", { href: target }, name), element("p", { class: "seen" }, why)),
    element("span", { class: "state-word" }, texts.setup[state])));
  const shown = JSON.stringify(steps);
  const list = document.getElementById("steps");
  if (list.dataset.shown !== shown) list.replaceChildren(...rows);
  list.dataset.shown = shown;
}

function wiring(examined) {
  const told = texts.setup.steps;
  if (!examined?.at) return ["open", told.wiringNone];
  const time = dayAndTime(Date.parse(examined.at));
  const bad = examined.findings.filter((finding) => finding.outcome === "failed").length;
  return bad ? ["failed", words(told.wiringBad, { time, count: bad })] : ["proven", words(told.wiringDone, { time, count: examined.findings.length })];
}

function office(csms) {
  if (csms.state === "none") return ["spare", texts.setup.steps.officeNone];
  const why = words(texts.csms[csms.state], { version: csms.ocpp });
  return [csms.state === "accepted" ? "proven" : csms.state === "rejected" ? "failed" : "open", why];
}

function cards(mode, known) {
  const told = texts.setup.steps;
  if (mode === "free") return ["spare", told.cardsFree];
  if (mode !== "local") return ["spare", told.cardsOffice];
  return known.length ? ["proven", words(told.cardsLocal, { count: known.length })] : ["open", told.cardsNone];
}

function charge(sessions) {
  const last = sessions.find((session) => session.energy_wh > 0);
  if (!last) return ["open", texts.setup.steps.chargeNone];
  const values = { energy: energy(last.energy_wh), time: dayAndTime(Date.parse(last.started_at)) };
  return ["proven", words(texts.setup.steps.chargeDone, values)];
}

const unquoted = (text) => (text ?? "").replaceAll('"', "");

fill(document);
navigate("setup");
new Setup();
