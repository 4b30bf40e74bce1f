import { hexadecimal } from "./text.ts";

const encoder = new TextEncoder();

/** SHA-256 of a text's UTF-8, 64 lower-case hexadecimal digits. */
export async function sha256(text: string): Promise<string> {
  return hexadecimal(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}
