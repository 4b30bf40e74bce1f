import type { Context } from "hono";
import { isLoopback } from "../../config.ts";
import type { AppEnv } from "../services.ts";

/** Where a request comes from. */
export interface ClientAddress {
  /** Whom limits count: an IPv4 address, or the /64 that one IPv6 subscriber has at least. */
  readonly subscriber: string;
  /** What the audit keeps: an IPv4 /24 or an IPv6 /48, a network rather than a person. */
  readonly prefix: string;
}

/**
 * The client's address as Cloudflare saw it, or undefined: where the development server runs, a client on this
 * machine has none that tells it apart. `CF-Connecting-IP` is set by Cloudflare and cannot be forged there;
 * X-Forwarded headers are anybody's claim and are not read.
 */
export function clientAddress(c: Context<AppEnv>): ClientAddress | undefined {
  const header = c.req.header("CF-Connecting-IP");
  if (header === undefined) return undefined;
  const isOwnMachine = c.env.config.allowLoopbackHttp && (isLoopback(header) || isLoopback(`[${header}]`));
  return isOwnMachine ? undefined : parseAddress(header);
}

/** Undefined when `text` is neither an IPv4 nor an IPv6 address. An IPv4 address mapped into IPv6 is an IPv4 one. */
export function parseAddress(text: string): ClientAddress | undefined {
  const v4 = octetsOf(text);
  if (v4 !== undefined) return ofOctets(v4);
  const groups = groupsOf(text);
  if (groups === undefined) return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return ofOctets([high >> 8, high & 0xff, low >> 8, low & 0xff]);
  }
  const hex = groups.map((group) => group.toString(16));
  return { subscriber: `${hex.slice(0, 4).join(":")}::/64`, prefix: `${hex.slice(0, 3).join(":")}::/48` };
}

function ofOctets(octets: readonly number[]): ClientAddress {
  return { subscriber: octets.join("."), prefix: `${octets.slice(0, 3).join(".")}.0/24` };
}

function octetsOf(text: string): number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const octets = text.split(".").map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}

/** The eight groups of an IPv6 address in any of its spellings; the URL parser knows them all. */
function groupsOf(text: string): number[] | undefined {
  if (!/^[0-9a-f:.]{2,45}$/i.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  const [before = "", after] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const head = before.split(":").filter(Boolean);
  const tail = (after ?? "").split(":").filter(Boolean);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}
