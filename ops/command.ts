/** What every command of `dev/` shares: how it ends, and how it speaks. */

/** A failure that the person at the keyboard can mend: shown as its message alone, without a stack. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}

/**
 * Runs a command to its exit code. What it cannot do is told in one line and ends with 1; a bug shows its
 * stack.
 */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(error instanceof CannotRun ? `\n${style("red", "✗")} ${error.message}\n` : error);
    process.exitCode = 1;
  }
}

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Colours only what a person looks at: not a pipe, not where NO_COLOR asks for none (no-color.org). */
export function style(name: keyof typeof CODES, text: string, stream = process.stdout): string {
  if (!stream.isTTY || process.env["NO_COLOR"]) return text;
  const [on, off] = CODES[name];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
