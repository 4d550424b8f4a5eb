// Keys as paths: the part that names an object, and the folders above it.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { href } from "../page.js";

/** The prefix of the folder that a key or another prefix is in: "a/" for "a/b" and "a/b/". */
export const prefixOf = (key) => key.slice(0, key.lastIndexOf("/", key.length - 2) + 1);

/** The last part of a key or a prefix: "c" for "a/b/c", "b/" for "a/b/". */
export const nameOf = (key) => key.slice(prefixOf(key).length) || key;

/** Links to the stores, to the store, and to each folder of a key or a prefix. */
export function breadcrumbs(store, key) {
  const folders = [];
  for (let at = key.indexOf("/"); at >= 0; at = key.indexOf("/", at + 1)) {
    folders.push(key.slice(0, at + 1));
  }
  const rest = nameOf(key);
  const last = folders.at(-1) === key ? null : rest;
  return h(
    "nav.crumbs",
    { "aria-label": "Folders" },
    h("a", { href: href("objects") }, "Stores"),
    icon("forward"),
    h("a", { href: href("objects", [store]) }, store),
    folders.map((prefix) => [
      icon("forward"),
      h(
        "a",
        { href: href("objects", [store], { prefix }) },
        nameOf(prefix).replace(/\/$/, "") || "/",
      ),
    ]),
    last && [icon("forward"), h("span", { "aria-current": "true" }, last)],
  );
}
