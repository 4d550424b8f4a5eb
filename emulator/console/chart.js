// <mo-chart>: a small line chart in SVG that is drawn again as values come in.

import { fill, h, svg } from "./dom.js";

const WIDTH = 300;
const HEIGHT = 72;
const PADDING = 3;

/** Shows the last values of one or two series.
 *
 * Properties:
 * - points: how many values fill the width at least; fewer begin at the right
 * - least: the top of the chart is at least this value
 * - format: writes a value for people
 * `update([{name, values, kind}, …])` draws; null is a gap. The first series is filled, `kind` is
 * the class of its colour.
 */
class Chart extends HTMLElement {
  points = 30;
  least = 1;
  format = String;

  #series = [];
  #top = 1;
  #drawing = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
  });
  #cursor = svg("line.chart-cursor", { y1: 0, y2: HEIGHT });
  #tip = h("div.chart-tip", { hidden: true });

  connectedCallback() {
    if (this.firstChild) return;
    this.append(this.#drawing, this.#tip);
    this.#drawing.setAttribute("aria-label", this.getAttribute("label") ?? "Chart");
    this.addEventListener("pointermove", (event) => this.#point(event));
    this.addEventListener("pointerleave", () => this.#leave());
  }

  update(series) {
    this.#series = series;
    const values = series.flatMap((each) => each.values).filter((value) => value !== null);
    this.#top = rounded(Math.max(this.least, ...values));
    fill(
      this.#drawing,
      [0.25, 0.5, 0.75].map((part) =>
        svg("line.chart-grid", {
          x1: 0,
          x2: WIDTH,
          y1: HEIGHT * part,
          y2: HEIGHT * part,
        }),
      ),
      series.map(({ values: all, kind }, index) => this.#paths(all, kind, index === 0)),
      this.#cursor,
    );
    const last = series.map(
      ({ name, values: all }) =>
        `${name} ${all.length && all.at(-1) !== null ? this.format(all.at(-1)) : "–"}`,
    );
    this.#drawing.setAttribute(
      "aria-label",
      `${this.getAttribute("label") ?? "Chart"}: ${last.join(", ")}`,
    );
  }

  #paths(values, kind, isFilled) {
    return runs(values).map((run) => {
      const points = run.map(([index, value]) => `${this.#x(index, values)},${this.#y(value)}`);
      const line = points.length === 1 ? `M${points[0]} h0.01` : `M${points.join(" L")}`;
      const [from, to] = [this.#x(run[0][0], values), this.#x(run.at(-1)[0], values)];
      return [
        isFilled &&
          svg("path.chart-area", {
            d: `${line} L${to},${HEIGHT} L${from},${HEIGHT} Z`,
            class: kind,
          }),
        svg("path.chart-line", { d: line, class: kind }),
      ];
    });
  }

  #x(index, values) {
    const step = this.#step(values);
    return Math.round((WIDTH - (values.length - 1 - index) * step) * 10) / 10;
  }

  #step = (values) => WIDTH / (Math.max(this.points, values.length) - 1);

  #y(value) {
    const part = Math.min(1, value / this.#top);
    return Math.round((HEIGHT - PADDING - part * (HEIGHT - 2 * PADDING)) * 10) / 10;
  }

  #point(event) {
    const box = this.#drawing.getBoundingClientRect();
    const length = this.#series[0]?.values.length ?? 0;
    if (!box.width || !length) return;
    const right = WIDTH * (1 - (event.clientX - box.left) / box.width);
    const back = Math.round(right / this.#step(this.#series[0].values));
    const index = Math.min(length - 1, Math.max(0, length - 1 - back));
    const x = this.#x(index, this.#series[0].values);
    this.#cursor.setAttribute("x1", x);
    this.#cursor.setAttribute("x2", x);
    this.classList.add("pointed");
    fill(
      this.#tip,
      this.#series.map(({ name, values, kind }) =>
        h(
          "span",
          { class: kind ?? "" },
          `${name} `,
          h("b", {}, values[index] === null ? "–" : this.format(values[index])),
        ),
      ),
    );
    this.#tip.hidden = false;
    this.#tip.style.left = `${Math.min(78, Math.max(22, (x / WIDTH) * 100))}%`;
  }

  #leave() {
    this.classList.remove("pointed");
    this.#tip.hidden = true;
  }
}

// Neighbouring values that are not null, each with its index.
function runs(values) {
  const found = [];
  let open = null;
  values.forEach((value, index) => {
    if (value === null) {
      open = null;
      return;
    }
    if (!open) found.push((open = []));
    open.push([index, value]);
  });
  return found;
}

// The next of 1, 2, 5, 10, 20, 50, …, so that the scale seldom changes.
function rounded(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * size).find((each) => each >= value * 0.999);
}

customElements.define("mo-chart", Chart);
