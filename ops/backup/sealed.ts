/** Text in a file that only its key opens: compressed, then sealed in the age format (https://age-encryption.org/v1). */
import { randomUUID } from "node:crypto";
import { access, link, open, rm, writeFile } from "node:fs/promises";
import {
  CompressionStream,
  DecompressionStream,
  ReadableStream as NodeStream,
  TextDecoderStream,
  TextEncoderStream,
} from "node:stream/web";
import type { Decrypter, Encrypter } from "age-encryption";
import { CannotRun } from "../command.ts";

/**
 * Writes the file, which gets its name only when it is whole and on the disk. Answers its size in bytes.
 * @throws CannotRun when there is such a file
 */
export async function seal(text: AsyncIterable<string>, file: string, sealer: Encrypter): Promise<number> {
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
    await writeFile(handle, sealed as NodeStream);
    await handle.sync();
    const { size } = await handle.stat();
    await link(draft, file); // unlike a rename, refuses to replace one that came meanwhile
    return size;
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}

/**
 * Reads the file's text piece by piece. Each was authenticated before it is answered; whether the file is whole is
 * known only when the last has been read.
 * @throws CannotRun, while reading, for a wrong key and for a file that is cut short or altered
 */
export async function* unseal(file: string, opener: Decrypter): AsyncGenerator<string> {
  const handle = await open(file).catch(() => {
    throw new CannotRun(`There is no file ${file} that can be read.`);
  });
  try {
    const sealed = handle.readableWebStream() as ReadableStream<Uint8Array>;
    const opened = (await opener.decrypt(sealed)) as NodeStream<Uint8Array<ArrayBuffer>>;
    yield* opened
      .pipeThrough(new DecompressionStream("gzip"))
      .pipeThrough(new TextDecoderStream("utf-8", { fatal: true }));
  } catch (error) {
    throw new CannotRun(
      error instanceof Error && NO_MATCH.test(error.message)
        ? "This key does not open the file. Nothing was written."
        : "The file is not an age file, or was cut short or altered. Nothing was written.",
    );
  } finally {
    await handle.close();
  }
}

/** What the library says of a file that no key given opens. */
const NO_MATCH = /no identity matched/;
