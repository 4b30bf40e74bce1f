import type { Context } from "hono";
import {
  convertIPv4BinaryToString,
  convertIPv4MappedIPv6ToIPv4,
  convertIPv6BinaryToString,
  convertIPv6ToBinary,
  distinctRemoteAddr,
  isIPv4MappedIPv6,
} from "hono/utils/ipaddr";
import { isLoopback } from "../../config.ts";
import type { AppEnv } from "../services.ts";

/** Where a request comes from. */
export interface ClientAddress {
  /** What limits count by: an IPv4 address, or an IPv6 /64, the smallest network that one subscriber gets. */
  readonly subscriber: string;
  /** What the audit keeps: an IPv4 /24 or an IPv6 /48, a network rather than a person. */
  readonly prefix: string;
}

/**
 * The client's address as Cloudflare saw it. Undefined in the development server, where all clients are on this
 * machine. Cloudflare sets `CF-Connecting-IP`, so that clients cannot forge it there. Any client can set X-Forwarded
 * headers, so they are not read.
 */
export function clientAddress(c: Context<AppEnv>): ClientAddress | undefined {
  const header = c.req.header("CF-Connecting-IP");
  if (header === undefined) return undefined;
  const isOwnMachine = c.env.config.allowLoopbackHttp && (isLoopback(header) || isLoopback(`[${header}]`));
  return isOwnMachine ? undefined : parseAddress(header);
}

/** Undefined when `text` is neither an IPv4 nor an IPv6 address. An IPv4 address mapped into IPv6 is an IPv4 one. */
export function parseAddress(text: string): ClientAddress | undefined {
  if (distinctRemoteAddr(text) === "IPv4") return ofIPv4(text);
  const bits = bitsOfIPv6(text);
  if (bits === undefined) return undefined;
  if (isIPv4MappedIPv6(bits)) return ofIPv4(convertIPv4BinaryToString(convertIPv4MappedIPv6ToIPv4(bits)));
  return { subscriber: networkOf(bits, 64n), prefix: networkOf(bits, 48n) };
}

function ofIPv4(address: string): ClientAddress {
  return { subscriber: address, prefix: `${address.slice(0, address.lastIndexOf("."))}.0/24` };
}

function bitsOfIPv6(text: string): bigint | undefined {
  try {
    return convertIPv6ToBinary(text);
  } catch {
    return undefined;
  }
}

/** The network of the first `length` bits, as in `2001:db8::/48`. */
function networkOf(bits: bigint, length: bigint): string {
  const rest = 128n - length;
  return `${convertIPv6BinaryToString((bits >> rest) << rest)}/${length}`;
}
