// What the console has seen of the emulator since it was opened: samples for charts.

import { ApiError, get, path } from "./api.js";
import { learn } from "./time.js";

const EVERY_MS = 1000;
const KEPT = 120;
const RATIO_OF = 10;
const ROUNDED_MS = 10;

/** Tells "sample" after each sample, "lost" and "found" when the emulator stops and starts to answer,
 * "restarted" when another one than before answers. */
export const samples = new EventTarget();

/** The samples: {at, rate, errors, p50, p99, hits} with null where nothing is known. */
export const history = [];

/** The last answer of /_emulator/overview, or null. */
export let overview = null;

/** Whether the emulator answered the last time; null before the first. */
export let isReachable = null;

let wake = null;

let startedBefore = Infinity;

/** Sample from now on. */
export async function start() {
  for (;;) {
    if (!document.hidden) await sample();
    await new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, EVERY_MS);
    });
  }
}

/** Sample at once. */
export const sampleNow = () => wake?.();

async function sample() {
  try {
    const asked = performance.now();
    const answer = await get(path(["overview"]));
    const isAnother = isStartedLater(answer.uptime_seconds * 1000, asked);
    learn(answer.clock, asked);
    add(answer);
    overview = answer;
    reached(true);
    samples.dispatchEvent(new Event("sample"));
    if (isAnother) samples.dispatchEvent(new Event("restarted"));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    reached(false);
  }
}

// Whether it was started after the emulator that answered before. An answer says when that was, but
// for the time that the answer itself took.
function isStartedLater(uptime, asked) {
  const isLater = asked - uptime > startedBefore + ROUNDED_MS;
  startedBefore = performance.now() - uptime;
  return isLater;
}

function reached(now) {
  if (now !== isReachable) {
    isReachable = now;
    samples.dispatchEvent(new Event(now ? "found" : "lost"));
  }
}

function add(answer) {
  const at = performance.now();
  const last = history.at(-1);
  const seconds = last ? (at - last.at) / 1000 : null;
  const { recent } = answer;
  const { hits, looks } = looked(answer.counts);
  const isReset = last && (answer.requests < last.requests || looks < last.looks);
  if (isReset) history.length = 0;
  history.push({
    at,
    requests: answer.requests,
    hits,
    looks,
    rate: last && !isReset ? (answer.requests - last.requests) / seconds : null,
    errors: recent.errors / recent.seconds,
    p50: recent.p50_ms,
    p99: recent.p99_ms,
    hitRatio: hitRatio(hits, looks),
  });
  if (history.length > KEPT) history.shift();
}

// Of the Gets of some samples: a single one often has too few.
function hitRatio(hits, looks) {
  const before = history.at(-RATIO_OF) ?? history[0];
  if (!before || looks <= before.looks) return null;
  return (hits - before.hits) / (looks - before.looks);
}

function looked({ cache }) {
  return { hits: cache.hits, looks: cache.hits + cache.expired + cache.misses };
}
