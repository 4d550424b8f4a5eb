// Says which tiers have an object, and which of its versions a client would get.

import { badge } from "../page.js";
import { now } from "../time.js";

/** Whether the time to live of a tier's entry has ended. */
export const isExpired = (entry) =>
  Boolean(entry.expires_at) && Date.parse(entry.expires_at) <= now();

/** The entry to describe an object by: the newest one. */
export function newest({ cache, storage }) {
  if (!cache || !storage) return cache ?? storage;
  return cache.version > storage.version ? cache : storage;
}

/** A badge for each tier that has the object; those of expired entries say so. */
export const tierBadges = ({ cache, storage }) =>
  [
    cache && tierBadge(cache.ephemeral ? "ephemeral" : "cache", cache),
    storage && tierBadge("storage", storage),
  ].filter(Boolean);

function tierBadge(name, entry) {
  const shown = badge(name, name);
  if (isExpired(entry)) {
    shown.classList.add("expired");
    shown.append(" (expired)");
  }
  return shown;
}
