// The emulator's clock in this page: known from its answers, and ticking between them.

import { get, path } from "./api.js";

const STALE_MS = 10_000;
const MOVED_MS = 1500;

let known = { now: Date.now(), frozen: false, at: performance.now(), took: 0, synced: false };

/** Tells "tick" once a second, and "change" when the clock was moved, frozen or released. */
export const ticks = new EventTarget();

/** The emulator's time now, in milliseconds since the epoch. */
export const now = () => (known.frozen ? known.now : known.now + performance.now() - known.at);

/** Whether the emulator's clock stands still. */
export const isFrozen = () => known.frozen;

/** How far the emulator's clock is ahead of this machine's, in milliseconds. */
export const ahead = () => now() - Date.now();

/** Learn the time from an answer's clock document.
 *
 * @param {object} clock
 * @param {number} [asked] when it was asked for, by `performance.now()`: the answer may be as old,
 *   which on a busy machine would look like a clock that was moved
 */
export function learn(clock, asked = performance.now()) {
  const took = performance.now() - asked;
  const before = { now: now(), frozen: known.frozen, synced: known.synced, took: known.took };
  known = {
    now: clock.epoch_seconds * 1000,
    frozen: clock.frozen,
    at: performance.now(),
    took,
    synced: true,
  };
  const most = MOVED_MS + took + before.took;
  const isMoved = Math.abs(known.now - before.now) > most || before.frozen !== known.frozen;
  if (before.synced && isMoved) ticks.dispatchEvent(new Event("change"));
  if (!before.synced || isMoved) ticks.dispatchEvent(new Event("tick"));
  return clock;
}

/** Ask the emulator for its time, unless that is known. */
export async function sync({ force = false } = {}) {
  if (force || !known.synced || performance.now() - known.at > STALE_MS) {
    const asked = performance.now();
    learn(await get(path(["clock"])), asked);
  }
}

setInterval(() => {
  if (!document.hidden) ticks.dispatchEvent(new Event("tick"));
}, 1000);
