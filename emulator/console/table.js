// A table of some rows, from a list of columns. For many rows there is <mo-list>.

import { h } from "./dom.js";

/** A table.
 *
 * @param {{title: string, cell: function, align?: "right", wide?: boolean, unseen?: boolean}[]}
 *   columns `cell` makes what is in it from an item; `wide` columns are left out on a phone; an
 *   `unseen` title is for screen readers alone; null and false stand for no column
 * @param {object[]} items
 * @param {{kind?: string, open?: function}} [options] `kind` is a class of the table; `open` is
 *   called with the item of a row that is clicked
 */
export function table(columns, items, { kind = "", open } = {}) {
  const shown = columns.filter(Boolean);
  const head = shown.map((column) =>
    h("th", { class: classOf(column) }, column.unseen ? hidden(column.title) : column.title),
  );
  return h(
    "div.table-box",
    {},
    h(
      "table",
      { class: kind },
      h("thead", {}, h("tr", {}, head)),
      h(
        "tbody",
        {},
        items.map((item) => rowOf(shown, item, open)),
      ),
    ),
  );
}

/** A row of such a table, to be added to it later. */
export function rowOf(columns, item, open) {
  const click = (event) => {
    if (!event.target.closest("a, button")) open(item);
  };
  return h(
    "tr",
    open ? { class: "openable", onclick: click } : {},
    columns.map((column) => h("td", { class: classOf(column) }, column.cell(item))),
  );
}

const classOf = ({ align = "", wide }) => `${align}${wide ? " wide" : ""}`;
const hidden = (title) => h("span.visually-hidden", {}, title);
