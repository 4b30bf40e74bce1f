import { styleText } from "node:util";

const TITLE_COLUMNS = 66;

/** Does a part of the work, and prints a line about it with the time it took. */
export async function step<T>(
  title: string,
  work: () => Promise<T>,
  detail: (result: T) => string = () => "",
): Promise<T> {
  const start = performance.now();
  if (process.stdout.isTTY) process.stdout.write(styleText("dim", `  … ${title}`));
  const done = (mark: string, rest: string) => {
    const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(7);
    console.log(
      `${process.stdout.isTTY ? "\r" : ""}  ${mark} ${title.padEnd(TITLE_COLUMNS)}${seconds}  ${rest}`.trimEnd(),
    );
  };
  try {
    const result = await work();
    done(styleText("green", "✓"), styleText("dim", detail(result)));
    return result;
  } catch (error) {
    done(styleText("red", "✗"), "");
    throw error;
  }
}
