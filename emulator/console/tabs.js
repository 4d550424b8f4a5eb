// Tabs of a page: links, so that each has an address of its own.

import { h } from "./dom.js";
import { href } from "./page.js";

/** The tabs of a page.
 *
 * @param {string} page the page's id
 * @param {string} label names the tabs for screen readers
 * @param {[string, string][]} names the part of the address and the title of each; the first part
 *   is "" for what the page shows at first
 * @returns {HTMLElement} with a method `choose(part)`
 */
export function tabs(page, label, names) {
  const links = new Map(
    names.map(([part, title]) => [part, h("a", { href: href(page, part ? [part] : []) }, title)]),
  );
  const element = h("nav.tabs", { "aria-label": label }, [...links.values()]);
  element.choose = (chosen) => {
    for (const [part, link] of links) {
      if (part === chosen) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };
  return element;
}
