// Secrets never come out of a line of the log: known ones in any disguise, and whatever looks like one.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeError } from "../../src/observe/log.ts";
import { createKnownSecrets, type KnownSecrets } from "../../src/observe/log-known.ts";
import { scrubLine, scrubText } from "../../src/observe/log-scrub.ts";

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const charsets = [base62, `${base62}-_`, `${base62}+/=`, "0123456789abcdef", `${base62}!@#$%^&*(){}"\\' .,:;`];
const secrets = fc.oneof(
  ...charsets.map((set) => fc.string({ unit: fc.constantFrom(...set), minLength: 16, maxLength: 120 })),
);
const passwords = fc.string({ unit: fc.constantFrom(...base62), minLength: 8, maxLength: 15 });

/** Ways in which a secret may stand in a text. */
const disguises: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  base64: (secret) => Buffer.from(secret).toString("base64"),
  "base64url inside more": (secret) => Buffer.from(`user:${secret}\n`).toString("base64url"),
  "escaped for URLs": (secret) => `https://host/path?x=${encodeURIComponent(secret)}&y=1`,
  hex: (secret) => Buffer.from(secret).toString("hex"),
  "JSON in a text": (secret) => JSON.stringify({ value: secret }),
  "in upper case": (secret) => secret.toUpperCase(),
};

const holders = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ maxLength: 8 }).filter((name) => name !== "__proto__"),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

/** Puts texts somewhere into a value: into a new member, a list, a name, or the cause of an error. */
const placed = (texts: readonly string[]) =>
  fc.tuple(holders, fc.nat(4), fc.string({ maxLength: 20 })).map(([around, place, words]) => {
    const said = texts.map((text) => `${words} ${text} ${words}`);
    switch (place) {
      case 0:
        return { around, said };
      case 1:
        return { around, list: [around, { deep: { deeper: said } }] };
      case 2:
        return { around, ...Object.fromEntries(said.map((text, nth) => [`${nth}${text}`, around])) };
      case 3:
        return { around, ...describeError(new Error("outside", { cause: new Error(said.join(" ")) })) };
      default:
        return { around, err: [...said, around] };
    }
  });

function knowing(...known: string[]): KnownSecrets {
  const secrets = createKnownSecrets();
  for (const secret of known) secrets.add(secret);
  return secrets;
}

/** The longest part of a secret that a text shows. */
function shownOf(secret: string, text: string, least: number): string | null {
  for (let from = 0; from + least <= secret.length; from++) {
    const part = secret.slice(from, from + least);
    if (text.includes(part)) return part;
  }
  return null;
}

