import { w1 } from "./w1.ts";
import { w2 } from "./w2.ts";
import { w3 } from "./w3.ts";
import { w4 } from "./w4.ts";
import { w5 } from "./w5.ts";
import { w6 } from "./w6.ts";
import { w7 } from "./w7.ts";
import { w8 } from "./w8.ts";
import { w9 } from "./w9.ts";
import { w11 } from "./w11.ts";
import type { Workload } from "./workload.ts";

/**
 * Every case, by name. `W2-5` and `W2-50` are W2 with smaller and larger events; `W3-skewed` is W3 with skewed
 * traffic; W10 is W3 with rules that change.
 */
export const WORKLOADS = {
  W1: w1,
  W2: w2(20),
  "W2-5": w2(5),
  "W2-50": w2(50),
  W3: w3(false),
  "W3-skewed": w3(true),
  W4: w4,
  W5: w5,
  W6: w6,
  W7: w7,
  W8: w8,
  W9: w9,
  W10: w3(false),
  W11: w11,
} as const satisfies Readonly<Record<string, Workload>>;

export type CaseName = keyof typeof WORKLOADS;

export const CASES = Object.keys(WORKLOADS) as CaseName[];

/** The case whose rules change while it is measured. */
export const CHANGING: CaseName = "W10";
