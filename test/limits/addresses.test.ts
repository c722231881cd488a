import { describe, expect, test } from "vitest";
import { addresses, addressProblem, clientAddress } from "../../src/limits/addresses.ts";

describe("addresses", () => {
  test.each([
    [["203.0.113.0/24"], "203.0.113.7", true],
    [["203.0.113.0/24"], "203.0.114.7", false],
    [["203.0.113.7"], "203.0.113.7", true],
    [["203.0.113.7"], "203.0.113.70", false],
    [["0.0.0.0/0"], "198.51.100.1", true],
    [["0.0.0.0/0"], "2001:db8::1", false],
    [["2001:db8::/32"], "2001:db8:ffff::1", true],
    [["2001:db8::/32"], "2001:db9::1", false],
    [["2001:DB8::1"], "2001:db8:0:0:0:0:0:1", true],
    [["10.0.0.0/8"], "::ffff:10.1.2.3", true],
    [["10.0.0.0/8"], "::ffff:a01:203", true],
    [["::ffff:10.0.0.0/104"], "10.200.0.1", true],
    [["::ffff:10.0.0.0/104"], "11.0.0.1", false],
    [["fe80::/10"], "fe80::1%eth0", true],
    [["192.168.0.0/16"], "[::ffff:192.168.3.4]", true],
    [["127.0.0.1/32"], "127.0.0.1", true],
    [["0.0.0.0/0"], "010.0.0.1", false],
    [["0.0.0.0/0"], "0x7f.0.0.1", false],
    [["0.0.0.0/0"], "2130706433", false],
    [["0.0.0.0/0"], "127.1", false],
    [["0.0.0.0/0"], "unknown", false],
    [["0.0.0.0/0", "::/0"], null, false],
  ] as const)("%j and %s: %s", (allow, address, expected) => {
    expect(addresses({ allow, deny: [] }).allows(address)).toBe(expected);
  });

  test("that are denied are not let in by a range that allows them", () => {
    const rule = addresses({ allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] });
    expect([rule.allows("10.0.0.1"), rule.allows("10.1.0.1"), rule.allows("::ffff:10.1.0.1")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(addresses({ allow: null, deny: ["10.1.0.0/16"] }).allows("192.0.2.1")).toBe(true);
  });

  test("are not asked where a policy says nothing", () => {
    expect(addresses({ allow: null, deny: [] }).allows(null)).toBe(true);
  });

  test("of an empty list of allowed ones let nobody in", () => {
    expect(addresses({ allow: [], deny: [] }).allows("192.0.2.1")).toBe(false);
  });

  test.each([
    "",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0/8",
    "::/129",
    "::ffff:10.0.0.0/90",
    "host",
    "10.0.0.0/ 8",
  ])("%j is no range", (text) => {
    expect(addressProblem(text)).toMatch(/CIDR/);
  });
});

describe("the client's address", () => {
  const trusted = addresses({ allow: ["10.0.0.0/8", "fd00::/8"], deny: [] });

  test.each([
    ["what a client writes is not believed without trusted proxies", "198.51.100.9", "1.2.3.4", null, "198.51.100.9"],
    ["nor from a peer that is none of them", "198.51.100.9", "1.2.3.4", trusted, "198.51.100.9"],
    ["a trusted proxy says who called it", "10.0.0.1", "203.0.113.5", trusted, "203.0.113.5"],
    ["what the client wrote before stays unread", "10.0.0.1", "1.2.3.4, 203.0.113.5", trusted, "203.0.113.5"],
    ["through several proxies", "10.0.0.1", "1.2.3.4, 203.0.113.5, 10.0.0.3, 10.0.0.2", trusted, "203.0.113.5"],
    ["a client inside the trusted network", "10.0.0.1", "10.0.0.9", trusted, "10.0.0.9"],
    ["with a port", "10.0.0.1", "203.0.113.5:4711", trusted, "203.0.113.5"],
    ["with IPv6 and a port", "fd00::1", "[2001:db8::5]:4711", trusted, "2001:db8::5"],
    ["nonsense is not an address", "10.0.0.1", "203.0.113.5, <script>", trusted, "10.0.0.1"],
    ["an empty header", "10.0.0.1", "", trusted, "10.0.0.1"],
    ["no peer at all", null, "203.0.113.5", trusted, null],
  ] as const)("%s", (_name, peer, forwarded, proxies, expected) => {
    expect(clientAddress(peer, forwarded, proxies)).toBe(expected);
  });
});
