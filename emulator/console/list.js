// <mo-list>: a grid of many rows, of which only the visible ones are in the page.

import { fill, h, newId } from "./dom.js";

const ROW_PX = 34;
const SPARE_ROWS = 8;
const MORE_AT_ROWS = 60;
const WIDE_PX = 640;

/** A list with a head.
 *
 * Properties to set before it is shown: `columns`, `open`, `more`, `label`.
 * - columns: [{title, width (a CSS grid track), cell: (item) => Node|text|list of them,
 *   align?: "right", wide?: (only where the list is so wide: pixels, or true for 640),
 *   label?: (for a title that is an icon)}]
 * - open: called with the item that is clicked, or chosen by Enter
 * - more: async function that adds the next page by `appendItems`; called near the end of the list
 * - rowClass: a class of an item's row
 * Then `items` sets the rows; `appendItems` and `prependItems` add some.
 */
class List extends HTMLElement {
  columns = [];
  open = null;
  more = null;
  rowClass = () => "";
  rowPixels = ROW_PX;

  #items = [];
  #rows = new Map();
  #active = -1;
  #isAsking = false;
  #isDrawn = false;
  #id = newId();
  #body = h("div.list-body", { role: "rowgroup" });
  #head = h("div.list-row.list-head", { role: "row", "aria-rowindex": "1" });
  #shown = [];
  #sizes = new ResizeObserver(() => this.#shape());

