const PARENT_CHECK_MS = 1_000;

/**
 * Aborts when this process is asked to end: Ctrl-C, SIGTERM, a closed terminal, or the end of the process that started
 * it (npm, when killed, passes no signal on).
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, abort);
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && abort(), PARENT_CHECK_MS).unref();
  return controller.signal;
}

/** Resolves once `signal` has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
