// The hours in which charging is put off by law, where the configuration names a country that has such: shown at first
// use, accepted or changed by the owner, then and later.

import { get, send } from "./api.js";
import { element, say, show } from "./dom.js";
import { locale, texts } from "./texts.js";

const byId = (id) => document.getElementById(id);
const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONDAY_MS = Date.UTC(2026, 0, 5); // any Monday
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
const told = () => texts.setup.hours;

export async function offerHours() {
  const hours = await get("off-peak");
  if (!hours) return;
  draw(hours);
  show(byId("hours"), true);
  byId("hours-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const windows = [...byId("hours-windows").querySelectorAll("li[data-days]")].map(read);
    const answer = await send("PUT", "off-peak", { peak_hours: windows, random_delay_s: Number(byId("hours-delay").value) });
    if (answer) draw(answer);
  });
}

function draw({ asks, peak_hours: windows, random_delay_s: delay }) {
  say(byId("hours-state"), asks ? told().asks : told().decided);
  byId("hours-windows").replaceChildren(...(windows.length ? windows.map(row) : [element("li", { class: "empty" }, told().none)]));
  byId("hours-delay").value = delay;
}

function row({ days, from, to }) {
  const remove = element("button", { type: "button", class: "quiet", "aria-label": told().remove }, "×");
  const times = element("div", { class: "pair" }, time(told().from, "from", from), time(told().to, "to", to));
  const made = element("li", { "data-days": days.join(",") }, element("strong", {}, days.map(named).join(", ")), times, remove);
  remove.addEventListener("click", () => made.remove());
  return made;
}

const time = (label, name, value) => element("label", {}, element("span", {}, label), element("input", { type: "time", name, value, required: "" }));

const read = (row) => ({ days: row.dataset.days.split(","), from: row.querySelector("[name=from]").value, to: row.querySelector("[name=to]").value });

function named(day) {
  const place = WEEK.indexOf(day.slice(0, 3).toLowerCase());
  return place < 0 ? day : weekday.format(MONDAY_MS + place * 86400000);
}
