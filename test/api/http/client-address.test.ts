import { expect, test } from "vitest";
import { parseAddress } from "../../../src/api/http/client-address.ts";

test.each([
  ["203.0.113.9", "203.0.113.9", "203.0.113.0/24"],
  ["2001:db8:aaaa:bbbb:cccc::1", "2001:db8:aaaa:bbbb::/64", "2001:db8:aaaa::/48"],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::/64", "2001:db8::/48"],
  ["2001:0db8:0000:0042::", "2001:db8:0:42::/64", "2001:db8::/48"],
  ["::1", "::/64", "::/48"],
  ["::ffff:198.51.100.9", "198.51.100.9", "198.51.100.0/24"],
  ["::ffff:c633:6409", "198.51.100.9", "198.51.100.0/24"],
  ["64:ff9b::198.51.100.9", "64:ff9b::/64", "64:ff9b::/48"],
])("%s counts as %s, and the audit keeps %s", (text, subscriber, prefix) => {
  expect(parseAddress(text)).toEqual({ subscriber, prefix });
});

test.each([
  "",
  "unknown",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.256",
  "1.2.3.4, 5.6.7.8",
  "1:2:3",
  "1::2::3",
  "1:2:3:4:5:6:7:8:9",
  "12345::",
  "::g",
  "[::1]",
  "::1.2.3.256",
])("%j is no address", (text) => {
  expect(parseAddress(text)).toBeUndefined();
});
