// <mo-browser>: a store's objects, by folder or found by typing, in pages of the server.

import { get, path, post, remove } from "../api.js";
import { danger } from "../dialog.js";
import { debounce, fill, h } from "../dom.js";
import { bytes, counted } from "../format.js";
import { icon } from "../icons.js";
import { current, empty, go, head, href, Page } from "../page.js";
import { dropZone } from "./dropped.js";
import { breadcrumbs } from "./names.js";
import { storeDialog } from "./store-form.js";
import { isExpired, newest, tierBadges } from "./tiers.js";
import { typeOf } from "./kinds.js";
import { uploadDialog } from "./upload.js";

const A_PAGE = 200;
const AT_MOST = 2000;
const EVERY_MS = 3000;
const TYPING_MS = 120;

class Browser extends Page {
  has = () => false;
  #store = null;
  #prefix = "";
  #search = "";
  #asked = "";
  #next = null;
  #first = "";
  #loading = new AbortController();
  #top = h("div", {});
  #crumbs = h("div", {});
  #count = h("p.muted.count", { role: "status" });
  #list = h("mo-list", {});
  #none = h("div.nothing", {});

  build() {
    this.classList.add("view", "fills");
    this.searchField = h("input", {
      type: "search",
      placeholder: "Search keys",
      "aria-label": "Search keys",
      spellcheck: "false",
      autocomplete: "off",
      oninput: debounce(TYPING_MS, () => this.#typed()),
    });
    Object.assign(this.#list, {
      columns: this.#columns(),
      label: "Objects",
      open: (item) => go(this.#address(item)),
      more: () => this.run(() => this.#more()),
      rowClass: (item) => (item.prefix === undefined && isExpired(newest(item)) ? "expired" : ""),
    });
    this.append(
      this.#top,
      h(
        "div.toolbar",
        {},
        this.#crumbs,
        h("label.search", {}, icon("search"), this.searchField, h("kbd", {}, "/")),
        this.#count,
      ),
      this.#list,
      this.#none,
    );
    dropZone(this, (files) => this.run(() => this.#upload(files)), { signal: this.signal });
    this.every(EVERY_MS, () => this.#look());
  }

  async route([store], query) {
    const isNew = store !== this.#store;
    this.#store = store;
    this.#prefix = query.get("prefix") ?? "";
    this.#search = query.get("search") ?? "";
    if (this.searchField.value !== this.#search) this.searchField.value = this.#search;
    fill(this.#crumbs, breadcrumbs(store, this.#prefix));
    if (isNew) fill(this.#top, head(store, null, this.#actions()));
    const asked = JSON.stringify([store, this.#prefix, this.#search]);
    if (asked === this.#asked) return; // Back from an object, to where one was.
    await this.#load(false);
    this.#asked = asked;
  }

  refresh() {
    return this.#load();
  }

  #actions() {
    const act = (name, symbol, listener, kind = "") =>
      h(
        "button",
        { type: "button", class: kind, onclick: () => this.run(listener) },
        icon(symbol),
        name,
      );
    return [
      act("Upload", "upload", () => this.#upload([]), "primary"),
      act("Configuration", "edit", () => this.#configure()),
      act("Empty the cache", "snow", () => this.#flush()),
      act("Delete store", "trash", () => this.#delete(), "quiet danger"),
    ];
  }

  #columns() {
    const ofObject = (show) => (item) =>
      item.prefix === undefined ? show(newest(item), item) : "";
    return [
      { title: "Name", width: "minmax(88px, 3fr)", cell: (item) => this.#name(item) },
      {
        title: "Size",
        width: "70px",
        align: "right",
        wide: 480,
        cell: ofObject(({ size }) => bytes(size)),
      },
      {
        title: "Type",
        width: "minmax(110px, 1.3fr)",
        wide: 700,
        cell: ofObject((entry, { key }) => h("span.ellipsis", {}, typeOf(key, entry.metadata))),
      },
      {
        title: "Age",
        width: "60px",
        align: "right",
        wide: 560,
        cell: ofObject((entry) => h("mo-age", { since: entry.created_at })),
      },
      {
        title: "TTL",
        width: "88px",
        align: "right",
        cell: ofObject((entry) => h("mo-countdown", { until: entry.expires_at })),
      },
      {
        title: "Version",
        width: "136px",
        align: "right",
        wide: 860,
        cell: ofObject((entry) => h("span.mono.muted", {}, entry.version)),
      },
      {
        title: "Tags",
        width: "minmax(60px, 1fr)",
        wide: 1000,
        cell: ofObject((entry, item) => tagsOf(item.storage ?? entry)),
      },
      { title: "Tiers", width: "126px", cell: (item) => tierBadges(item) },
    ];
  }

  #name({ key, prefix }) {
    const shown = (prefix ?? key).slice(this.#prefix.length) || key;
    return [
      icon(prefix === undefined ? "file" : "folder"),
      h(
        "a.ellipsis",
        {
          href: this.#address({ key, prefix }),
          title: prefix ?? key,
          tabindex: "-1",
        },
        shown,
      ),
    ];
  }

  #address({ key, prefix }) {
    return prefix === undefined
      ? href("objects", [this.#store, key])
      : href("objects", [this.#store], { prefix });
  }

  // What was typed just before something else was chosen does not lead back here.
  #typed() {
    const { page, parts } = current();
    if (page !== "objects" || parts.length !== 1 || parts[0] !== this.#store) return;
    const search = this.searchField.value;
    go(href("objects", [this.#store], { prefix: this.#prefix, search }), { replace: true });
  }

  #page(after, signal, limit = A_PAGE) {
    const search = this.#search;
    const query = { prefix: this.#prefix, search, after, limit };
    if (!search) query.delimiter = "/";
    return get(path(["objects", this.#store], query), { signal });
  }

  // Read again what is shown, and stay where one is; or, when something else is asked for, begin.
  async #load(isSame = true) {
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    const limit = isSame ? this.#shownCount() : A_PAGE;
    this.#show(await this.#page(null, AbortSignal.any([signal, this.signal]), limit), isSame);
  }

  #show(page, isSame = true) {
    this.#first = JSON.stringify(page);
    this.#next = page.next;
    const rows = this.#rows(page, page.next === null);
    if (isSame) this.#list.renewItems(rows, nameIn);
    else this.#list.items = rows;
    const isEmpty = this.#list.items.length === 0;
    this.#list.hidden = isEmpty;
    this.#none.hidden = !isEmpty;
    fill(this.#count, counted(page.count, "object"));
    if (isEmpty) {
      fill(
        this.#none,
        this.#search
          ? empty("No key has that text", `Nothing below "${this.#prefix}" matches.`)
          : empty("No objects yet", "Drop files here, upload some, or put one with a client."),
      );
    }
  }

  // Folders come first where one page has all; else each page is in the order of the keys.
  #rows({ objects, prefixes = [] }, isAll) {
    const rows = [...prefixes.map((prefix) => ({ prefix })), ...objects];
    return isAll ? rows : rows.sort((one, other) => (nameIn(one) < nameIn(other) ? -1 : 1));
  }

  async #more() {
    const after = this.#next;
    if (after === null) return;
    const { signal } = this.#loading;
    const page = await this.#page(after, AbortSignal.any([signal, this.signal]));
    if (signal.aborted) return;
    this.#next = page.next;
    this.#list.appendItems(this.#rows(page, false));
  }

  // Shows what others changed. A list that was scrolled further than what is read again stays.
  async #look() {
    if (this.hidden || this.#store === null || this.#list.items.length > AT_MOST) return;
    const { signal } = this.#loading;
    const limit = this.#shownCount();
    const page = await this.#page(null, AbortSignal.any([signal, this.signal]), limit);
    const isOther = signal.aborted || limit !== this.#shownCount();
    if (isOther || JSON.stringify(page) === this.#first) return;
    this.#show(page);
  }

  // How many to read so that the list has what it had.
  #shownCount() {
    return Math.max(A_PAGE, Math.min(AT_MOST, this.#list.items.length));
  }

  async #upload(files) {
    const done = await uploadDialog({
      store: this.#store,
      prefix: this.#prefix,
      files,
      has: this.has,
    });
    if (done) await this.#load();
  }

  async #configure() {
    const store = await get(path(["stores", this.#store]), { signal: this.signal });
    await storeDialog({ store, has: this.has });
  }

  async #flush() {
    const store = await get(path(["stores", this.#store]), { signal: this.signal });
    const cluster = store.cache_config.valkey_cluster.cluster_name;
    const done = await danger({
      title: "Empty the cache?",
      message:
        `Every entry of the cluster ${cluster} is removed, those of its other stores as ` +
        "well. Ephemeral objects are gone then.",
      submit: "Empty the cache",
      done: `The cluster ${cluster} is empty`,
      act: () => post(path(["flush"]), { cluster }),
    });
    if (done) await this.#load();
  }

  async #delete() {
    const done = await danger({
      title: `Delete the store ${this.#store}?`,
      message:
        "As with the service, the objects stay in the bucket; clients cannot reach them " +
        "without the store.",
      submit: "Delete store",
      done: `Deleted the store ${this.#store}`,
      act: () => remove(path(["stores", this.#store])),
    });
    if (done) go(href("objects"));
  }
}

const nameIn = ({ key, prefix }) => prefix ?? key;

function tagsOf({ tags = {} }) {
  const text = Object.entries(tags)
    .map((pair) => pair.join("="))
    .join(", ");
  return h("span.ellipsis", { title: text }, text);
}

customElements.define("mo-browser", Browser);
