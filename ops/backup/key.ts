/** The key of a backup. It is never taken from the command line, which everybody on the machine can read. */
import { text } from "node:stream/consumers";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { BACKUP_PASSPHRASE_CHARS_MIN } from "../../src/limits.ts";
import { CannotRun } from "../command.ts";

/**
 * `BACKUP_KEY`, or else what is piped in: age keys, one a line, or one passphrase.
 * @throws CannotRun when there is neither
 */
export async function givenKey(stdin: NodeJS.ReadStream): Promise<string> {
  const given = process.env["BACKUP_KEY"] ?? (stdin.isTTY ? "" : await text(stdin));
  if (given.trim() !== "") return given;
  throw new CannotRun(
    "No key: pipe it in (npm run backup -- FILE < key.txt) or set BACKUP_KEY. To seal, it is an age public key " +
      "(age1…) or a passphrase; to open, the identity (AGE-SECRET-KEY-…) or the passphrase. " +
      "npm run backup:key makes a pair.",
  );
}

const isRecipient = (line: string) => line.startsWith("age1");
const isIdentity = (line: string) => line.startsWith("AGE-SECRET-KEY-");

/**
 * What seals for the owners of these public keys, each of whom can open the file alone, or for the passphrase. An
 * identity, too, stands for its public key.
 * @throws CannotRun for a malformed key or a short passphrase
 */
export async function sealerFor(given: string): Promise<Encrypter> {
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
 * What opens a backup with these identities or this passphrase.
 * @throws CannotRun for a malformed key, or a public one
 */
export function openerFor(given: string): Decrypter {
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
