// Identity providers as the environment names them.
import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../src/config.ts";

const providers = (env: Record<string, string>) => readConfig(env).signIn.providers;
const corp = { TURNPIKE_OIDC_ISSUER: "https://id.corp.test", TURNPIKE_OIDC_CLIENT_ID: "turnpike" };

describe("identity providers", () => {
  test("there are none unless they are named", () => {
    expect(providers({})).toEqual([]);
  });

  test("one needs no name, further ones have theirs", () => {
    const env = { ...corp, TURNPIKE_OIDC_OKTA_ISSUER: "https://corp.okta.test", TURNPIKE_OIDC_OKTA_CLIENT_ID: "0oa" };
    expect(providers(env)).toMatchObject([
      { name: "sso", issuer: "https://id.corp.test", clientId: "turnpike", clientSecret: null, groupsClaim: "groups" },
      { name: "okta", issuer: "https://corp.okta.test", clientId: "0oa", defaultRole: null },
    ]);
  });

  test("groups may have an equals sign in their names", () => {
    const [read] = providers({
      ...corp,
      TURNPIKE_OIDC_ROLES: "cn=ops,admin=owner, staff=viewer",
      TURNPIKE_OIDC_DOMAINS: "Corp.test",
    });
    expect(read?.roles).toEqual([
      { group: "cn", role: "ops" },
      { group: "admin", role: "owner" },
      { group: "staff", role: "viewer" },
    ]);
    expect(providers({ ...corp, TURNPIKE_OIDC_ROLES: "cn=ops=admin" })[0]?.roles).toEqual([
      { group: "cn=ops", role: "admin" },
    ]);
    expect(read?.domains).toEqual(["corp.test"]);
  });

  test.each([
    [{ TURNPIKE_OIDC_ISSUER: "http://id.corp.test" }, "TURNPIKE_OIDC_ISSUER: expected https"],
    [{ TURNPIKE_OIDC_ISSUER: "id.corp.test" }, "TURNPIKE_OIDC_ISSUER: expected the issuer's URL"],
    [{ TURNPIKE_OIDC_CLIENT_ID: "" }, "TURNPIKE_OIDC_CLIENT_ID: expected the id"],
    [{ TURNPIKE_OIDC_ROLES: "admins" }, "TURNPIKE_OIDC_ROLES: expected group=role"],
    [{ TURNPIKE_OIDC_OKTA_CLIENT_SECRET: "of-nobody" }, "TURNPIKE_OIDC_OKTA_ISSUER: "],
    [{ TURNPIKE_PUBLIC_URL: "turnpike" }, "TURNPIKE_PUBLIC_URL: expected"],
  ])("wrong ones stop the start by their names: %j", (over, message) => {
    const read = () => providers({ ...corp, ...over });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(message);
    expect(read).not.toThrow("of-nobody");
  });
});

test.each([
  ["off", []],
  ["on", "all"],
  ["owner, admin", ["owner", "admin"]],
])("TURNPIKE_REQUIRE_SECOND_FACTOR=%s", (text, wanted) => {
  expect(readConfig({ TURNPIKE_REQUIRE_SECOND_FACTOR: text }).signIn.secondFactor).toEqual(wanted);
});
