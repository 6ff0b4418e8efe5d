// The rest of an installer's view: where the configuration comes from, the software, the logs, the page's password.

import { get, notice, post } from "./api.js";
import { element, say, show } from "./dom.js";
import { facts } from "./setup-office.js";
import { texts, translated, words } from "./texts.js";

const byId = (id) => document.getElementById(id);

export async function showConfiguration() {
  const found = await get("configuration");
  if (!found) return () => null;
  say(byId("configuration-file"), found.file ?? "");
  show(byId("configuration-stale"), found.stale);
  byId("configuration-tables").replaceChildren(...found.tables.map((table) => {
    const own = table.rows.some((row) => row.line !== null);
    return element("details", { open: own ? "" : null }, element("summary", {}, element("code", {}, table.table)), rows(table.rows));
  }));
  return (table, key) => found.tables.find((each) => each.table === table)?.rows.find((row) => row.key === key)?.value ?? null;
}

function rows(all) {
  const told = texts.setup.configuration;
  return element("dl", { class: "facts" }, ...all.map(({ key, value, line }) => {
    const origin = line === null ? told.default : words(told.line, { number: line });
    const shown = element("dd", {}, element("code", {}, value ?? told.none), element("small", {}, origin));
    return element("div", { class: line === null ? "quiet-row" : null }, element("dt", {}, element("code", {}, key)), shown);
  }));
}

export async function showSoftware() {
  const told = texts.setup.software;
  const [found, update] = await Promise.all([get("software"), get("update")]);
  const { version, program, system } = found ?? {};
  facts(byId("software-facts"), [
    [told.version, version],
    [told.program, program === version ? null : program],
    [told.slot, system && [system.slot, told.standings[system.standing] ?? system.standing].join(" · ")],
    [told.next, system && system.next !== system.slot ? system.next : null],
    [told.doing, update?.doing && [update.doing.step, update.doing.percent === null ? null : `${update.doing.percent} %`].filter(Boolean).join(", ")],
    [told.trial, translated(update?.trial?.missing)],
    [told.failure, translated(update?.failure)],
  ]);
}

export function offerLogs() {
  const kinds = Object.entries(texts.setup.logs.kinds);
  byId("log-kind").replaceChildren(...kinds.map(([kind, name]) => element("option", { value: kind }, name)));
  const point = () => {
    const kind = byId("log-kind").value;
    const query = new URLSearchParams(kind === "support" ? {} : { kind });
    for (const end of ["from", "to"]) {
      const at = byId(`log-${end}`).value;
      if (at) query.set(end, new Date(at).toISOString());
    }
    byId("log-download").href = `api/v1/${kind === "support" ? "support" : "log"}?${query}`;
  };
  byId("log-form").addEventListener("input", point);
  point();
}

export async function offerPassword() {
  const entry = await get("entry");
  show(byId("password-open"), entry?.state === "open");
  show(byId("password-form"), entry?.state === "password");
  byId("password-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { current, password } = Object.fromEntries(new FormData(event.target));
    if (!(await post("entry/password", { current, password }))) return;
    event.target.reset();
    notice(texts.setup.password.changed, "good");
  });
}