describe("a line of the log", () => {
  for (const [name, disguise] of Object.entries(disguises)) {
    it(`never shows a known secret ${name}, wherever it stands`, () => {
      const cases = secrets.chain((secret) => fc.tuple(fc.constant(secret), placed([disguise(secret)])));
      fc.assert(
        fc.property(cases, ([secret, value]) => {
          const line = scrubLine(`${JSON.stringify(value)}\n`, knowing(secret));
          JSON.parse(line);
          expect(line.endsWith("\n")).toBe(true);
          const disguised = disguise(secret);
          expect(line.includes(JSON.stringify(disguised).slice(1, -1))).toBe(false);
          expect(shownOf(disguised.startsWith("http") ? encodeURIComponent(secret) : disguised, line, 40)).toBeNull();
        }),
        { numRuns: 150 },
      );
    });
  }

  it("shows no 16 characters of a known secret, cut as it may be", () => {
    const cases = secrets.chain((secret) =>
      fc.tuple(fc.constant(secret), fc.nat(secret.length), fc.nat(secret.length)),
    );
    fc.assert(
      fc.property(cases, ([secret, one, other]) => {
        const part = secret.slice(Math.min(one, other), Math.max(one, other));
        expect(shownOf(secret, scrubText(`it says ${part} here`, knowing(secret)), 16)).toBeNull();
      }),
    );
  });

  it("shows no secret that is told in two members, one after the other", () => {
    const cases = secrets.chain((secret) =>
      fc.tuple(fc.constant(secret), fc.integer({ min: 1, max: secret.length - 1 })),
    );
    fc.assert(
      fc.property(cases, ([secret, at]) => {
        const line = scrubLine(
          JSON.stringify({ first: secret.slice(0, at), second: secret.slice(at) }),
          knowing(secret),
        );
        const { first, second } = JSON.parse(line) as { first: string; second: string };
        expect(shownOf(secret, first + second, 8)).toBeNull();
      }),
    );
  });

  it("shows no password that this process was given", () => {
    fc.assert(
      fc.property(passwords, (password) => {
        const line = scrubLine(JSON.stringify({ msg: `login with ${password} failed` }), knowing(password));
        expect(line.includes(password)).toBe(false);
      }),
    );
  });

  const letters = (length: number) =>
    fc.string({ unit: fc.constantFrom(...base62), minLength: length, maxLength: length });
  const shapes: Readonly<Record<string, fc.Arbitrary<readonly [secret: string, text: string]>>> = {
    "a key of ours": letters(49).map((body) => [body, `tp_live_${body}`]),
    "an administrator's key": letters(49).map((body) => [body, `tp_admin_${body}`]),
    "a provider's key": fc
      .tuple(
        fc.constantFrom("sk-", "sk-proj-", "sk-ant-api03-", "sk-or-v1-", "gsk_", "xai-", "hf_", "r8_"),
        letters(40),
      )
      .map(([prefix, body]) => [body, prefix + body]),
    "a key of Google's": letters(35).map((body) => [body, `AIza${body}`]),
    "a key of AWS's": letters(16).map((body) => [body.toUpperCase(), `AKIA${body.toUpperCase()}`]),
    "a token of a forge": fc
      .tuple(fc.constantFrom("ghp_", "gho_", "github_pat_", "glpat-"), letters(36))
      .map(([prefix, body]) => [body, prefix + body]),
    "a token of a chat": letters(24).map((body) => [body, `xoxb-123456789012-${body}`]),
    "a JWT": fc
      .tuple(letters(30), letters(43))
      .map(([body, signature]) => [
        signature,
        `${Buffer.from('{"alg":"RS256"}').toString("base64url")}.${Buffer.from(`{"s":"${body}"}`).toString("base64url")}.${signature}`,
      ]),
    "a private key": letters(64).map((body) => [
      body,
      `-----BEGIN PRIVATE KEY-----\n${body}\n${body}\n-----END PRIVATE KEY-----`,
    ]),
    "a bearer": letters(24).map((body) => [body, `Bearer a1${body}`]),
    "a user and a password": letters(16).map((body) => [body, `authorization: Basic ${btoa(`user:${body}`)}`]),
    "a URL with a password": letters(12).map((body) => [body, `postgres://app:${body}@db.internal:5432/app`]),
    "a URL with a key": letters(20).map((body) => [body, `https://host/v1?api_key=${body}&x=1`]),
    "a connection string": letters(24).map((body) => [body, `Endpoint=sb://x/;AccountKey=${body};EntityPath=q`]),
    "a header": letters(24).map((body) => [body, `x-api-key: ${body}`]),
  };
  for (const [name, shape] of Object.entries(shapes)) {
    it(`shows nothing of ${name} that nobody has told it of, nor in base64 or escaped`, () => {
      fc.assert(
        fc.property(shape, fc.nat(3), ([secret, text], disguise) => {
          const written = [
            text,
            Buffer.from(text).toString("base64"),
            Buffer.from(`a ${text}`).toString("base64url"),
            encodeURIComponent(text),
          ][disguise] as string;
          const line = scrubLine(JSON.stringify({ msg: `it said ${written} to us`, err: [written] }), knowing());
          expect(line).not.toContain(disguise === 0 || disguise === 3 ? secret : written);
          expect(line).toContain("[redacted]");
        }),
        { numRuns: 60 },
      );
    });
  }

  it("leaves what was looked through before as it is", () => {
    const texts = [
      "api_key: sk-0123456789",
      "authorization: Basic dXNlcjpwYXNz",
      "password=hunter22&x=1",
      "a sk-0123456789 b",
    ];
    for (const text of texts) {
      const once = scrubText(text, knowing());
      expect(once).toContain("[redacted]");
      expect(scrubText(once, knowing())).toBe(once);
    }
  });

  it("hides members whose names say that they are secret", () => {
    const line = scrubLine(
      '{"msg":"m","authorization":"x y","password":12345,"client_secret":{"a":1},"tokens":12}',
      knowing(),
    );
    expect(JSON.parse(line)).toEqual({
      msg: "m",
      authorization: "[redacted]",
      password: "[redacted]",
      client_secret: "[redacted]",
      tokens: 12,
    });
  });

  it("leaves alone what is no secret", () => {
    const lines = [
      {
        level: 30,
        time: "2026-11-24T12:00:00.000Z",
        msg: "listening",
        url: "http://127.0.0.1:8787",
        providers: ["openai"],
      },
      {
        msg: "an admin request failed",
        request: "req_01k8z3v9qe4m7x2n5r6t8w0yab",
        key: "key_01k8z3v9qe4m7x2n5r6t8w0yab",
      },
      {
        msg: "x",
        stack: "Error: x\n    at run (file:///srv/node_modules/better-sqlite3/lib/methods/wrappers.js:5:21)",
      },
      { msg: "a budget has reached a mark", scope: "project:acme/shop", percent: 80, budget_usd: "25.00" },
      { msg: "basic authentication is not taken; a token expires, its key is rotated", why: "secrets are many" },
    ];
    for (const line of lines)
      expect(JSON.parse(scrubLine(JSON.stringify(line), knowing("k".repeat(40))))).toEqual(line);
  });

  it("comes to an end for texts that were made to take long, and is cut", () => {
    const pieces = ["a", "Bearer ", "%41", "://:", "sk-a-", "-----BEGIN PRIVATE KEY-----", "passwordpassword=", "eyJ."];
    for (const piece of pieces) {
      const line = scrubLine(JSON.stringify({ msg: piece.repeat(200_000 / piece.length) }), knowing("k".repeat(40)));
      expect(line.length).toBeLessThan(40_000);
    }
  });
});

describe("the secrets that a process knows", () => {
  it("are forgotten from the first on when they are too many, and held as no copy", () => {
    const known = createKnownSecrets();
    const nth = (number: number) => `secret-number-${String(number).padStart(6, "0")}-${"x".repeat(9)}`;
    for (let number = 0; number < 5_000; number++) known.add(nth(number));
    expect(known.find(nth(4_999)).length).toBeGreaterThan(0);
    expect(known.find("nothing of it in here at all").length).toBe(0);
  });
});

describe("an error", () => {
  it("is described with its causes, to an end, and with nothing else that hangs on it", () => {
    const error = Object.assign(new Error("outer"), { headers: { authorization: "Bearer x" }, code: "E_X" });
    error.cause = error;
    const described = JSON.stringify(describeError(error));
    expect(described).not.toContain("Bearer");
    expect(described.match(/"E_X"/g)?.length).toBe(6);
    expect(describeError({ apiKey: "sk-1" })).toEqual({ message: "a thrown Object" });
  });
});
