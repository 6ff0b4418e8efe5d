// The sessions so far, newest first.

import { get } from "./api.js";
import { element, show } from "./dom.js";
import { clock, day, energy, masked, shortDuration } from "./format.js";
import { texts } from "./texts.js";

const ROWS = 50;

export class Past {
  constructor(body, none) {
    this.body = body;
    this.none = none;
  }

  async refresh() {
    const sessions = await get("sessions");
    if (sessions === null) return;
    this.body.replaceChildren(...sessions.slice(0, ROWS).map(row));
    show(this.none, sessions.length === 0);
  }
}

function row(session) {
  const began = Date.parse(session.started_at);
  const ended = session.ended_at ? Date.parse(session.ended_at) : null;
  const end = ended === null ? texts.past.running : texts.past.reasons[session.reason] ?? session.reason ?? texts.nothing;
  const cell = (words, kind) => element("td", { class: kind }, words);
  return element("tr", {},
    cell(`${day(began)}, ${clock(began)}`, "when"),
    cell(String(session.evse), "evse-number"),
    cell(ended === null ? texts.nothing : shortDuration(ended - began), "number time"),
    cell(energy(session.energy_wh), "number strong"),
    cell(masked(session.token), "card"),
    cell(end, "end"));
}
