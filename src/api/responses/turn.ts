// A turn: one call of the responses API, with what is kept of earlier ones for it, and what will be kept of it for later ones.
import { GatewayError } from "../../errors.ts";
import type { ChatCall } from "../../gateway/call.ts";
import type { Answerer } from "../../gateway/chat-work.ts";
import { passesThrough } from "../../gateway/prepare.ts";
import type { Sink } from "../../gateway/sink.ts";
import type { Plan } from "../../router/plan.ts";
import type { Caller } from "../authenticate.ts";
import { finalResponse } from "./answer.ts";
import { type Continued, continued } from "./continue.ts";
import { heldUntil } from "./held-sink.ts";
import type { Library } from "./library.ts";

/** Whether responses are kept: as OpenAI does, those that ask for it alone, or none. */
export type Storing = "on" | "asked" | "off";

export interface TurnDeps {
  readonly library: Library;
  readonly storing: Storing;
  /** Told of what could not be kept. */
  report(error: unknown, callId: string): void;
}

export interface Turn {
  /** The call as it is run: it holds what it referred to. */
  readonly call: ChatCall;
  /**
   * The part of a plan that can serve it.
   * @throws GatewayError `invalid_request` when the provider that keeps its conversation is not in the plan.
   */
  narrow(plan: Plan): Plan;
  /** Told of the answer before its end is sent: it is kept from then on. */
  told(tail: string | Uint8Array, by: Answerer): void;
  /** A sink whose answer ends when what is kept of it is durable: whoever has seen the end may refer to it at once. */
  wrap(sink: Sink): Sink;
  /** Resolves when nothing is left to be kept. */
  kept(): Promise<void>;
}

/**
 * Reads a turn.
 * @throws GatewayError what `continued` does, and `invalid_request` for what nobody could account for or wait for.
 */
export async function readTurn(asked: ChatCall, caller: Caller, deps: TurnDeps): Promise<Turn> {
  refuseBackground(asked);
  const wanted = wantsStoring(asked, caller, deps.storing);
  const { customer, id: keyId } = caller.key;
  const { call, own, previousId, keeper } = await continued(asked, customer, deps.library);
  let keeping: Promise<void> | null = null;
  const keep = async (tail: string | Uint8Array, { deployment, passthrough }: Answerer): Promise<void> => {
    const response = finalResponse(tail, call.stream);
    if (response === null) return;
    const { id } = response;
    if (passthrough && response.store === true) {
      await deps.library.note({ id, customer, keyId }, deployment.connection.id);
    } else if (wanted && own !== null && keeper === null) {
      const kept = await deps.library.keep({ id, customer, keyId, previousId }, { input: own, response });
      if (!kept) deps.report(new Error("a response is too long to be kept, or its id is taken"), call.id);
    }
  };
  return {
    call: { ...call, echo: { ...asked.body, store: wanted } },
    narrow: (plan) => narrowed(plan, { call, own, previousId, keeper }),
    told(tail, by) {
      keeping = keep(tail, by).catch((error: unknown) => deps.report(error, call.id));
    },
    wrap: (sink) => heldUntil(sink, () => keeping),
    kept: async () => {
      await keeping;
    },
  };
}

function refuseBackground({ body }: ChatCall): void {
  const background = body.background ?? false;
  if (background === false) return;
  const message =
    background === true
      ? "Invalid `background`: this gateway answers in the foreground only, because what a response costs that nobody waits for " +
        "can't be accounted for. Leave it out, and stream the answer where it takes long."
      : "Invalid `background`: expected true or false.";
  throw new GatewayError("invalid_request", message, { param: "background" });
}

/** OpenAI stores what does not ask not to be, and nothing of those who want no data retained. */
function wantsStoring({ body, preferences }: ChatCall, { scopes }: Caller, storing: Storing): boolean {
  const store = body.store ?? null;
  if (store !== null && typeof store !== "boolean") {
    throw new GatewayError("invalid_request", "Invalid `store`: expected true or false.", { param: "store" });
  }
  if (preferences.zeroDataRetention || scopes.some(({ policy }) => policy.zeroDataRetention)) return false;
  return storing === "off" ? false : (store ?? storing === "on");
}

/** Members that only name content, which lies at OpenAI. */
const namedContent = ["conversation", "prompt"] as const;

/** What lies at a provider can be used there alone. What lies at some provider can be used by those who speak its dialect, if by any. */
function narrowed(plan: Plan, { call, keeper }: Continued): Plan {
  if (keeper === null) {
    if (namedContent.every((name) => (call.body[name] ?? null) === null)) return plan;
    const steps = plan.steps.filter(({ deployment }) => passesThrough(call, deployment));
    return steps.length === 0 ? plan : { ...plan, steps };
  }
  const steps = plan.steps.filter(
    ({ deployment }) => deployment.connection.id === keeper && passesThrough(call, deployment),
  );
  if (steps.length > 0) return { ...plan, steps };
  throw new GatewayError(
    "invalid_request",
    `The previous response is stored by the provider \`${keeper.replace(/#\d+$/, "")}\`, and this call can't be sent there. Name a model that ` +
      "it serves, or send the earlier items in `input`.",
    { param: "previous_response_id" },
  );
}
