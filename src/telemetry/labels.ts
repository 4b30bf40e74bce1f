/** Labels as Prometheus' text format has them, `a="1",b="2"`, in the order given. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}

/** `labels`, if any, and `more`. */
export const joinLabels = (labels: string, more: string): string =>
  labels === "" ? more : `${labels},${more}`;

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
