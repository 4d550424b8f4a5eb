// The page "Stores and objects": the stores, a store's objects, or one object.

import "../age.js";
import { h } from "../dom.js";
import { Page } from "../page.js";
import { hasFeature } from "../features.js";
import "../objects/browser.js";
import "../objects/object-view.js";
import "../objects/stores-view.js";

class ObjectsPage extends Page {
  #view = null;
  #browser = null;
  #store = null;

  async route(parts, query) {
    const [store, key] = parts;
    const has = await hasFeature(this.signal);
    const view = this.#place(store, key, has);
    this.searchField = view.searchField;
    this.classList.toggle("fills", view === this.#browser);
    await view.route(parts, query);
  }

  // The list stays behind an object, so that the way back leads to where it was.
  #place(store, key, has) {
    if (this.#view !== this.#browser) this.#view?.remove();
    if (this.#store !== store) {
      this.#browser?.remove();
      this.#browser = null;
      this.#store = store;
    }
    if (store !== undefined && key === undefined && this.#browser) {
      this.#browser.hidden = false;
      this.#view = this.#browser;
      return this.#view;
    }
    if (this.#browser) this.#browser.hidden = true;
    const tag = store === undefined ? "mo-stores" : key === undefined ? "mo-browser" : "mo-object";
    this.#view = h(tag);
    this.#view.has = has;
    this.append(this.#view);
    if (tag === "mo-browser") this.#browser = this.#view;
    return this.#view;
  }
}

customElements.define("page-objects", ObjectsPage);
