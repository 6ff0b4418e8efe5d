// The way in: the label's code sets the first password, afterwards the password opens the page.

import { show } from "./dom.js";
import { navigate } from "./nav.js";
import { fill, texts, words } from "./texts.js";

const byId = (id) => document.getElementById(id);
const HEADS = { code: ["new", "about"], password: ["back", "backAbout"], closed: ["closed", "closedAbout"] };
let waiting = 0;

function trouble(sentence) {
  byId("trouble").textContent = sentence;
}

// The station's answer, and its status; status 0 where it does not answer.
async function ask(path, body) {
  try {
    const response = await fetch(`api/v1/entry/${path}`, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
    return { status: response.status, ...(await response.json()) };
  } catch {
    return { status: 0 };
  }
}

async function first(event) {
  event.preventDefault();
  const { code, password, again } = Object.fromEntries(new FormData(event.target));
  if (password.length < 8) return trouble(texts.entry.short);
  if (password !== again) return trouble(texts.entry.differ);
  const why = { 400: texts.entry.mistyped, 403: texts.entry.wrongCode, 409: texts.entry.already };
  return settle(event.target, await busy(event.target, ask("first", { code, password })), why);
}

async function back(event) {
  event.preventDefault();
  const { password } = Object.fromEntries(new FormData(event.target));
  return settle(event.target, await busy(event.target, ask("login", { password })), { 400: texts.entry.wrong, 403: texts.entry.wrong });
}

// A hash takes a moment on a small board: nobody presses twice meanwhile.
async function busy(form, answer) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    return await answer;
  } finally {
    button.disabled = false;
  }
}

function settle(form, answer, why) {
  if (answer.status === 200) return location.reload();
  if (answer.status === 429) return wait(form, answer.wait_s);
  trouble(why[answer.status] ?? answer.error ?? texts.failed);
  return form.querySelector("input:not([hidden])").select();
}

// Count down, so that nobody tries in vain.
function wait(form, seconds) {
  clearTimeout(waiting);
  const button = form.querySelector("button");
  button.disabled = seconds > 0;
  trouble(seconds > 0 ? words(texts.entry.wait, { count: seconds }) : "");
  if (seconds > 0) waiting = setTimeout(() => wait(form, seconds - 1), 1000);
}

// The label's QR code ends with #code=…, which no server hears of; nor shall the history keep it.
function scanned() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
  if (code) history.replaceState(null, "", location.pathname);
  return code.slice(0, 40);
}

async function begin() {
  const { state } = await fetch("api/v1/entry").then((answer) => answer.json());
  const [head, about] = HEADS[state] ?? HEADS.password;
  byId("head").textContent = document.title = texts.entry[head];
  byId("about").textContent = texts.entry[about];
  show(byId("first"), state === "code");
  show(byId("back"), state === "password");
  byId("code").value = scanned();
  [...document.querySelectorAll("form:not([hidden]) input:not([hidden])")].find((input) => !input.value)?.focus();
}

fill(document);
navigate("");
byId("first").addEventListener("submit", first);
byId("back").addEventListener("submit", back);
begin();
