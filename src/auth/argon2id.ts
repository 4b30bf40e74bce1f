import { argon2idAsync } from "@noble/hashes/argon2.js";
import compress from "#argon2id";
import {
  ARGON2_LANES_MAX,
  ARGON2_MEMORY_KIB_MAX,
  ARGON2_MEMORY_PAGES,
  ARGON2_PASSES_MAX,
  ARGON2_TURN_SLICES,
} from "../limits.ts";
import { argon2idTag, bytesFor, type Compression, type Cost } from "./argon2-blocks.ts";
import { createPlaces } from "./argon2-memory.ts";
import * as base64url from "./base64url.ts";

interface Argon2idHash extends Cost {
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

/** OWASP Password Storage: 19 MiB, two passes, one lane. */
export const CURRENT: Cost = { m: 19_456, t: 2, p: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** A PHC string (https://github.com/P-H-C/phc-string-format) of `password` with the given salt. */
export async function hash(password: Uint8Array, salt: Uint8Array): Promise<string> {
  return format({ ...CURRENT, salt, tag: await tagOf(password, salt, CURRENT, TAG_BYTES) });
}

export function newSalt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SALT_BYTES));
}

export async function verify(password: Uint8Array, stored: Argon2idHash): Promise<boolean> {
  return isEqual(await tagOf(password, stored.salt, stored, stored.tag.length), stored.tag);
}

/** Reads a PHC string, or undefined: another algorithm or version, malformed, or dearer than an isolate can bear. */
export function parse(phc: string): Argon2idHash | undefined {
  const match =
    /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,2}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
      phc,
    );
  if (match === null) return undefined;
  const [m = 0, t = 0, p = 0] = match.slice(1, 4).map(Number);
  const [salt, tag] = match.slice(4).map(fromBase64);
  if (salt === undefined || salt.length < 8 || tag === undefined || tag.length < 16) return undefined;
  if (m < 8 * p || m > ARGON2_MEMORY_KIB_MAX || t > ARGON2_PASSES_MAX || p > ARGON2_LANES_MAX)
    return undefined;
  return { m, t, p, salt, tag };
}

/** Whether a hash has today's parameters. */
export function isCurrent({ m, t, p, salt, tag }: Argon2idHash): boolean {
  return (
    m === CURRENT.m &&
    t === CURRENT.t &&
    p === CURRENT.p &&
    salt.length >= SALT_BYTES &&
    tag.length === TAG_BYTES
  );
}

/** Today's parameters with an arbitrary tag: nobody knows a password that it belongs to. */
export const DUMMY = format({
  ...CURRENT,
  salt: new Uint8Array(SALT_BYTES).fill(0x5a),
  tag: new Uint8Array(TAG_BYTES).fill(0xa5),
});

function format({ m, t, p, salt, tag }: Argon2idHash): string {
  return `$argon2id$v=19$m=${m},t=${t},p=${p}$${toBase64(salt)}$${toBase64(tag)}`;
}

/**
 * Other requests of the isolate have their turn after every few slices, the fewer the more hashes are made at once. By a
 * count of blocks and not by the clock: Cloudflare's stands still between I/O.
 */
async function tagOf(password: Uint8Array, salt: Uint8Array, cost: Cost, bytes: number): Promise<Uint8Array> {
  const place = places.take(bytesFor(cost), Date.now());
  // Where hashes of different sizes came and went the free bytes may lie apart.
  if (place === undefined) return argon2idAsync(password, salt, { ...cost, dkLen: bytes });
  try {
    compression ??= instantiate();
    const work = argon2idTag(compression, place.base, password, salt, cost, bytes);
    for (let slices = 1; ; slices++) {
      const { done, value } = work.next();
      if (done) return value;
      if (slices % Math.ceil(ARGON2_TURN_SLICES / places.count()) !== 0) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (!place.isHeld()) throw new Error("a hash took so long that its memory was given to another");
    }
  } finally {
    place.release();
  }
}

const places = createPlaces(ARGON2_MEMORY_PAGES * 65_536);
/** Once an isolate hashes at all: it then keeps its memory, of which only touched pages are real. */
let compression: Compression | undefined;

function instantiate(): Compression {
  const memory = new WebAssembly.Memory({ initial: ARGON2_MEMORY_PAGES, maximum: ARGON2_MEMORY_PAGES });
  const { exports } = new WebAssembly.Instance(compress, { env: { memory } });
  return { ...(exports as unknown as Omit<Compression, "memory">), memory };
}

/** PHC strings hold the standard alphabet, without padding. */
function toBase64(bytes: Uint8Array): string {
  return base64url.encode(bytes).replaceAll("-", "+").replaceAll("_", "/");
}

function fromBase64(text: string): Uint8Array | undefined {
  return base64url.decode(text.replaceAll("+", "-").replaceAll("/", "_"));
}

/** Takes the same time wherever the first difference is. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}
