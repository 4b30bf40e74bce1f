/** How every command of `ops/` and `dev/` ends. */
import { styleText } from "node:util";

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
    const mark = styleText("red", "✗", { stream: process.stderr });
    console.error(error instanceof CannotRun ? `\n${mark} ${error.message}\n` : error);
    process.exitCode = 1;
  }
}
