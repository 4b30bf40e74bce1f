/** Whether Postgres stores a text and JSON carries it unchanged: it holds neither NUL nor a lone surrogate. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

/** Whether a text has at most `max` characters: code points, as zod and Postgres count them. */
export const hasAtMost = (max: number, text: string): boolean =>
  text.length <= max || (text.length <= 2 * max && [...text].length <= max);

const encoder = new TextEncoder();

/** Bytes of a text as UTF-8. */
export const utf8Bytes = (text: string): number =>
  /[^ -~]/.test(text) ? encoder.encode(text).length : text.length;

/** The two hexadecimal digits of every byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal digits, two a byte. */
export function hexadecimal(bytes: Uint8Array): string {
  let digits = "";
  for (let i = 0; i < bytes.length; i++) digits += HEX[bytes[i] as number];
  return digits;
}
