// A request in sentences: how it ended, and the hints that the journal has of it.

import { h } from "./dom.js";

const BY_OUTCOME = {
  cache_hit: "Answered from the cache; storage was not asked.",
  storage_hit:
    "The cache did not have it: it was read from storage, and the next Get may find it in the cache.",
  miss: "Neither the cache nor storage has an object with this key.",
  cache_hit_expired: "The object was there, but its time to live had ended.",
  storage_hit_expired: "Storage had the object, but its time to live had ended.",
  operations_rate_limited:
    "The store's limit of operations a second was reached: wait and try again.",
  throughput_rate_limited: "The store's limit of bytes a second was reached: wait and try again.",
};

/** Items of a list on a call: sentences on its end, and its hints with their ids. */
export function itemsOf(call) {
  return [
    ...endOf(call).map((sentence) => h("li", {}, sentence)),
    ...call.hints.map(({ id, text, link }) =>
      h("li", {}, `${text} `, h("code", { title: `See ${link}` }, id)),
    ),
  ];
}

function endOf(call) {
  return [
    ...connectionOf(call),
    call.message && `The answer says: ${call.message}`,
    call.faults.length > 0 &&
      call.status >= 400 &&
      "A fault rule acted on this request: without it the answer might be another.",
    BY_OUTCOME[call.outcome],
    call.request_headers_cut > 0 &&
      `${call.request_headers_cut} bytes of the request's headers were not kept.`,
  ].filter(Boolean);
}

function connectionOf({ running, status, complete, response_size: size }) {
  if (running) return ["The emulator still works on this request."];
  if (status === null) return ["The connection was closed before there was an answer."];
  if (!complete)
    return [
      `The connection was closed before the whole answer was sent: after ${size} bytes of its body.`,
    ];
  return [];
}
