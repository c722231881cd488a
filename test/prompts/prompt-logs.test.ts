// Prompts and answers are logged where a policy asks for it, and nowhere else: encrypted, told to the caller, for their time, and read
// by nobody unnoticed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { admin, answerOf, trailOf } from "../identity/setup.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ env: { TURNPIKE_SANDBOX: "on" } });
});
afterAll(() => gateway.close());

async function keyWith(policy: Readonly<Record<string, unknown>>, project = "default"): Promise<string> {
  const made = await admin(gateway, "POST", "/keys", { name: "k", customer: "acme", project, policy });
  return String(made.body.key);
}

async function ask(
  key: string,
  content: string,
  over: Readonly<Record<string, unknown>> = {},
  path = "chat/completions",
) {
  const body = path === "embeddings" ? { input: content } : { messages: [{ role: "user", content }] };
  const response = await fetch(`${gateway.url}/v1/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: path === "embeddings" ? "sandbox/embed" : "sandbox/echo", ...body, ...over }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

interface Listed {
  readonly id: string;
  readonly project: string;
  readonly operation: string;
}

async function logs(query = ""): Promise<readonly Listed[]> {
  return (await admin(gateway, "GET", `/prompt-logs?${query}`)).body.data as readonly Listed[];
}

/** The end of an answer does not wait for its log. */
async function logged(id: string | null): Promise<Record<string, unknown>> {
  for (;;) {
    const answer = await admin(gateway, "GET", `/prompt-logs/${id}/content`);
    if (answer.status === 200) return answer.body;
    await new Promise((again) => setTimeout(again, 10));
  }
}

describe("without a policy that asks for it", () => {
  it("nothing is logged and nothing is said of it", async () => {
    const { status, headers } = await ask(gateway.key, "nothing of this is kept");
    expect(status).toBe(200);
    expect(headers.get("x-turnpike-logging")).toBeNull();
    const own = await answerOf(await fetch(`${gateway.url}/v1/key`, { headers: { "x-api-key": gateway.key } }));
    expect(own.body.prompt_logging).toBeNull();
    expect(await logs()).toEqual([]);
  });

  for (const [name, policy] of Object.entries({
    "a key that is left out of its project's": { prompt_logging: { sample: 0 } },
    "a key of which nothing may be retained": { zdr: true },
  })) {
    it(`nothing is logged of ${name}`, async () => {
      await admin(gateway, "POST", "/projects", { customer: "acme", id: "quiet", policy: { prompt_logging: {} } });
      const { headers } = await ask(await keyWith(policy, "quiet"), "not kept");
      expect(headers.get("x-turnpike-logging")).toBeNull();
      expect(await logs("project=quiet")).toEqual([]);
    });
  }
});

describe("of a project whose policy asks for it", () => {
  let key: string;
  beforeAll(async () => {
    await admin(gateway, "POST", "/projects", {
      customer: "acme",
      id: "loud",
      policy: { prompt_logging: { retention_days: 7, redact: "none" } },
    });
    key = await keyWith({}, "loud");
  });

  it("each call is logged with what it was sent and answered, whole and streamed, and the caller is told", async () => {
    const own = await answerOf(await fetch(`${gateway.url}/v1/key`, { headers: { "x-api-key": key } }));
    expect(own.headers.get("x-turnpike-logging")).toBe("on");
    expect(own.body.prompt_logging).toEqual({ retention_days: 7, sample: 1, redact: "none" });
    for (const over of [{}, { stream: true }, { stream: true, model: "sandbox/error?status=429" }]) {
      const answer = await ask(key, "the words of a whole prompt", over);
      expect(answer.headers.get("x-turnpike-logging")).toBe("on");
      const one = await logged(answer.headers.get("x-request-id"));
      expect(one).toMatchObject({
        customer: "acme",
        project: "loud",
        operation: "chat",
        status: answer.status,
        truncated: false,
      });
      expect(JSON.parse(String(one.request))).toMatchObject({ messages: [{ content: "the words of a whole prompt" }] });
      expect(one.response).toBe(answer.text);
      expect(Date.parse(String(one.expires_at)) - Date.parse(String(one.created_at))).toBe(7 * 86_400_000);
    }
  });

  it("calls of other endpoints are logged too", async () => {
    const answer = await ask(key, "words to embed", {}, "embeddings");
    expect(await logged(answer.headers.get("x-request-id"))).toMatchObject({
      operation: "embeddings",
      response: answer.text,
    });
  });

  it("lists page by page, newest first, and shows no words there", async () => {
    const first = (await admin(gateway, "GET", "/prompt-logs?project=loud&limit=2")).body as {
      data: Listed[];
      has_more: boolean;
      next_cursor: string;
    };
    expect(first.has_more).toBe(true);
    const second = (await admin(gateway, "GET", `/prompt-logs?project=loud&limit=2&cursor=${first.next_cursor}`)).body;
    const ids = [...first.data, ...(second.data as Listed[])].map(({ id }) => id);
    expect(ids).toEqual((await logs("project=loud")).map(({ id }) => id));
    expect(JSON.stringify(first)).not.toContain("words");
    expect(await logs("project=other")).toEqual([]);
  });

  it("lies encrypted in the database", async () => {
    const content = "a sentence that stands nowhere else 7351";
    const answer = await ask(key, content);
    await logged(answer.headers.get("x-request-id"));
    for (const file of readdirSync(gateway.folder, { withFileTypes: true })) {
      if (!file.isFile()) continue;
      expect(readFileSync(join(gateway.folder, file.name)).includes("stands nowhere else"), file.name).toBe(false);
    }
  });

  it("what is too long is cut, and so it is said", async () => {
    const answer = await ask(key, "x".repeat(700_000));
    const one = await logged(answer.headers.get("x-request-id"));
    expect(one.truncated).toBe(true);
    expect(String(one.request).length).toBe(512 * 1024);
    expect(String(one.response).length).toBe(512 * 1024);
  });

  it("can be removed", async () => {
    const id = (await ask(key, "gone")).headers.get("x-request-id");
    await logged(id);
    expect((await admin(gateway, "DELETE", `/prompt-logs/${id}`)).status).toBe(200);
    expect((await admin(gateway, "GET", `/prompt-logs/${id}`)).status).toBe(404);
    expect((await admin(gateway, "DELETE", `/prompt-logs/${id}`)).status).toBe(404);
  });

  it("is read by nobody without an entry in the trail, which tells no word of it", async () => {
    const id = (await ask(key, "words that were read")).headers.get("x-request-id");
    await logged(id);
    const read = (await trailOf(gateway)).filter(({ action }) => action === "prompt-log.content.read").at(-1);
    expect(read).toMatchObject({
      actor: { type: "admin", id: "adm_first" },
      target: { type: "prompt-log", id },
      outcome: "success",
    });
    const { body: viewer } = await admin(gateway, "POST", "/admins", { name: "v", role: "viewer" });
    const denied = await fetch(`${gateway.url}/admin/v1/prompt-logs/${id}/content`, {
      headers: { authorization: `Bearer ${viewer.key}` },
    });
    expect(denied.status).toBe(403);
    await expect
      .poll(async () => (await trailOf(gateway)).at(-1), { timeout: 5_000 })
      .toMatchObject({ action: "prompt-log.content.read", outcome: "denied", target: { id } });
    await admin(gateway, "DELETE", `/prompt-logs/${id}`);
    const entries = await trailOf(gateway);
    expect(entries.at(-1)).toMatchObject({ action: "prompt-log.delete", target: { id } });
    expect(JSON.stringify(entries)).not.toContain("words that were read");
  });

  it("is read by administrators alone", async () => {
    const response = await fetch(`${gateway.url}/admin/v1/prompt-logs`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(403);
  });
});

describe("what is taken out before", () => {
  it("are secrets, unless the policy says otherwise, and what tells who somebody is where it asks for that", async () => {
    const words =
      "mail ada.lovelace@example.org or +44 20 7946 0958, card 4111 1111 1111 1111, key sk-proj-abcdefghijklmnop12345";
    const secrets = await keyWith({ prompt_logging: {} });
    const personal = await keyWith({ prompt_logging: { redact: "personal" } });
    for (const stream of [false, true]) {
      const one = await logged((await ask(secrets, words, { stream })).headers.get("x-request-id"));
      expect(one.redacted).toBe("secrets");
      for (const side of [String(one.request), textOf(String(one.response))]) {
        expect(side).not.toContain("abcdefghijklmnop12345");
        expect(side).toContain("ada.lovelace@example.org");
      }
      const other = await logged((await ask(personal, words, { stream })).headers.get("x-request-id"));
      for (const side of [String(other.request), textOf(String(other.response))]) {
        for (const gone of ["abcdefghijklmnop12345", "lovelace", "7946", "4111"]) expect(side).not.toContain(gone);
        expect(side).toContain("card");
      }
    }
  });
});

/** What an answer says, of a stream all of its pieces together. */
function textOf(response: string): string {
  if (!response.startsWith("data:")) return response;
  return response
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map(
      (line) =>
        (JSON.parse(line.slice(6)) as { choices?: { delta?: { content?: string } }[] }).choices?.[0]?.delta?.content ??
        "",
    )
    .join("");
}
