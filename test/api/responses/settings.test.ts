// Who decides whether responses are stored: the operator first, then whoever wants no data retained, then the call.
import { describe, expect, test } from "vitest";
import { claude, refusal, startWorld, type World, whole } from "./setup.ts";

const { model } = claude;

async function storedOf(world: World, store: boolean | undefined, key?: string): Promise<readonly unknown[]> {
  world.say(() => ({ text: "Hello." }));
  const client = world.client(key);
  const told = await whole(client, { model, input: "Hi", ...(store !== undefined && { store }) });
  const found = await client.responses.retrieve(told.id).then(
    () => true,
    () => false,
  );
  return [(told as { store?: unknown }).store, found];
}

describe.each([
  { setting: "on", silent: true, wanted: true },
  { setting: "asked", silent: false, wanted: true },
  { setting: "off", silent: false, wanted: false },
])("with TURNPIKE_STORE_RESPONSES=$setting", ({ setting, silent, wanted }) => {
  test("what is silent, what asks for it and what asks not to is stored accordingly, and told so", async () => {
    const world = await startWorld({ TURNPIKE_STORE_RESPONSES: setting });
    try {
      expect(await storedOf(world, undefined)).toEqual([silent, silent]);
      expect(await storedOf(world, true)).toEqual([wanted, wanted]);
      expect(await storedOf(world, false)).toEqual([false, false]);
    } finally {
      await world.close();
    }
  });
});

test("nothing is stored of a key whose policy wants no data retained, whatever its calls say", async () => {
  const world = await startWorld({ ANTHROPIC_API_KEY: "", TURNPIKE_SANDBOX: "on" });
  try {
    const answer = await fetch(`${world.gateway.url}/admin/v1/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.gateway.adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({
        ...{ name: "private", customer: "acme", project: "lab", environment: "live" },
        policy: { zdr: true },
      }),
    });
    const { key } = (await answer.json()) as { key: string };
    const client = world.client(key);
    const told = await whole(client, { model: "sandbox/echo", input: "Hi", store: true });
    expect((told as { store?: unknown }).store).toBe(false);
    expect((await refusal(client.responses.retrieve(told.id))).status).toBe(404);
  } finally {
    await world.close();
  }
});

test("settings that can't be used stop the start", async () => {
  await expect(startWorld({ TURNPIKE_STORE_RESPONSES: "yes" })).rejects.toThrow("TURNPIKE_STORE_RESPONSES");
  await expect(startWorld({ TURNPIKE_STORED_RESPONSES_DAYS: "0" })).rejects.toThrow("TURNPIKE_STORED_RESPONSES_DAYS");
});
