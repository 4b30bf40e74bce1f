/**
 * The keys of a backup: who may open it, and who says that they made it. They are never taken from the command line,
 * which everybody on the machine can read.
 */
import { text } from "node:stream/consumers";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { BACKUP_PASSPHRASE_CHARS_MIN } from "../../src/limits.ts";
import { CannotRun } from "../command.ts";
import {
  isSigningKey,
  isVerificationKey,
  readSigningKey,
  readVerificationKeys,
  type SigningKey,
  type VerificationKeys,
} from "./signature.ts";

/** What was given, in two parts. */
export interface GivenKeys {
  /** Of the envelope: age keys, one a line, or one passphrase. */
  readonly envelope: string;
  /** Signing and verification keys, one a line. */
  readonly signature: readonly string[];
}

/**
 * `BACKUP_KEY`, or else what is piped in.
 * @throws CannotRun when there is no key of the envelope
 */
export async function givenKeys(stdin: NodeJS.ReadStream): Promise<GivenKeys> {
  const given = process.env["BACKUP_KEY"] ?? (stdin.isTTY ? "" : await text(stdin));
  const lines = given.split("\n").map((line) => line.trim());
  const ofSignature = (line: string) => isSigningKey(line) || isVerificationKey(line);
  const envelope = lines.filter((line) => !ofSignature(line)).join("\n");
  if (linesOf(envelope).length > 0) return { envelope, signature: lines.filter(ofSignature) };
  throw new CannotRun(
    "No key: pipe it in (npm run backup -- FILE < backup.key) or set BACKUP_KEY. To seal, it is an age public key " +
      "(age1…) or a passphrase; to open, the identity (AGE-SECRET-KEY-…) or the passphrase; and a line with the key " +
      "that signs or verifies. npm run backup:key makes them all.",
  );
}

/**
 * The one key that signs.
 * @throws CannotRun when there is none, more than one, or a malformed one
 */
export async function signerFor({ signature }: GivenKeys): Promise<SigningKey> {
  const [line, ...others] = signature.filter(isSigningKey);
  if (line === undefined || others.length > 0) {
    throw new CannotRun(
      "A backup is signed, with one key: give it on a line of its own, BACKUP-SIGNING-KEY-…; npm run backup:key makes one.",
    );
  }
  return readSigningKey(line).catch(() => {
    throw malformedKey();
  });
}

/**
 * The keys whose signature makes a backup one of ours.
 * @throws CannotRun when there is none, or a malformed one
 */
export async function verifiersFor({ signature }: GivenKeys): Promise<VerificationKeys> {
  if (signature.length === 0) {
    throw new CannotRun(
      "No verification key: give it on a line of its own, BACKUP-VERIFICATION-KEY-…, or nobody knows who made the file.",
    );
  }
  return readVerificationKeys(signature).catch(() => {
    throw malformedKey();
  });
}

const isRecipient = (line: string) => line.startsWith("age1");
const isIdentity = (line: string) => line.startsWith("AGE-SECRET-KEY-");

/**
 * What seals for the owners of these public keys, each of whom can open the file alone, or for the passphrase. An
 * identity, too, stands for its public key.
 * @throws CannotRun for a malformed key or a short passphrase
 */
export async function sealerFor({ envelope: given }: GivenKeys): Promise<Encrypter> {
  const lines = linesOf(given);
  const sealer = new Encrypter();
  if (lines.every((line) => isRecipient(line) || isIdentity(line))) {
    try {
      for (const line of lines)
        sealer.addRecipient(isIdentity(line) ? await identityToRecipient(line) : line);
    } catch {
      throw malformedKey();
    }
  } else if (given.trim().length < BACKUP_PASSPHRASE_CHARS_MIN) {
    throw new CannotRun(
      `A passphrase has at least ${BACKUP_PASSPHRASE_CHARS_MIN} characters: whoever has the file can try any number.`,
    );
  } else {
    sealer.setPassphrase(given.trim());
  }
  return sealer;
}

/**
 * What opens a backup with any of these identities, or with this passphrase.
 * @throws CannotRun for a malformed key, or a public one
 */
export function openerFor({ envelope: given }: GivenKeys): Decrypter {
  const lines = linesOf(given);
  if (lines.every(isRecipient)) {
    throw new CannotRun("That is the public key, which seals. To open takes the identity, AGE-SECRET-KEY-….");
  }
  const opener = new Decrypter();
  if (lines.every(isIdentity)) {
    try {
      for (const line of lines) opener.addIdentity(line);
    } catch {
      throw malformedKey();
    }
  } else {
    opener.addPassphrase(given.trim());
  }
  return opener;
}

/** Without comments, as in the files of `age-keygen`. */
const linesOf = (given: string): string[] =>
  given
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));

const malformedKey = () => new CannotRun("The key is malformed.");
