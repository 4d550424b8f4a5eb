// <mo-stores>: the stores with their configuration.

import { get, path } from "../api.js";
import { fill, h } from "../dom.js";
import { bytes, count } from "../format.js";
import { icon } from "../icons.js";
import { badge, card, empty, go, head, href, Page } from "../page.js";
import { table } from "../table.js";
import { storeDialog } from "./store-form.js";

const EVERY_MS = 3000;

class Stores extends Page {
  has = () => false;
  #seen = "";
  #stores = [];
  #content = h("div.stores", {});

  build() {
    this.classList.add("view");
    this.searchField = h("input", {
      type: "search",
      placeholder: "Search stores",
      "aria-label": "Search stores",
      autocomplete: "off",
      oninput: () => this.#show(),
    });
    this.append(
      head(
        "Stores and objects",
        "What clients reach at /objectstore.",
        h(
          "button.primary",
          { type: "button", onclick: () => this.run(() => this.#create()) },
          icon("plus"),
          "Create store",
        ),
      ),
      h(
        "div.toolbar",
        {},
        h("label.search", {}, icon("search"), this.searchField, h("kbd", {}, "/")),
      ),
      this.#content,
    );
  }

  route() {
    this.every(EVERY_MS, () => this.refresh());
  }

  async refresh() {
    const { stores } = await get(path(["stores"]), { signal: this.signal });
    const counts = await Promise.all(stores.map(({ name }) => this.#count(name)));
    const seen = JSON.stringify([stores, counts]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#stores = stores.map((store, index) => ({ store, objects: counts[index] }));
    this.#show();
  }

  async #count(store) {
    try {
      const { count: number } = await get(path(["objects", store], { limit: 1 }), {
        signal: this.signal,
      });
      return number ?? null;
    } catch (error) {
      if (error.name !== "ApiError") throw error;
      return null;
    }
  }

  #show() {
    const text = this.searchField.value.toLowerCase();
    const shown = this.#stores.filter(({ store }) =>
      JSON.stringify(store).toLowerCase().includes(text),
    );
    if (this.#stores.length === 0) {
      fill(
        this.#content,
        empty(
          "No stores yet",
          "A store is a bucket with a cache before it. ",
          "Create one here, with a client, or in a seed file.",
        ),
      );
    } else if (shown.length === 0) {
      fill(this.#content, empty("No store has that text"));
    } else {
      const open = ({ store }) => go(href("objects", [store.name]));
      fill(this.#content, card(null, table(this.#columns(), shown, { open })));
    }
  }

  #columns() {
    return [
      { title: "Store", cell: ({ store }) => linkTo(store) },
      {
        title: "Objects",
        align: "right",
        cell: ({ objects }) => (objects === null ? "–" : count(objects)),
      },
      { title: "Bucket", cell: ({ store }) => h("span.mono", {}, bucketOf(store)) },
      {
        title: "Cluster",
        wide: true,
        cell: ({ store }) => h("span.mono", {}, store.cache_config.valkey_cluster.cluster_name),
      },
      this.has("limits") && {
        title: "Limits a second",
        wide: true,
        cell: ({ store }) => limitsOf(store.object_store_limits),
      },
      { title: "Delivers", wide: true, cell: ({ store }) => deliveriesOf(store) },
    ];
  }

  async #create() {
    const clusters = [
      ...new Set(this.#stores.map(({ store }) => store.cache_config.valkey_cluster.cluster_name)),
    ];
    const created = await storeDialog({ clusters, has: this.has });
    if (created) await this.refresh();
  }
}

const linkTo = ({ name }) => h("a.store-name", { href: href("objects", [name]) }, name);

const bucketOf = ({ storage_config: { s3 } }) =>
  s3.prefix ? `${s3.bucket_name}/${s3.prefix}` : s3.bucket_name;

const deliveriesOf = (store) =>
  h(
    "span.badges",
    {},
    store.access_logging_config && badge("access logs", "info"),
    store.metrics_config && badge("metrics", "info"),
  );

const limitsOf = (limits) => [
  `${count(limits.read_operations_per_second)} reads, ${bytes(limits.read_bytes_per_second)}`,
  h("br", {}),
  `${count(limits.write_operations_per_second)} writes, ${bytes(limits.write_bytes_per_second)}`,
];

customElements.define("mo-stores", Stores);
