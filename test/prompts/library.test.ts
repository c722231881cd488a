// The library of logged prompts: shows nothing whose time is over, and opens nothing that was tampered with.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPromptLibrary } from "../../src/prompts/library.ts";
import { redacted } from "../../src/prompts/redact.ts";
import { sweepPrompts } from "../../src/prompts/sweep.ts";
import type { Store } from "../../src/store/port.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { manualClock } from "../support/clock.ts";

const logged = { request: "{}", response: "ü", status: 200, truncated: false, redacted: "none" } as const;
const masterKey = new Uint8Array(32).fill(5);

describe("the library of prompts", () => {
  let store: Store;
  const clock = manualClock();
  beforeEach(async () => {
    store = await openSqlite(":memory:");
  });
  afterEach(() => store.close());
  const record = (id: string, livesMs: number) => {
    const createdAtMs = clock.now();
    const whose = { customer: "acme", project: "shop", keyId: "key_1", operation: "chat", model: "m" };
    return { id, ...whose, createdAtMs, expiresAtMs: createdAtMs + livesMs };
  };

  it("keeps what a call said until its time is over, and then removes it", async () => {
    const { prompts } = store;
    const library = openPromptLibrary({ prompts, masterKey, clock });
    await library.keep(record("req_1", 1_000), logged);
    await library.keep(record("req_2", 2_000), logged);
    expect((await library.read("req_1"))?.logged).toEqual(logged);
    clock.advance(1_000);
    expect(await library.read("req_1")).toBeNull();
    expect((await library.list({ limit: 10 })).data.map(({ id }) => id)).toEqual(["req_2"]);
    expect(await prompts.get("req_1", 0)).not.toBeNull();
    await sweepPrompts({ prompts, clock });
    expect(await prompts.get("req_1", 0)).toBeNull();
    expect(await prompts.get("req_2", 0)).not.toBeNull();
  });

  it("opens nothing under another master key, or of another call", async () => {
    const { prompts } = store;
    const library = openPromptLibrary({ prompts, masterKey, clock });
    await library.keep(record("req_1", 1_000), logged);
    await expect(openPromptLibrary({ prompts, masterKey: new Uint8Array(32), clock }).read("req_1")).rejects.toThrow();
    const one = await prompts.get("req_1", 0);
    await prompts.put(record("req_3", 1_000), one?.sealed ?? new Uint8Array());
    await expect(library.read("req_3")).rejects.toThrow();
  });
});

describe("redaction", () => {
  it("takes out what tells who somebody is, and leaves numbers that only look like it", async () => {
    const found = {
      email: "ada@example.org",
      phone: "+49 (0)30 901820",
      local: "(030) 90 18 20",
      card: "4111-1111-1111-1111",
      iban: "DE89 3704 0044 0532 0130 00",
      security: "078-05-1120",
      address: "203.0.113.7",
    };
    for (const text of Object.values(found)) {
      expect(await redacted(`it is ${text}, they say`, "personal"), text).toBe("it is [redacted], they say");
      expect(await redacted(`it is ${text}, they say`, "secrets"), text).toBe(`it is ${text}, they say`);
    }
    for (const text of ["4111-1111-1111-1112", "1234567", "version 1.2.3", "2026-11-24", "12:00", "0.5"]) {
      expect(await redacted(`it is ${text}.`, "personal"), text).toBe(`it is ${text}.`);
    }
  });

  it("finds what stands anywhere in a long text, and lets others have their turn", async () => {
    const filler = "The quick brown fox jumps over it. ".repeat(450);
    const body = JSON.stringify({ text: `${filler}ada@example.org `.repeat(30) });
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const clean = await redacted(body, "personal");
    clearInterval(counting);
    expect(clean).toBe(JSON.stringify({ text: `${filler}[redacted] `.repeat(30) }));
    expect(turns).toBeGreaterThan(0);
  });

  it("finds what a stream cuts in two, and keeps the rest of its events", async () => {
    const event = (content: string) => `data: ${JSON.stringify({ id: "x", choices: [{ delta: { content } }] })}\n\n`;
    const stream = `${["write to ada@exa", "mple.o", "rg today"].map(event).join("")}data: [DONE]\n\n`;
    const clean = await redacted(stream, "personal");
    expect(clean).not.toContain("ada");
    expect(clean).not.toContain("mple.o");
    expect(clean.startsWith(event("write to [redacted]").slice(0, -2))).toBe(true);
    expect(clean).toContain(" today");
    expect(clean.endsWith("data: [DONE]\n\n")).toBe(true);
  });
});
