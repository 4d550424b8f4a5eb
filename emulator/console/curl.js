// Writes a request of the journal as a curl command.

const LEFT_OUT = new Set([
  "host",
  "content-length",
  "connection",
  "accept-encoding",
  "user-agent",
  "transfer-encoding",
  "expect",
  "te",
  "cookie",
]);

/** The command, for a POSIX shell. The key is left to the variable MOMENTO_API_KEY, since the journal
 * has no credentials; a body, which it does not have either, to the file BODY. */
export function asCurl(call, endpoint) {
  const words = ["curl"];
  const names = new Set(call.request_headers.map(([name]) => name.toLowerCase()));
  const hasBody = call.request_size > 0 || names.has("content-length");
  if (call.method === "HEAD") words.push("--head");
  else if (call.method !== "GET" || hasBody) words.push(`--request ${quoted(call.method)}`);
  if (/[[\]{}]/.test(call.target)) words.push("--globoff");
  words.push("--path-as-is", quoted(endpoint + call.target));
  for (const [name, value] of call.request_headers) {
    if (LEFT_OUT.has(name.toLowerCase())) continue;
    words.push(
      name.toLowerCase() === "authorization"
        ? `--header ${quoted(`${name}: `)}"$MOMENTO_API_KEY"`
        : `--header ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`,
    );
  }
  if (hasBody && call.method !== "HEAD") {
    // With a body curl sends a type of its own, unless it is told that there is none.
    if (!names.has("content-type")) words.push("--header Content-Type:");
    words.push(call.request_size > 0 ? "--data-binary @BODY" : "--data-binary ''");
  }
  return words.join(" \\\n  ").replace("curl \\\n  ", "curl ");
}

/** A text as a word of a POSIX shell, whatever is in it. */
export const quoted = (text) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
