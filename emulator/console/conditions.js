// What the filters of the requests mean to the journal.

/** Operations and outcomes that one can filter by. */
export const OPERATIONS = [
  "GetObject",
  "PutObject",
  "DeleteObject",
  "ListObjectStores",
  "CreateOrUpdateObjectStore",
  "DescribeObjectStore",
  "DeleteObjectStore",
];

export const OUTCOMES = [
  "ok",
  "cache_hit",
  "storage_hit",
  "miss",
  "cache_hit_expired",
  "storage_hit_expired",
  "bad_request",
  "authz_error",
  "operations_rate_limited",
  "throughput_rate_limited",
  "internal_error",
];

export const STATUSES = [
  ["2xx", "2xx Success"],
  ["4xx", "4xx Refused"],
  ["5xx", "5xx Failed"],
  ["401", "401 Unknown key"],
  ["403", "403 Not permitted"],
  ["404", "404 Not found"],
  ["429", "429 Over a limit"],
];

/** The journal's conditions for a filter: a text without * or ? is looked for anywhere in a key. */
export function conditions({ key, operation, status, outcome, fault }) {
  return { key: pattern(key), operation, status, outcome, fault };
}

function pattern(text) {
  if (!text) return "";
  return /[*?]/.test(text) ? text : `*${text}*`;
}
