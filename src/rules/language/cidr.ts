/** An address in groups of 16 bits: two of IPv4, eight of IPv6. */
export type Address = readonly number[];

/** A range of addresses: those that begin with these bits. */
export interface Cidr {
  readonly address: Address;
  readonly bits: number;
}

const ADDRESS_CHARS_MAX = 45; // of the longest, an IPv6 address that ends as an IPv4 address

/** Reads `192.0.2.7` or `2001:db8::7` (RFC 4291, section 2.2); null when it is none. No zone, no leading zeros in IPv4. */
export function parseAddress(text: string): Address | null {
  if (text.length > ADDRESS_CHARS_MAX) return null;
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

/** Reads `10.0.0.0/8` or `2001:db8::/32`; null when it is none, or an address has bits beyond those of the range. */
export function parseCidr(text: string): Cidr | null {
  const [start = "", length = "", ...more] = text.split("/");
  const address = parseAddress(start);
  if (address === null || more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return null;
  const bits = Number(length);
  if (bits > 16 * address.length) return null;
  const isStart = address.every((group, at) => (group & hostMask(bits, at)) === 0);
  return isStart ? { address, bits } : null;
}

/** Whether an address is in a range; an IPv4 address is in no range of IPv6, nor the other way. */
export function isInCidr(address: Address, range: Cidr): boolean {
  return (
    address.length === range.address.length &&
    address.every((group, at) => ((group ^ (range.address[at] as number)) & ~hostMask(range.bits, at)) === 0)
  );
}

/** The bits of a group that lie beyond the first `bits` of the address. */
function hostMask(bits: number, group: number): number {
  return 0xffff >>> Math.min(16, Math.max(0, bits - 16 * group));
}

function parseV4(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
  return [(a << 8) | b, (c << 8) | d];
}

function parseV6(text: string): number[] | null {
  const [before = "", after, ...more] = text.split("::");
  if (more.length > 0) return null;
  const head = parseGroups(before, after === undefined);
  if (after === undefined) return head?.length === 8 ? head : null;
  const tail = parseGroups(after, true);
  if (head === null || tail === null || head.length + tail.length > 7) return null;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** @param isEnd whether the last group may be an IPv4 address. */
function parseGroups(text: string, isEnd: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (isEnd && at === parts.length - 1 && part.includes(".")) {
      const v4 = parseV4(part);
      if (v4 === null) return null;
      groups.push(...v4);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}
