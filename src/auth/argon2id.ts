import setupWasm, { type computeHash as ComputeHash } from "argon2id/lib/setup.js";
import wasm from "#argon2id/wasm";
import { ARGON2_LANES_MAX, ARGON2_MEMORY_KIB_MAX, ARGON2_PASSES_MAX } from "../limits.ts";
import * as base64url from "./base64url.ts";

/** KiB of memory, passes over it, and lanes. */
export interface Cost {
  readonly m: number;
  readonly t: number;
  readonly p: number;
}

interface Argon2idHash extends Cost {
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

/** OWASP Password Storage: 19 MiB, two passes, one lane. */
export const CURRENT: Cost = { m: 19_456, t: 2, p: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/**
 * A PHC string (https://github.com/P-H-C/phc-string-format) of `password` with the given salt.
 * @throws RangeError for a password that the package does not take: see `isTaken`
 */
export async function hash(password: Uint8Array, salt: Uint8Array): Promise<string> {
  if (!isTaken(password)) throw new RangeError("argon2id takes no empty password, nor a single byte below 8");
  return format({ ...CURRENT, salt, tag: await tagOf(password, salt, CURRENT, TAG_BYTES) });
}

export function newSalt(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SALT_BYTES));
}

/** Whether `password` made `stored`. What the package does not take is wrong, and costs what a wrong password costs. */
export async function verify(
  password: Uint8Array,
  stored: Argon2idHash,
  compute: TagOf = tagOf,
): Promise<boolean> {
  const taken = isTaken(password);
  const tag = await compute(taken ? password : PLACEHOLDER, stored.salt, stored, stored.tag.length);
  return isEqual(tag, stored.tag) && taken;
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
 * Whether the package hashes these bytes. It throws where `password < 8`, meaning the length but comparing the bytes: of
 * none that is the number 0, of one byte its value, of more not a number. No password may be so short here, nor could
 * anybody type a single control character.
 */
function isTaken(password: Uint8Array): boolean {
  return password.length > 1 || (password[0] ?? 0) >= 8;
}

/** Hashed in the place of what the package does not take. */
const PLACEHOLDER = new Uint8Array(8);

export type TagOf = (
  password: Uint8Array,
  salt: Uint8Array,
  cost: Cost,
  bytes: number,
) => Promise<Uint8Array>;

/** Computes in one go: nothing else happens in the isolate meanwhile. */
export const tagOf: TagOf = async (password, salt, { m, t, p }, bytes) => {
  computeHash ??= await setupWasm(instantiate, instantiate);
  return computeHash({ password, salt, memorySize: m, passes: t, parallelism: p, tagLength: bytes });
};

/**
 * Made when an isolate first hashes, and used for every hash: its memory is 65 MiB from the start, enough for
 * `ARGON2_MEMORY_KIB_MAX`, so that it never grows.
 */
let computeHash: ComputeHash | undefined;

/** With SIMD, which workerd and every supported Node.js have: the package's other binary is not needed. */
function instantiate(imports: WebAssembly.Imports) {
  return { module: wasm, instance: new WebAssembly.Instance(wasm, imports) };
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
