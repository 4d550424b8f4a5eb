// Shows bytes as a hex dump.

const IN_A_LINE = 16;

/** The lines of a hex dump: offset, bytes, and the printable characters of ASCII. */
export function hexDump(bytes) {
  const lines = [];
  for (let offset = 0; offset < bytes.length; offset += IN_A_LINE) {
    const some = [...bytes.subarray(offset, offset + IN_A_LINE)];
    const hex = some.map((byte) => byte.toString(16).padStart(2, "0"));
    const text = some.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "."));
    const halves = `${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}`.padEnd(48);
    lines.push(`${offset.toString(16).padStart(8, "0")}  ${halves}  ${text.join("")}`);
  }
  return lines.join("\n");
}
