/** Whether this is what `answeredWithin` throws of what took too long. */
export const isTimeout = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "TimeoutError";

/**
 * What `promise` resolves to, unless that takes longer than `ms` milliseconds: whether its work takes effect is then
 * unknown.
 * @throws DOMException `TimeoutError`, or what `promise` rejects with
 */
export async function answeredWithin<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("no answer", "TimeoutError")), ms);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    if (timer !== undefined) clearTimeout(timer);
  }
}
