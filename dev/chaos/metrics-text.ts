/** Reads what `GET /metrics` answers, strictly: https://prometheus.io/docs/instrumenting/exposition_formats. */

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  /** By name and labels as they are written: `name{a="b"}`, or the bare name. */
  readonly samples: ReadonlyMap<string, number>;
}

const HELP = /^# HELP ([a-z_]+) (\S.*)$/;
const TYPE = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/;
const SAMPLE =
  /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*)\})? (\S+)$/;

/** @throws Error that names a line that is malformed or out of place */
export function parseMetrics(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families: { name: string; help: string; type: string; samples: Map<string, number> }[] = [];
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split("\n")) {
    const bad = (what: string) => new Error(`${what}: ${line}`);
    const [, helped, help = ""] = HELP.exec(line) ?? [];
    const [, typed, type = ""] = TYPE.exec(line) ?? [];
    const family = families.at(-1);
    if (helped !== undefined) {
      if (seen.has(helped)) throw bad("a metric comes twice");
      seen.add(helped);
      families.push({ name: helped, help, type: "", samples: new Map() });
    } else if (typed !== undefined) {
      if (family?.name !== typed || family.samples.size > 0) throw bad("TYPE is not after its HELP");
      family.type = type;
    } else {
      const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
      const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
      if (name === "" || Number.isNaN(number)) throw bad("not a sample");
      if (family === undefined || family.type === "" || !belongs(name, family)) throw bad("of no metric");
      const key = labels === "" ? name : `${name}{${labels}}`;
      if (family.samples.has(key)) throw bad("a sample comes twice");
      family.samples.set(key, number);
    }
  }
  return families;
}

function belongs(sample: string, { name, type }: Family): boolean {
  if (type !== "histogram") return sample === name;
  return ["_bucket", "_sum", "_count"].some((suffix) => sample === `${name}${suffix}`);
}

/** Every sample of all of them, by name and labels. */
export const samplesOf = (families: readonly Family[]): Map<string, number> =>
  new Map(families.flatMap(({ samples }) => [...samples]));
