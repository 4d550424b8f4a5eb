// <mo-metrics>: the metrics of each store's operations, with their results.

import { get, path, remove } from "../api.js";
import { danger } from "../dialog.js";
import { fill, h, svg } from "../dom.js";
import { bytes, count, milliseconds } from "../format.js";
import { icon } from "../icons.js";
import { badge, card, empty, Page } from "../page.js";
import { table } from "../table.js";

const EVERY_MS = 2000;

const KINDS = {
  Ok: "ok",
  CacheHit: "cache",
  StorageHit: "storage",
  CacheHitExpired: "info",
  StorageHitExpired: "info",
  Miss: "info",
  InternalError: "bad",
};

class Metrics extends Page {
  #seen = "";
  #content = h("div.metrics", {});
  #namespace = h("p.muted.grow", {});

  build() {
    this.classList.add("view");
    this.append(
      h(
        "div.toolbar",
        {},
        this.#namespace,
        h(
          "button.quiet.danger",
          { type: "button", onclick: () => this.run(() => this.#clear()) },
          icon("trash"),
          "Reset metrics",
        ),
      ),
      this.#content,
    );
  }

  route() {
    this.every(EVERY_MS, () => this.refresh());
  }

  async refresh() {
    const answer = await get(path(["metrics"]), { signal: this.signal });
    const seen = JSON.stringify(answer);
    if (seen === this.#seen) return;
    this.#seen = seen;
    fill(this.#namespace, "Namespace ", h("span.mono", {}, answer.namespace));
    const groups = groupsOf(answer.metrics);
    fill(
      this.#content,
      groups.length === 0
        ? empty("No metrics yet", "Each operation on an object is counted.")
        : card(null, table(COLUMNS, groups)),
    );
  }

  async #clear() {
    const done = await danger({
      title: "Reset the metrics?",
      message: "Every metric begins at zero again. This cannot be undone.",
      submit: "Reset metrics",
      done: "The metrics are reset",
      undo: false,
      act: () => remove(path(["metrics"])),
    });
    if (done) await this.refresh();
  }
}

/** The metrics by store and operation, with the requests of each result. */
function groupsOf(metrics) {
  const groups = new Map();
  for (const { name, dimensions, ...values } of metrics) {
    const { ObjectStore: store, Api: api, Result: result, HttpStatusCode: status } = dimensions;
    const id = JSON.stringify([store, api]);
    if (!groups.has(id)) groups.set(id, { store, api, results: [] });
    const group = groups.get(id);
    if (result === undefined) group[name] = values;
    else if (name === "Requests") group.results.push({ result, status, number: values.sum });
  }
  return [...groups.values()];
}

function meanOf({ Latency: latency }) {
  return latency?.sample_count ? latency.sum / latency.sample_count / 1000 : null;
}

function longestOf({ Latency: latency }) {
  return latency ? latency.maximum / 1000 : null;
}

const COLUMNS = [
  { title: "Store", cell: ({ store }) => store },
  { title: "Operation", cell: ({ api }) => api },
  {
    title: "Requests",
    align: "right",
    wide: true,
    cell: ({ Requests: requests }) => count(requests?.sum ?? 0),
  },
  { title: "Bytes", align: "right", wide: true, cell: ({ Bytes: size }) => bytes(size?.sum) },
  { title: "Latency", align: "right", wide: true, cell: (group) => milliseconds(meanOf(group)) },
  { title: "Longest", align: "right", wide: true, cell: (group) => milliseconds(longestOf(group)) },
  { title: "Results", cell: ({ results }) => resultsOf(results) },
];

const resultsOf = (results) =>
  h("div.results", {}, bar(results), h("span.badges", {}, results.map(resultBadge)));

const resultBadge = ({ result, status, number }) =>
  badge(`${result}${status ? ` ${status}` : ""}: ${count(number)}`, KINDS[result] ?? "warn");

// The shares of the results; the badges say the same in words.
function bar(results) {
  const all = results.reduce((sum, { number }) => sum + number, 0);
  let at = 0;
  return svg(
    "svg.result-bar",
    {
      viewBox: "0 0 100 4",
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    results.map(({ result, number }) => {
      const width = (number / all) * 100;
      at += width;
      return svg("rect", {
        x: at - width,
        y: 0,
        width,
        height: 4,
        class: KINDS[result] ?? "warn",
      });
    }),
  );
}

customElements.define("mo-metrics", Metrics);
