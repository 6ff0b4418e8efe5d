// Numbers, times and card numbers as people read them.

import { locale, texts } from "./texts.js";

const decimals = [0, 1, 2, 3].map((n) => new Intl.NumberFormat(locale, { minimumFractionDigits: n, maximumFractionDigits: n }));
const clockFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const secondsFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const momentFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const listFormat = new Intl.ListFormat(locale, { type: "conjunction" });

export const clock = (ms) => clockFormat.format(ms);
export const seconds = (ms) => secondsFormat.format(ms);
export const day = (ms) => dayFormat.format(ms);
export const dayAndTime = (ms) => momentFormat.format(ms);
export const listed = (names) => listFormat.format(names);

export const amps = (value) => `${Number.isInteger(value) ? value : decimals[1].format(value)}`;

export function power(watts) {
  if (watts === null || watts === undefined) return texts.nothing;
  return `${decimals[watts < 100 ? 2 : 1].format(watts / 1000)} kW`;
}

export function energy(wattHours) {
  if (wattHours === null || wattHours === undefined) return texts.nothing;
  if (wattHours < 100) return `${decimals[0].format(wattHours)} Wh`;
  const kilo = wattHours / 1000;
  return `${decimals[kilo < 10 ? 2 : 1].format(kilo)} kWh`;
}

// Hours, minutes, seconds: 1:02:03.
export function duration(ms) {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

export function shortDuration(ms) {
  const minutes = Math.round(ms / 60000);
  return minutes < 1 ? "<1 min" : minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

export const masked = (token) => (!token ? texts.nothing : token.length <= 4 || token.startsWith("…") ? token : `…${token.slice(-4)}`);
export const decimal = (value, digits) => decimals[digits].format(value);