  connectedCallback() {
    if (!this.#isDrawn) {
      this.#isDrawn = true;
      this.setAttribute("role", "grid");
      this.setAttribute("aria-label", this.label ?? "List");
      this.tabIndex = 0;
      this.append(h("div.list-head-group", { role: "rowgroup" }, this.#head), this.#body);
      this.addEventListener("scroll", () => this.#draw(), { passive: true });
      this.addEventListener("keydown", (event) => this.#key(event));
      this.#body.addEventListener("click", (event) => this.#click(event));
    }
    this.#sizes.observe(this);
    this.#shape();
  }

  disconnectedCallback() {
    this.#sizes.disconnect();
  }

  get items() {
    return this.#items;
  }

  /** Replace all rows, and go back to the first. */
  set items(items) {
    this.#items = items;
    this.#active = -1;
    this.scrollTop = 0;
    this.#clear();
    this.#draw();
  }

  /** Replace all rows by newer ones, and stay where one is: at the top, or at the first row seen.
   *
   * @param {function} identity what is the same for an item and the newer one of it
   */
  renewItems(items, identity) {
    const at = this.active === null ? null : identity(this.active);
    const first = Math.floor(this.scrollTop / this.rowPixels);
    const seen = first > 0 && this.#items[first] ? identity(this.#items[first]) : null;
    const find = (wanted) => items.findIndex((item) => identity(item) === wanted);
    this.#items = items;
    if (at !== null) this.#active = find(at);
    this.#clear();
    this.#resize();
    const now = seen === null ? -1 : find(seen);
    if (now >= 0 && now !== first) this.scrollTop += (now - first) * this.rowPixels;
    this.#draw();
  }

  /** The item that the keyboard is at, or null. */
  get active() {
    return this.#items[this.#active] ?? null;
  }

  /** Move to an item's row. */
  select(item) {
    const index = this.#items.indexOf(item);
    if (index >= 0 && index !== this.#active) this.#activate(index);
  }

  /** Add rows at the end. */
  appendItems(added) {
    this.#items.push(...added);
    this.#draw();
  }

  /** Add rows at the start, without moving what is looked at; keep so many at most. */
  prependItems(added, atMost = Infinity) {
    this.#items = [...added, ...this.#items].slice(0, atMost);
    if (this.#active >= 0) this.#active += added.length;
    if (this.#active >= this.#items.length) this.#active = -1;
    const isAtTop = this.scrollTop < this.rowPixels;
    const moved = new Map();
    for (const [index, row] of this.#rows) moved.set(index + added.length, row);
    this.#rows = moved;
    this.#resize();
    if (!isAtTop) this.scrollTop += added.length * this.rowPixels;
    this.#draw();
  }

  /** Put an item in its place, or in that of an equal one; `compare` is as for sorting. */
  insertItem(item, compare) {
    const index = this.#items.findIndex((each) => compare(each) >= 0);
    const at = index < 0 ? this.#items.length : index;
    const isEqual = index >= 0 && compare(this.#items[at]) === 0;
    this.#items.splice(at, isEqual ? 1 : 0, item);
    if (!isEqual && at <= this.#active) this.#active += 1;
    this.#clear();
    this.#draw();
  }

  /** Draw an item's row again; all rows without one. */
  redraw(item) {
    for (const [index, row] of this.#rows) {
      if (item !== undefined && this.#items[index] !== item) continue;
      row.remove();
      this.#rows.delete(index);
    }
    this.#draw();
  }

  /** Remove an item's row. */
  removeItem(item) {
    const index = this.#items.indexOf(item);
    if (index < 0) return;
    this.#items = this.#items.toSpliced(index, 1);
    if (index < this.#active) this.#active -= 1;
    this.#active = Math.min(this.#active, this.#items.length - 1);
    this.#clear();
    this.#draw();
  }

  // A key moves the active row; the rows themselves cannot be focused, since they come and go.
  #key(event) {
    const page = Math.max(1, Math.floor(this.clientHeight / this.rowPixels) - 2);
    const last = this.#items.length - 1;
    const next = {
      ArrowDown: this.#active + 1,
      ArrowUp: this.#active - 1,
      PageDown: this.#active + page,
      PageUp: this.#active - page,
      Home: 0,
      End: last,
    }[event.key];
    if (event.target !== this) return;
    if (event.key === "Enter" && this.active) {
      this.open?.(this.active);
    } else if (next !== undefined && last >= 0) {
      this.#activate(Math.min(last, Math.max(0, next)));
    } else {
      return;
    }
    event.preventDefault();
  }

  #click(event) {
    if (event.target.closest("button, a, input, select, mo-copy")) return;
    const row = event.target.closest("[data-index]");
    if (!row) return;
    const index = Number(row.dataset.index);
    this.#activate(index);
    this.open?.(this.#items[index]);
  }

  #activate(index) {
    this.#active = index;
    const top = index * this.rowPixels;
    const height = this.clientHeight - this.#head.offsetHeight;
    if (top < this.scrollTop) this.scrollTop = top;
    else if (top + this.rowPixels > this.scrollTop + height) {
      this.scrollTop = top + this.rowPixels - height;
    }
    this.#draw();
  }

  // Show the columns that there is room for; the rows stay if they are the same.
  #shape() {
    const width = this.clientWidth;
    const shown = this.columns.filter(
      ({ wide }) => !wide || width >= (wide === true ? WIDE_PX : wide),
    );
    if (shown.length !== this.#shown.length || !this.#head.firstChild) {
      this.#shown = shown;
      this.style.setProperty("--columns", shown.map((each) => each.width).join(" "));
      this.style.setProperty("--row", `${this.rowPixels}px`);
      fill(
        this.#head,
        shown.map(({ title, label, align }) =>
          h("span", { role: "columnheader", class: align ?? "", "aria-label": label }, title),
        ),
      );
      this.#clear();
    }
    this.#draw();
  }

  #clear() {
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
  }

  #resize() {
    this.#body.style.height = `${this.#items.length * this.rowPixels}px`;
    this.setAttribute("aria-rowcount", String(this.#items.length + 1));
  }

  #draw() {
    if (!this.isConnected) return;
    this.#resize();
    const first = Math.max(0, Math.floor(this.scrollTop / this.rowPixels) - SPARE_ROWS);
    const visible = Math.ceil((this.clientHeight || 600) / this.rowPixels);
    const end = Math.min(this.#items.length, first + visible + 2 * SPARE_ROWS);
    for (const [index, row] of this.#rows) {
      if (index < first || index >= end) {
        row.remove();
        this.#rows.delete(index);
      }
    }
    for (let index = first; index < end; index += 1) this.#place(index);
    if (this.#active >= 0)
      this.setAttribute("aria-activedescendant", `${this.#id}-${this.#active}`);
    else this.removeAttribute("aria-activedescendant");
    if (end > this.#items.length - MORE_AT_ROWS) this.#ask();
  }

  #place(index) {
    let row = this.#rows.get(index);
    if (!row) {
      const item = this.#items[index];
      row = h(
        "div.list-row",
        { role: "row", class: this.rowClass(item) },
        this.#shown.map(({ cell, align }) =>
          h("span", { role: "gridcell", class: align ?? "" }, cell(item)),
        ),
      );
      this.#rows.set(index, row);
      this.#body.append(row);
    }
    if (row.dataset.index !== String(index)) {
      row.dataset.index = String(index);
      row.id = `${this.#id}-${index}`;
      row.setAttribute("aria-rowindex", String(index + 2));
      row.style.transform = `translateY(${index * this.rowPixels}px)`;
    }
    row.classList.toggle("active", index === this.#active);
  }

  async #ask() {
    if (this.#isAsking || !this.more) return;
    this.#isAsking = true;
    try {
      await this.more();
    } finally {
      this.#isAsking = false;
    }
  }
}

customElements.define("mo-list", List);
