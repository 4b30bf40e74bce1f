/** A secret from whoever runs a command, never from its arguments, which anyone on the machine can read. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/**
 * At a terminal, asks and shows nothing of what is typed; otherwise the first line of standard input. Empty when
 * there is none.
 */
export async function readPassword(prompt: string): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) {
    for await (const line of createInterface({ input: stdin })) return line;
    return "";
  }
  process.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: nowhere, terminal: true });
  terminal.once("SIGINT", () => process.exit(130));
  try {
    return await terminal.question("");
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
