import { EVENT_NUMBER_MAX } from "../../limits.ts";

/**
 * Whether an event, or a new rule, may have the number. From 2^53 on a double is always whole, and stands for several
 * whole numbers: which of them was written is lost.
 */
export const isExactNumber = (value: number): boolean => Math.abs(value) <= EVENT_NUMBER_MAX;

/** What is wrong with one that is not, for people. */
export const NOT_EXACT = "is beyond 2^53 - 1, up to which whole numbers are exact: send it as text";
