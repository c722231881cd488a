// GET and DELETE /v1/responses/{id}, and GET /v1/responses/{id}/input_items: what is stored, for the customer that made it.
import type { Context } from "hono";
import { GatewayError } from "../../errors.ts";
import type { ResponseRecord } from "../../store/port-responses.ts";
import { authenticate } from "../authenticate.ts";
import type { ApiDeps } from "../deps.ts";
import { askKeeper } from "./at-keeper.ts";
import { type Item, listedInput } from "./items.ts";
import { outputOf } from "./library.ts";

type Handler = (c: Context) => Promise<Response>;

/** The response, as its call was told it. */
export function getResponse(deps: ApiDeps): Handler {
  return async (c) => {
    const record = await recordOf(c, deps);
    if (c.req.query("stream") === "true") {
      throw invalid("stream", "only a response that runs in the background can be streamed again");
    }
    if (record.keeper !== null) return fromKeeper(c, record, "", deps);
    const [content] = await deps.library.read([record]);
    return c.json(content?.response);
  };
}

/** Removes the response and its content. Conversations that go on from it can't be continued any more. */
export function deleteResponse(deps: ApiDeps): Handler {
  return async (c) => {
    const record = await recordOf(c, deps);
    const { id, customer, keeper } = record;
    // What the provider has lost already is deleted, too.
    if (keeper !== null) await askKeeper(record, { method: "DELETE", path: "", query: new URLSearchParams() }, deps);
    await deps.library.remove(customer, id);
    return c.json({ id, object: "response", deleted: true });
  };
}

/** All items that the response was given, those of earlier turns included, page by page. */
export function listInputItems(deps: ApiDeps): Handler {
  return async (c) => {
    const record = await recordOf(c, deps);
    if (record.keeper !== null) return fromKeeper(c, record, "/input_items", deps);
    return c.json(pageOf(await givenTo(record, deps), c));
  };
}

/** Another customer's response and none at all look the same. */
async function recordOf(c: Context, deps: ApiDeps): Promise<ResponseRecord> {
  const { key } = await authenticate(c, deps);
  const id = c.req.param("id") ?? "";
  const record = (await deps.library.find(key.customer, [id])).get(id);
  if (record === undefined) throw notFound(id);
  return record;
}

async function givenTo({ customer, id }: ResponseRecord, { library }: ApiDeps): Promise<readonly Item[]> {
  const records = (await library.history(customer, id)).filter(({ keeper }) => keeper === null).toReversed();
  const turns = await library.read(records);
  return turns.flatMap((turn, at) => {
    const turnId = records[at]?.id ?? "";
    const input = listedInput(turnId, turn.input);
    return turnId === id ? input : [...input, ...outputOf(turn)];
  });
}

function pageOf(items: readonly Item[], c: Context): Item {
  const limit = Number(c.req.query("limit") ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid("limit", "expected a number from 1 to 100");
  const order = c.req.query("order") ?? "desc";
  if (order !== "asc" && order !== "desc") throw invalid("order", "expected asc or desc");
  const ordered = order === "asc" ? items : items.toReversed();
  const after = c.req.query("after");
  const before = after === undefined ? -1 : ordered.findIndex(({ id }) => id === after);
  if (after !== undefined && before === -1) throw invalid("after", "expected the id of an item of this response");
  const data = ordered.slice(before + 1, before + 1 + limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: before + 1 + limit < ordered.length,
  };
}

/** What may be asked of a provider beside the response itself. */
const passedOn = ["include", "include[]", "limit", "order", "after", "before"];

async function fromKeeper(c: Context, record: ResponseRecord, path: string, deps: ApiDeps): Promise<Response> {
  const asked = new URL(c.req.url).searchParams;
  const query = new URLSearchParams([...asked].filter(([name]) => passedOn.includes(name)));
  const answer = await askKeeper(record, { method: "GET", path, query }, deps);
  if (answer === null) throw notFound(record.id);
  return c.body(new Uint8Array(answer), 200, { "content-type": "application/json" });
}

function notFound(id: string): GatewayError {
  return new GatewayError("not_found", `Response with id '${id.slice(0, 200)}' not found.`, { param: "id" });
}

function invalid(param: string, problem: string): GatewayError {
  return new GatewayError("invalid_request", `Invalid \`${param}\`: ${problem}.`, { param });
}
