// Looks up objects by their keys, several at a time. What no tier has is simply not found, which
// an answer 404 for each key would show as an error in the browser's own console.

import { get, path } from "../api.js";

const A_PAGE = 1000;
const MOST_PAGES = 20;

/** Look up one object: {key, storage, cache}, or null if no tier has it. */
export async function lookUpOne(store, key, { signal } = {}) {
  const { objects } = await get(path(["objects", store], { prefix: key, limit: 1 }), { signal });
  return objects[0]?.key === key ? objects[0] : null;
}

/** Look up many objects, in pages of those that begin as all of the keys do.
 *
 * @param {string[]} keys
 * @returns {Promise<(key: string) => object|null|undefined>} the object; null if no tier has it;
 *   undefined if too many others begin the same to know
 */
export async function lookUp(store, keys, { signal } = {}) {
  const wanted = new Set(keys);
  const found = new Map();
  const prefix = commonPrefix(keys);
  let after = null;
  for (let page = 0; page < MOST_PAGES && found.size < wanted.size; page += 1) {
    const answer = await get(path(["objects", store], { prefix, after, limit: A_PAGE }), {
      signal,
    });
    for (const object of answer.objects) {
      if (wanted.has(object.key)) found.set(object.key, object);
    }
    after = answer.next;
    if (after === null) break;
  }
  const isComplete = after === null || found.size === wanted.size;
  return (key) => found.get(key) ?? (isComplete ? null : undefined);
}

/** What all of the texts begin with. */
function commonPrefix([first = "", ...others]) {
  let { length } = first;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}
