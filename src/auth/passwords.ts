import * as bcrypt from "bcryptjs";
import { BCRYPT_BYTES_MAX, BCRYPT_ROUNDS_MAX } from "../limits.ts";
import * as argon2id from "./argon2id.ts";

/** How new passwords are hashed. Stored hashes of the other algorithm still verify. */
export type PasswordScheme =
  | { readonly algorithm: "argon2id" }
  | { readonly algorithm: "bcrypt"; readonly rounds: number };

/**
 * A hash as stored: an argon2id PHC string, or bcrypt's own form, with a fresh salt.
 * @throws RangeError for a password that `passwordProblem` refuses: over 72 bytes, of which bcrypt would read only the
 *   first, or so short that argon2id does not take it
 */
export async function hashPassword(password: string, scheme: PasswordScheme): Promise<string> {
  const text = normalise(password);
  if (scheme.algorithm === "argon2id") return argon2id.hash(utf8(text), argon2id.newSalt());
  if (utf8(text).length > BCRYPT_BYTES_MAX) throw new RangeError("bcrypt reads 72 bytes of a password");
  return bcrypt.hash(text, scheme.rounds);
}

/**
 * Whether `password` made `hash`. False for a hash of unknown form, too. Compares in constant time. An imported
 * bcrypt hash of a longer password verifies by its first 72 bytes, as it did where it came from.
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const text = normalise(password);
  const stored = argon2id.parse(hash);
  if (stored !== undefined) return argon2id.verify(utf8(text), stored);
  return bcryptRounds(hash) !== undefined && bcrypt.compare(text, hash);
}

/** Whether `hash` was made by another algorithm, or at another cost, than `scheme` would make it now. */
export function needsRehash(hash: string, scheme: PasswordScheme): boolean {
  if (scheme.algorithm === "bcrypt") return bcryptRounds(hash) !== scheme.rounds;
  const stored = argon2id.parse(hash);
  return stored === undefined || !argon2id.isCurrent(stored);
}

/**
 * Whether a right password is to be hashed anew as `scheme` would: not one of over 72 bytes where bcrypt has a part in
 * it, which would take what follows them for right, or could not take it at all.
 */
export function mayRehash(password: string, hash: string, scheme: PasswordScheme): boolean {
  const isWhole = scheme.algorithm === "argon2id" && argon2id.parse(hash) !== undefined;
  return needsRehash(hash, scheme) && (isWhole || utf8(normalise(password)).length <= BCRYPT_BYTES_MAX);
}

/** Whether `verifyPassword` can verify `hash`: for importing users. */
export function isPasswordHash(hash: string): boolean {
  return argon2id.parse(hash) !== undefined || bcryptRounds(hash) !== undefined;
}

/**
 * A hash that nobody knows a password for. Verifying against it where the user is unknown costs what a wrong password
 * costs. Users whose hash was made by the other algorithm cost differently until their next login.
 */
export function dummyHash(scheme: PasswordScheme): string {
  if (scheme.algorithm === "argon2id") return argon2id.DUMMY;
  return `$2b$${String(scheme.rounds).padStart(2, "0")}$${"Z".repeat(21)}e${"Z".repeat(30)}a`;
}

/**
 * What verifying or making a hash counts in the hashing budget: the KiB of memory that argon2id fills. bcrypt takes
 * hardly any, but as much time, and counts like today's argon2id.
 */
export function hashingKib(hash: string | PasswordScheme): number {
  const stored = typeof hash === "string" ? argon2id.parse(hash) : undefined;
  return stored?.m ?? argon2id.CURRENT.m;
}

/**
 * The form in which a password is hashed: NFC, as RFC 8265 (OpaqueString) asks, so that a password is
 * the same typed on any keyboard (some send "é" as one code point, others as two). Letter case and spaces are kept.
 */
export function normalise(password: string): string {
  return password.normalize("NFC");
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The cost of a `$2a$` or `$2b$` hash, the logarithm of its iterations; undefined for anything else. */
function bcryptRounds(hash: string): number | undefined {
  const rounds = Number(/^\$2[ab]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash)?.[1]);
  return rounds >= 4 && rounds <= BCRYPT_ROUNDS_MAX ? rounds : undefined;
}
