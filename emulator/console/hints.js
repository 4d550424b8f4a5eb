// What a request's end means, and what would help: sentences made from the journal's call.

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

const BY_STATUS = {
  401:
    "No key came with the request, or the account does not know it. Keys are on the page Overview, " +
    "and are sent in the header Authorization.",
  403: "The key is known, but its role does not permit this. What a role allows is on the page Keys and roles.",
  405: "The path exists, but not for this method.",
  412: "A condition of the request did not hold.",
  413: "The body is larger than the service takes.",
  500: "The service failed, as when a tier is down.",
  503: "The service is not available: wait and try again.",
};

/** Sentences about a call, at most a few. */
export function hintsOf(call) {
  return [
    ...endOf(call),
    call.faults.length > 0 &&
      call.status >= 400 &&
      "A fault rule acted on this request: without it the answer might be another.",
    BY_OUTCOME[call.outcome],
    call.status === 404 && !call.outcome?.match(/miss|expired/) && notFound(call),
    BY_STATUS[call.status],
    call.request_headers_cut > 0 &&
      `${call.request_headers_cut} bytes of the request's headers were not kept.`,
  ].filter(Boolean);
}

function endOf({ running, status, complete, response_size: size }) {
  if (running) return ["The emulator still works on this request."];
  if (status === null) return ["The connection was closed before there was an answer."];
  if (!complete)
    return [
      `The connection was closed before the whole answer was sent: after ${size} bytes of its body.`,
    ];
  return [];
}

function notFound({ operation, store }) {
  if (!operation) return "No operation of the service has this path.";
  return store
    ? `Is there a store “${store}”? See Stores and objects.`
    : "What was asked for does not exist.";
}
