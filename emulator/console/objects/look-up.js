// Looks up objects by their keys, several at a time. What no tier has is simply not found, which
// an answer 404 for each key would show as an error in the browser's own console.

import { get, path } from "../api.js";
import { prefixOf } from "./names.js";

const A_PAGE = 1000;
const MOST_PAGES = 20;

/** Look up one object: {key, storage, cache}, or null if no tier has it. */
export async function lookUpOne(store, key, { signal } = {}) {
  const { objects } = await get(path(["objects", store], { prefix: key, limit: 1 }), { signal });
  return objects[0]?.key === key ? objects[0] : null;
}

/** Look up many objects, folder by folder, in pages of those that begin as the keys there do.
 *
 * @param {string[]} keys
 * @returns {Promise<(key: string) => object|null|undefined>} the object; null if no tier has it;
 *   undefined if too many others begin the same to know
 */
export async function lookUp(store, keys, options) {
  const found = new Map();
  for (const some of byFolder(keys)) await lookUpIn(store, some, found, options);
  return (key) => found.get(key);
}

async function lookUpIn(store, wanted, found, { signal } = {}) {
  const prefix = commonPrefix([...wanted]);
  const missing = new Set(wanted);
  let after = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { prefix, after, limit: A_PAGE };
    const answer = await get(path(["objects", store], query), { signal });
    for (const object of answer.objects) {
      if (missing.delete(object.key)) found.set(object.key, object);
    }
    after = answer.next;
    if (missing.size === 0 || after === null) break;
  }
  if (after === null) for (const key of missing) found.set(key, null);
}

/** The keys of each folder, once each. */
function byFolder(keys) {
  const folders = new Map();
  for (const key of keys) {
    const folder = prefixOf(key);
    if (!folders.has(folder)) folders.set(folder, new Set());
    folders.get(folder).add(key);
  }
  return folders.values();
}

/** What all of the texts begin with. */
function commonPrefix([first = "", ...others]) {
  let { length } = first;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}
