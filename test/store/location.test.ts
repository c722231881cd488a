// TURNPIKE_DATABASE_URL in all the forms that people write.
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config.ts";
import { databaseLocation } from "../../src/store/location.ts";

describe("TURNPIKE_DATABASE_URL", () => {
  it.each([
    ["file:./data/turnpike.db", resolve("data/turnpike.db"), resolve("data")],
    ["file:data/turnpike.db", resolve("data/turnpike.db"), resolve("data")],
    ["file:///var/lib/turnpike/t%20p.db", "/var/lib/turnpike/t p.db", "/var/lib/turnpike"],
    ["file:/var/lib/turnpike.db", "/var/lib/turnpike.db", "/var/lib"],
    ["/srv/turnpike.db", "/srv/turnpike.db", "/srv"],
    ["turnpike.db", resolve("turnpike.db"), resolve(".")],
    [":memory:", ":memory:", null],
  ])("%s is a place", (url, path, folder) => {
    expect(databaseLocation(url)).toEqual({ path, folder });
  });

  it.each(["postgres://localhost/turnpike", "mysql://x", "file://host/share.db", "file:", ""])(
    "%s is refused",
    (url) => {
      expect(() => databaseLocation(url)).toThrow(ConfigError);
    },
  );
});
