// <mo-metrics>: the metrics of each store's operations, with their results.

import { get, path, remove } from "../api.js";
import { danger } from "../dialog.js";
import { fill, h, svg } from "../dom.js";
import { bytes, count, milliseconds } from "../format.js";
import { icon } from "../icons.js";
import { badge, card, empty, Page } from "../page.js";

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
        : card(null, h("div.table-box", {}, table(groups))),
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

const table = (groups) =>
  h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", {}, "Store"),
        h("th", {}, "Operation"),
        h("th.right", {}, "Requests"),
        h("th.right", {}, "Bytes"),
        h("th.right", {}, "Latency"),
        h("th.right", {}, "Longest"),
        h("th", {}, "Results"),
      ),
    ),
    h("tbody", {}, groups.map(row)),
  );

function row({ store, api, Requests: requests, Bytes: size, Latency: latency, results }) {
  const mean = latency?.sample_count ? latency.sum / latency.sample_count / 1000 : null;
  return h(
    "tr",
    {},
    h("td", {}, store),
    h("td", {}, api),
    h("td.right", {}, count(requests?.sum ?? 0)),
    h("td.right", {}, bytes(size?.sum)),
    h("td.right", {}, milliseconds(mean)),
    h("td.right", {}, milliseconds(latency ? latency.maximum / 1000 : null)),
    h("td.results", {}, bar(results), h("span.badges", {}, results.map(resultBadge))),
  );
}

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
