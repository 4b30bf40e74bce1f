/**
 * How long a test may take, and waits for what must happen, in milliseconds: far above what any needs, so that it ends
 * what hangs and never what runs on a busy machine.
 */
export const PATIENCE_MS = 600_000;
