// The page "Logs and metrics": the access logs and the metrics, where the revision has them.

import { hasFeature } from "../features.js";
import { fill, h } from "../dom.js";
import { empty, head, Page } from "../page.js";
import { tabs } from "../tabs.js";
import "../logs/logs-view.js";
import "../logs/metrics-view.js";

const VIEWS = {
  "": { tag: "mo-logs", feature: "access_logs", what: "access logs" },
  metrics: { tag: "mo-metrics", feature: "metrics", what: "metrics" },
};

class LogsPage extends Page {
  #tabs = tabs("logs", "Logs and metrics", [
    ["", "Access logs"],
    ["metrics", "Metrics"],
  ]);
  #place = h("div.view", {});
  #view = null;

  build() {
    this.append(
      head("Logs and metrics", "What the service delivers to CloudWatch, readable here as well."),
      this.#tabs,
      this.#place,
    );
  }

  async route(parts, query) {
    const name = parts[0] in VIEWS ? parts[0] : "";
    const { tag, feature, what } = VIEWS[name];
    this.#tabs.choose(name);
    const has = await hasFeature(this.signal);
    this.classList.toggle("fills", name === "" && has(feature));
    if (!has(feature)) {
      this.#view = null;
      fill(
        this.#place,
        empty(
          `This revision of the API has no ${what}`,
          "Start the emulator with a later one: --api-revision latest",
        ),
      );
      return;
    }
    if (this.#view?.localName !== tag) {
      this.#view = h(tag);
      fill(this.#place, this.#view);
    }
    this.searchField = this.#view.searchField;
    await this.#view.route(parts, query);
  }
}

customElements.define("page-logs", LogsPage);
