// Power over time as a plain line, drawn as SVG in the size it is shown.

import { svg } from "./dom.js";
import { clock, decimal, power, seconds } from "./format.js";
import { texts, words } from "./texts.js";

const MOST_POINTS = 2000;
const LEAST_MS = 60000; // the shortest stretch of time shown
const STEPS_MS = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400].map((s) => s * 1000);
const TOPS_KW = [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64];
const EDGE = { left: 34, right: 10, top: 12, bottom: 22 };

export class Plot {
  constructor(figure) {
    this.figure = figure;
    this.points = []; // [ms, watts], oldest first
    this.pointer = null;
    this.drawing = svg("svg", { "aria-hidden": "true" });
    this.empty = document.createElement("figcaption");
    this.empty.textContent = texts.plot.none;
    figure.append(this.drawing, this.empty);
    new ResizeObserver(() => this.draw()).observe(figure);
    this.drawing.addEventListener("pointermove", (event) => this.point(event.offsetX));
    this.drawing.addEventListener("pointerleave", () => this.point(null));
  }

  load(points) {
    this.points = points.slice();
    this.draw();
  }

  clear() {
    this.load([]);
  }

  add(ms, watts) {
    const last = this.points.at(-1);
    if (last && ms <= last[0]) return;
    this.points.push([ms, watts]);
    if (this.points.length > MOST_POINTS) this.points = this.points.filter((_, n) => n % 2 === 0);
    this.draw();
  }

  point(x) {
    this.pointer = x;
    this.draw();
  }

  draw() {
    const width = this.figure.clientWidth;
    const height = this.figure.clientHeight;
    const some = this.points.length > 1;
    this.empty.hidden = some;
    if (!width || !height) return;
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const frame = this.scale(width, height);
    this.drawing.replaceChildren(...(some ? [...this.grid(frame), ...this.curve(frame), ...this.hand(frame)] : []));
    if (some) this.describe();
    else this.drawing.setAttribute("aria-hidden", "true"); // an empty frame says nothing
  }

  scale(width, height) {
    const end = this.points.at(-1)?.[0] ?? 0;
    const begin = Math.min(this.points[0]?.[0] ?? 0, end - LEAST_MS);
    const most = Math.max(...this.points.map((point) => point[1]), 0) / 1000;
    const top = TOPS_KW.find((kw) => kw >= most * 1.04) ?? Math.ceil(most * 1.1);
    const x = (ms) => EDGE.left + ((ms - begin) / (end - begin)) * (width - EDGE.left - EDGE.right);
    const y = (watts) => height - EDGE.bottom - (watts / 1000 / top) * (height - EDGE.top - EDGE.bottom);
    return { width, height, begin, end, top, x, y };
  }

  *grid({ width, height, begin, end, top, x, y }) {
    for (const kw of [0, top / 2, top]) {
      const at = y(kw * 1000);
      yield svg("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: at, y2: at });
      yield label(EDGE.left - 6, at + 4, decimal(kw, kw % 1 ? 1 : 0), "end");
    }
    yield label(EDGE.left - 6, height - 6, "kW", "end");
    const room = Math.max(2, Math.floor((width - EDGE.left) / 84));
    const step = STEPS_MS.find((ms) => (end - begin) / ms <= room) ?? STEPS_MS.at(-1);
    const shift = new Date(end).getTimezoneOffset() * 60000;
    for (let ms = Math.ceil((begin - shift) / step) * step + shift; ms <= end; ms += step) {
      const at = x(ms);
      if (at > width - 24 || at < EDGE.left + 16) continue;
      yield svg("line", { class: "grid faint", x1: at, x2: at, y1: EDGE.top, y2: height - EDGE.bottom });
      yield label(at, height - 6, step < 60000 ? seconds(ms) : clock(ms), "middle");
    }
  }

  *curve({ x, y }) {
    const line = this.points.map(([ms, watts], n) => `${n ? "L" : "M"}${x(ms).toFixed(1)} ${y(watts).toFixed(1)}`).join("");
    const [first, last] = [this.points[0], this.points.at(-1)];
    yield svg("path", { class: "area", d: `${line}L${x(last[0])} ${y(0)}L${x(first[0])} ${y(0)}Z` });
    yield svg("path", { class: "line", d: line });
    yield svg("circle", { class: "dot", cx: x(last[0]), cy: y(last[1]), r: 3.5 });
  }

  // What the power was where the pointer is.
  *hand({ width, height, x, y }) {
    if (this.pointer === null) return;
    const [ms, watts] = this.points.reduce((best, point) => (Math.abs(x(point[0]) - this.pointer) < Math.abs(x(best[0]) - this.pointer) ? point : best));
    const at = x(ms);
    yield svg("line", { class: "hand", x1: at, x2: at, y1: EDGE.top, y2: height - EDGE.bottom });
    yield svg("circle", { class: "dot", cx: at, cy: y(watts), r: 3.5 });
    const right = at < width - 130;
    yield label(right ? at + 8 : at - 8, EDGE.top + 12, `${power(watts)}, ${seconds(ms)}`, right ? "start" : "end", "told");
  }

  describe() {
    const most = Math.max(...this.points.map((point) => point[1]));
    const minutes = Math.round((this.points.at(-1)[0] - this.points[0][0]) / 60000);
    const values = { now: power(this.points.at(-1)[1]), most: power(most), count: minutes };
    this.drawing.removeAttribute("aria-hidden");
    this.drawing.setAttribute("role", "img");
    this.drawing.setAttribute("aria-label", words(minutes < 2 ? texts.plot.lastMinute : texts.plot.label, values));
  }
}

function label(x, y, words, anchor, kind = "") {
  const made = svg("text", { x, y, "text-anchor": anchor, class: kind });
  made.textContent = words;
  return made;
}
