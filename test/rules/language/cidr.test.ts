import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isInCidr, parseAddress, parseCidr } from "../../../src/rules/language/cidr.ts";

const holds = (address: string, range: string): boolean => {
  const [parsed, cidr] = [parseAddress(address), parseCidr(range)];
  if (parsed === null || cidr === null) throw new Error("neither address nor range");
  return isInCidr(parsed, cidr);
};

/** An address as URLs write it: workerd's block list takes none of IPv6 that ends as one of IPv4. */
const canonical = (address: string): string =>
  address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

describe("an address", () => {
  test.each([
    ["192.0.2.7", [0xc000, 0x0207]],
    ["0.0.0.0", [0, 0]],
    ["::", [0, 0, 0, 0, 0, 0, 0, 0]],
    ["2001:DB8::7", [0x2001, 0xdb8, 0, 0, 0, 0, 0, 7]],
    ["1:2:3:4:5:6:7:8", [1, 2, 3, 4, 5, 6, 7, 8]],
    ["1::", [1, 0, 0, 0, 0, 0, 0, 0]],
    ["::ffff:192.0.2.7", [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0207]],
    ["1:2:3:4:5:6:1.2.3.4", [1, 2, 3, 4, 5, 6, 0x0102, 0x0304]],
  ])("%s", (text, groups) => {
    expect(parseAddress(text)).toEqual(groups);
  });

  const DOUBTFUL = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.-4",
    " 1.2.3.4",
    "1.2.3.4 ",
    "0x1.2.3.4",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "g::",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1.2.3",
    "1:2:3:4:5:6:7:1.2.3.4",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
  ];

  test("is what Node takes for one, but for zones", () => {
    const digit = fc.constantFrom(..."0123456789abcdefF:.");
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: digit, maxLength: 24 }),
      fc.constantFrom(...DOUBTFUL),
    );
    fc.assert(
      fc.property(text, (text) => {
        expect(parseAddress(text)?.length ?? 0).toBe({ 0: 0, 4: 2, 6: 8 }[isIP(text)]);
      }),
      { numRuns: 5_000 },
    );
    for (const text of DOUBTFUL) expect([text, parseAddress(text)]).toEqual([text, null]);
    expect(parseAddress("fe80::1%eth0")).toBeNull();
  });
});

describe("a range", () => {
  test.each([
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8/8",
    "::/129",
    "/8",
  ])("is not %s", (text) => {
    expect(parseCidr(text)).toBeNull();
  });

  test("begins with its first address", () => {
    expect(parseCidr("10.0.0.1/8")).toBeNull();
    expect(parseCidr("10.128.0.0/9")).not.toBeNull();
    expect(parseCidr("10.128.0.0/8")).toBeNull();
    expect(parseCidr("2001:db8::1/32")).toBeNull();
    expect(parseCidr("2001:db8::1/128")).not.toBeNull();
  });

  test("holds its own addresses, first to last, and none of the other family", () => {
    expect(holds("10.0.0.0", "10.0.0.0/8")).toBe(true);
    expect(holds("10.255.255.255", "10.0.0.0/8")).toBe(true);
    expect(holds("11.0.0.0", "10.0.0.0/8")).toBe(false);
    expect(holds("9.255.255.255", "10.0.0.0/8")).toBe(false);
    expect(holds("255.255.255.255", "0.0.0.0/0")).toBe(true);
    expect(holds("::1", "0.0.0.0/0")).toBe(false);
    expect(holds("10.0.0.1", "::/0")).toBe(false);
    expect(holds("::ffff:10.0.0.1", "::ffff:0:0/96")).toBe(true);
    expect(holds("::ffff:10.0.0.1", "10.0.0.0/8")).toBe(false);
  });

  test("holds what Node's block list holds", () => {
    const family = fc.constantFrom("ipv4", "ipv6");
    const case_ = family.chain((family) => {
      const address = family === "ipv4" ? fc.ipV4() : fc.ipV6();
      return fc.tuple(
        fc.constant(family),
        address,
        address,
        fc.nat({ max: family === "ipv4" ? 32 : 128 }),
        fc.boolean(),
      );
    });
    fc.assert(
      fc.property(case_, ([family, first, other, bits, isSame]) => {
        const groups = parseAddress(first) as readonly number[];
        const start = groups.map(
          (group, at) => group & ~(0xffff >>> Math.min(16, Math.max(0, bits - 16 * at))),
        );
        const text =
          family === "ipv4"
            ? start.flatMap((group) => [group >>> 8, group & 255]).join(".")
            : start.map((group) => group.toString(16)).join(":");
        const list = new BlockList();
        list.addSubnet(text, bits, family);
        const address = isSame ? first : other;
        expect(holds(address, `${text}/${bits}`)).toBe(list.check(canonical(address), family));
      }),
      { numRuns: 2_000 },
    );
  });
});
