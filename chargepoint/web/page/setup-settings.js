// The OCPP settings: found by name, changed within their bounds, with what each change needs to take effect.

import { get, notice, send } from "./api.js";
import { element, show } from "./dom.js";
import { texts, translated, words } from "./texts.js";

const LEFT = new Set(["default", "station", "version"]); // origins of what nobody has changed
const byId = (id) => document.getElementById(id);
const told = () => texts.setup.settings;

export class SettingsView {
  constructor() {
    this.rows = [];
    byId("find").addEventListener("input", () => this.filter());
    byId("only-changed").addEventListener("change", () => this.filter());
  }

  async load() {
    const settings = await get("settings");
    if (!settings) return;
    this.rows = settings.map((setting) => new Row(setting));
    this.none = element("p", { class: "empty" }, told().none);
    byId("setting-rows").replaceChildren(...this.rows.map((row) => row.root), this.none);
    this.filter();
  }

  filter() {
    const wanted = byId("find").value.trim().toLowerCase();
    const changed = byId("only-changed").checked;
    for (const row of this.rows) show(row.root, row.matches(wanted, changed));
    show(this.none, this.rows.every((row) => row.root.hidden));
  }
}

class Row {
  constructor(setting) {
    this.root = element("div", { class: "setting" });
    this.draw(setting);
  }

  matches(wanted, changed) {
    const { name, name_1_6: other, origin } = this.setting;
    return `${name} ${other ?? ""}`.toLowerCase().includes(wanted) && (!changed || !LEFT.has(origin));
  }

  draw(setting) {
    this.setting = setting;
    const names = element("div", { class: "names" }, element("strong", {}, setting.name));
    if (setting.name_1_6 && setting.name_1_6 !== setting.name) names.append(element("span", {}, setting.name_1_6));
    names.append(element("p", { class: "seen" }, about(setting)));
    this.root.replaceChildren(names, setting.writable ? this.form(setting) : element("output", { class: "value" }, setting.value ?? told().secret));
  }

  form(setting) {
    this.field = field(setting);
    const save = element("button", { disabled: "" }, told().save);
    const form = element("form", { class: "change" }, this.field, save);
    this.field.addEventListener("input", () => { save.disabled = this.field.value === (setting.value ?? ""); });
    form.addEventListener("submit", (event) => this.save(event));
    return form;
  }

  async save(event) {
    event.preventDefault();
    const answer = await send("PUT", `settings/${encodeURIComponent(this.setting.name)}`, { value: this.field.value });
    if (!answer) return;
    if (answer.status !== "Accepted" && answer.status !== "RebootRequired") {
      notice(words(told().refused, { why: translated(answer.why) ?? answer.status }));
      return;
    }
    notice(answer.status === "RebootRequired" ? told().reboot : told().saved, "good");
    const fresh = await get(`settings/${encodeURIComponent(this.setting.name)}`);
    if (fresh) this.draw(fresh);
  }
}

function field(setting) {
  const label = { "aria-label": `${told().value}: ${setting.name}` };
  const value = setting.value ?? "";
  const choices = setting.type === "boolean" ? ["true", "false"] : setting.type === "choice" ? setting.choices : null;
  if (choices) {
    const select = element("select", label, ...choices.map((choice) => element("option", { value: choice }, choice)));
    select.value = value;
    return select;
  }
  if (setting.value === null) return element("input", { ...label, type: "password", placeholder: told().secret, autocomplete: "new-password" });
  const bounds = setting.type === "integer" ? { type: "number", min: setting.min, max: setting.max, step: 1 } : { type: "text", maxlength: 2500, spellcheck: "false" };
  return element("input", { ...label, ...bounds, value, autocomplete: "off" });
}

function about(setting) {
  const said = [told().kinds[setting.type] ?? setting.type, range(setting), setting.unit, told().origins[setting.origin] ?? setting.origin];
  if (setting.type === "list" || setting.type === "sequence") said.splice(1, 1, setting.choices?.join(", "));
  if (!setting.writable) said.push(told().readOnly);
  if (setting.reboot) said.push(told().rebootNeeded);
  return said.filter(Boolean).join(" · ");
}

function range({ min, max }) {
  if (min === null && max === null) return null;
  if (max === null || max >= 2 ** 31 - 1) return words(told().atLeast, { least: min });
  return words(told().between, { least: min ?? "…", most: max });
}
