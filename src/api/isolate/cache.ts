/** What an isolate remembers for a while. Bounded: the oldest entry makes room for a new one. */
export interface Cache<Value> {
  /** The value if it was set at most `maxAgeMs` before `now`. */
  get(key: string, maxAgeMs: number, now: number): Value | undefined;
  set(key: string, value: Value, now: number): void;
  delete(key: string): void;
}

export function createCache<Value>(maxEntries: number): Cache<Value> {
  const entries = new Map<string, { value: Value; at: number }>();
  return {
    get(key, maxAgeMs, now) {
      const entry = entries.get(key);
      return entry !== undefined && now - entry.at <= maxAgeMs ? entry.value : undefined;
    },
    set(key, value, now) {
      entries.delete(key);
      const oldest = entries.size >= maxEntries ? entries.keys().next() : undefined;
      if (oldest !== undefined && !oldest.done) entries.delete(oldest.value);
      entries.set(key, { value, at: now });
    },
    delete(key) {
      entries.delete(key);
    },
  };
}
