// What has arrived and is not drawn yet: while a list is paused, or its tab is hidden.

import { count } from "./format.js";

/** Add an item to those that wait. Only so many of the newest are kept: a list shows no more, and a
 * tab may be left open for days. */
export function keepNewest(waiting, item, atMost) {
  if (waiting.length >= 2 * atMost) waiting.splice(0, waiting.length - atMost);
  waiting.push(item);
}

/** How many wait, for a button: " (12 new)". */
export function newOnes(waiting, atMost) {
  if (waiting === 0) return "";
  return waiting > atMost ? ` (more than ${count(atMost)} new)` : ` (${count(waiting)} new)`;
}
