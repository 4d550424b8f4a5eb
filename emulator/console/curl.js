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
  if (call.method === "HEAD") words.push("--head");
  else if (call.method !== "GET") words.push(`--request ${quoted(call.method)}`);
  if (/[[\]{}]/.test(call.target)) words.push("--globoff");
  words.push("--path-as-is", quoted(endpoint + call.target));
  for (const [name, value] of call.request_headers) {
    if (LEFT_OUT.has(name.toLowerCase())) continue;
    words.push(
      name.toLowerCase() === "authorization"
        ? `--header ${quoted(`${name}: `)}"$MOMENTO_API_KEY"`
        : `--header ${quoted(`${name}: ${value}`)}`,
    );
  }
  if (call.request_size > 0) words.push("--data-binary @BODY");
  return words.join(" \\\n  ").replace("curl \\\n  ", "curl ");
}

const quoted = (text) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
