/**
 * Text in a file that only its key opens and that says who made it: a line with a signature (signature.ts), then the
 * text, compressed and sealed in the age format (https://age-encryption.org/v1).
 */
import { createHash, randomUUID } from "node:crypto";
import { access, type FileHandle, link, open, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import {
  CompressionStream,
  DecompressionStream,
  ReadableStream as NodeStream,
  TextDecoderStream,
  TextEncoderStream,
} from "node:stream/web";
import type { Decrypter, Encrypter } from "age-encryption";
import { CannotRun } from "../command.ts";
import { readSignature, type SigningKey, sign, type VerificationKeys } from "./signature.ts";

/**
 * Writes the file, which gets its name only when it is whole, signed and on the disk. Answers its size in bytes.
 * @throws CannotRun when there is such a file
 */
export async function seal(
  text: AsyncIterable<string>,
  file: string,
  sealer: Encrypter,
  signer: SigningKey,
): Promise<number> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new CannotRun(`${file} exists already.`);

  const draft = `${file}.${randomUUID()}.partial`;
  const handle = await open(draft, "wx", 0o600);
  try {
    const compressed = NodeStream.from(text)
      .pipeThrough(new TextEncoderStream())
      .pipeThrough(new CompressionStream("gzip"));
    const sealed = await sealer.encrypt(compressed as ReadableStream<Uint8Array>);
    const digest = createHash("sha256");
    // Every signature of a key is as long as any other, so there is room for the right one before it is known.
    await handle.writeFile(await signatureLine("0".repeat(64), signer));
    for await (const chunk of sealed as NodeStream<Uint8Array>) {
      digest.update(chunk);
      await handle.writeFile(chunk);
    }
    const line = await signatureLine(digest.digest("hex"), signer);
    await handle.write(line, 0, line.length, 0);
    await handle.sync();
    const { size } = await handle.stat();
    await link(draft, file); // unlike a rename, refuses to replace one that came meanwhile
    return size;
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}

const signatureLine = async (sha256: string, signer: SigningKey): Promise<Buffer> =>
  Buffer.from(`${await sign(sha256, signer)}\n`);

export interface SealedFile {
  /**
   * The text, piece by piece. Each was authenticated before it is answered; whether the file is whole is known only
   * when the last has been read.
   * @throws CannotRun, while reading, for a wrong key and for a file that is cut short or altered
   */
  text(opener: Decrypter): AsyncGenerator<string>;
  close(): Promise<void>;
}

/**
 * Opens a file whose signature is that of one of these keys; with `unsigned`, one that has none.
 * @throws CannotRun for any other
 */
export async function openSealed(file: string, believed: VerificationKeys | "unsigned"): Promise<SealedFile> {
  const handle = await open(file).catch(() => {
    throw new CannotRun(`There is no file ${file} that can be read.`);
  });
  try {
    const signature = await readFirstLine(handle);
    if (believed === "unsigned") {
      if (signature !== undefined)
        throw new CannotRun("The file is signed: give its verification key. Nothing was written.");
      return { text: (opener) => unseal(bytesOf(handle, 0), opener), close: () => handle.close() };
    }
    if (signature === undefined) throw new CannotRun(UNSIGNED);
    const start = Buffer.byteLength(signature) + 1;
    const read = await readSignature(signature, believed);
    if (!read.ok) throw new CannotRun(read.reason === "invalid" ? ALTERED : signedBy(read.kid));
    const { sha256 } = read;
    const digest = createHash("sha256");
    await pipeline(handle.createReadStream({ start, autoClose: false }), digest);
    if (digest.digest("hex") !== sha256) throw new CannotRun(ALTERED);
    // Compared once more at the end: what is read then is read again, and may have changed.
    return { text: (opener) => unseal(bytesOf(handle, start, sha256), opener), close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function* unseal(bytes: AsyncIterable<Uint8Array>, opener: Decrypter): AsyncGenerator<string> {
  try {
    const sealed = NodeStream.from(bytes) as ReadableStream<Uint8Array>;
    const opened = (await opener.decrypt(sealed)) as NodeStream<Uint8Array<ArrayBuffer>>;
    yield* opened
      .pipeThrough(new DecompressionStream("gzip"))
      .pipeThrough(new TextDecoderStream("utf-8", { fatal: true }));
  } catch (error) {
    throw new CannotRun(
      error instanceof Error && NO_MATCH.test(error.message)
        ? "This key does not open the file. Nothing was written."
        : ALTERED,
    );
  }
}

/** What the library says of a file that no key given opens. */
const NO_MATCH = /no identity matched/;

const ALTERED = "The file is no backup of ours, or was cut short or altered. Nothing was written.";
const UNSIGNED =
  "The file is not signed, so anybody may have made it. Nothing was written. Where it is a backup of a version that " +
  "did not sign, and comes from a place that only you can write to, name --unsigned.";
const signedBy = (kid: string) =>
  `The file is signed with the key ${kid}, which is none of the verification keys given. Nothing was written.`;

/** Undefined in a file that begins as the age format does, without a signature. */
async function readFirstLine(handle: FileHandle): Promise<string | undefined> {
  const { buffer, bytesRead } = await handle.read(
    Buffer.alloc(FIRST_LINE_BYTES_MAX),
    0,
    FIRST_LINE_BYTES_MAX,
    0,
  );
  const text = buffer.toString("latin1", 0, bytesRead);
  if (text.startsWith("age-encryption.org/")) return undefined;
  const end = text.indexOf("\n");
  if (end === -1) throw new CannotRun(ALTERED);
  return text.slice(0, end);
}

const FIRST_LINE_BYTES_MAX = 1_024;

/** @throws CannotRun at the end, when the bytes had another digest than `sha256` */
async function* bytesOf(handle: FileHandle, start: number, sha256?: string): AsyncGenerator<Uint8Array> {
  const digest = createHash("sha256");
  for await (const chunk of handle.createReadStream({ start, autoClose: false })) {
    digest.update(chunk as Buffer);
    yield chunk as Buffer;
  }
  if (sha256 !== undefined && digest.digest("hex") !== sha256) throw new CannotRun(ALTERED);
}
