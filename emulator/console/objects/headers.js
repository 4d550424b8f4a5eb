// Writes the headers of a Put: metadata, tags and persistence, as the service documents them.

/** Read lines of the form "name: value".
 *
 * @throws {Error} naming the line that has no such form
 */
export function pairs(text, what) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [name, value] = line.split(/:(.*)/s);
      if (value === undefined || !name.trim()) {
        throw new Error(`${what}: "${line}" is not of the form "name: value".`);
      }
      return [name.trim(), value.trim()];
    });
}

/** The headers of a Put.
 *
 * @throws {Error} if a name cannot be that of a header
 */
export function headersOf({ contentType, metadata, tags, isEphemeral }) {
  const headers = {};
  if (contentType) headers["mo-meta-content-type"] = wire(contentType);
  for (const [name, value] of metadata) add(headers, "mo-meta-", name, value);
  for (const [name, value] of tags) add(headers, "mo-tag-", name, value);
  if (isEphemeral) headers["mo-persistence"] = "ephemeral";
  return headers;
}

function add(headers, prefix, name, value) {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
    throw new Error(`"${name}" cannot be the name of a header.`);
  }
  headers[`${prefix}${name}`.toLowerCase()] = wire(value);
}

// A header takes bytes; the service reads them as UTF-8.
const wire = (text) =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
