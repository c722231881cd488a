// Turns a call into the request for one deployment: the client's own bytes where the dialects are the same, a translation
// where they differ.
import type { Provider, UpstreamRequest } from "../../providers/define.ts";
import type { Conversation } from "../../providers/dialects/conversation.ts";
import type { ClientDialect, InvalidRequest, Target, Unsupported } from "../../providers/dialects/dialect.ts";
import { GatewayError } from "../errors.ts";
import type { Deployment } from "../router/deployment.ts";
import type { Call, ChatCall } from "./call.ts";
import { spliceBody } from "./splice.ts";

export interface Prepared {
  /** What the provider is spoken to in. */
  readonly dialect: ClientDialect;
  readonly kind: "passthrough" | "translated";
  /** Not authorised yet. */
  readonly request: UpstreamRequest;
  /** The client's names of parameters that were left out, as it allowed, and of hints, which need no leave. */
  readonly dropped: readonly string[];
  /** Whether the client is to see one tool call at most, which its own dialect's providers see to by themselves. */
  readonly oneCall: boolean;
}

/** Reads the call's conversation, once, when the first deployment needs it. */
export class ConversationReader {
  readonly #call: ChatCall;
  #conversation: Conversation | null = null;

  constructor(call: ChatCall) {
    this.#call = call;
  }

  /** @throws GatewayError `invalid_request`, naming the parameter in the client's terms. */
  read(): Conversation {
    this.#conversation ??= this.#parse();
    return this.#conversation;
  }

  #parse(): Conversation {
    const result = this.#call.dialect.read(this.#call.body);
    if (isInvalid(result)) throw new GatewayError("invalid_request", result.message, { param: result.param });
    // Where the URL says whether the answer is streamed, the body does not.
    return result.stream === this.#call.stream ? result : { ...result, stream: this.#call.stream };
  }
}

/**
 * Builds the request that this deployment is sent.
 * @throws GatewayError `invalid_request` or `unsupported_parameter`: what the caller must change.
 */
export function prepare(call: ChatCall, conversation: ConversationReader, deployment: Deployment): Prepared {
  const { provider } = deployment.connection;
  const way = wayTo(deployment, call);
  const { dialect, target } = way;
  if (way.passes) {
    const edits = dialect.edits(call.body, target);
    const lost = edits.dropped ?? none;
    return {
      dialect,
      kind: "passthrough",
      request: requestBy(way, spliceBody(call.rawBody, edits), forwardedHeaders(call, provider)),
      dropped:
        edits.unsupported === undefined ? lost : [...lost, ...accept(edits.unsupported, call, (member) => member)],
      oneCall: false,
    };
  }
  const asked = conversation.read();
  const encoded = dialect.encode(asked, target);
  const dropped = accept([...(asked.foreign ?? []), ...encoded.unsupported], call, (member) =>
    call.dialect.param(member, call.body),
  );
  return {
    dialect,
    kind: "translated",
    request: requestBy(way, JSON.stringify(encoded.body), encoded.headers ?? null),
    dropped,
    oneCall: asked.parallelToolCalls === false,
  };
}

/** Whether this deployment is sent the client's own bytes. */
export function passesThrough(call: ChatCall, deployment: Deployment): boolean {
  return wayTo(deployment, call).passes;
}

const none: readonly string[] = [];

/** How calls of one dialect reach a deployment: the same for all of them. */
interface Way {
  readonly target: Target;
  readonly dialect: ClientDialect;
  /** Whether that is the client's own. */
  readonly passes: boolean;
  readonly baseUrl: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Of streams and of whole answers, by the client's dialect. */
interface Ways {
  readonly streamed: Map<string, Way>;
  readonly whole: Map<string, Way>;
}

const known = new WeakMap<Deployment, Ways>();

function wayTo(deployment: Deployment, call: ChatCall): Way {
  let ways = known.get(deployment);
  if (ways === undefined) {
    ways = { streamed: new Map(), whole: new Map() };
    known.set(deployment, ways);
  }
  const ofKind = call.stream ? ways.streamed : ways.whole;
  let way = ofKind.get(call.dialect.id);
  if (way === undefined) {
    way = findWay(deployment, call);
    ofKind.set(call.dialect.id, way);
  }
  return way;
}

function findWay(deployment: Deployment, call: ChatCall): Way {
  const { provider, baseUrl } = deployment.connection;
  const target: Target = { providerId: provider.id, model: deployment.model, traits: deployment.traits };
  const dialect = dialectFor(call, deployment, target);
  const path = dialect.path(target, { stream: call.stream });
  const headers = upstreamHeaders(provider, call);
  return { target, dialect, passes: dialect.id === call.dialect.id, baseUrl, path, headers };
}

function requestBy(
  { baseUrl, path, headers }: Way,
  body: string,
  more: Readonly<Record<string, string>> | null,
): UpstreamRequest {
  return { method: "POST", baseUrl, path, headers: more === null ? headers : { ...headers, ...more }, body };
}

/**
 * The client's own dialect where the provider speaks it, else the one to translate into. Some models are served at one
 * endpoint only, and so in one dialect.
 */
function dialectFor(call: ChatCall, deployment: Deployment, target: Target): ClientDialect {
  const { provider } = deployment.connection;
  const dialects = provider.dialectsFor?.(deployment.model) ?? provider.dialects;
  const endpoints = deployment.facts?.wire?.endpoints;
  const usable = dialects.filter(
    (candidate) =>
      endpoints === undefined ||
      endpoints.some((endpoint) => endpoint.endsWith(candidate.path(target, { stream: call.stream }))),
  );
  const chosen = usable.find(({ id }) => id === call.dialect.id) ?? usable[0] ?? dialects[0] ?? provider.dialect;
  if (chosen === null) throw new Error("a plan for chat gives only deployments of providers that have chat");
  return chosen;
}

/** The headers that every request to a provider carries. */
export function upstreamHeaders(provider: Provider, { stream }: { readonly stream: boolean }): Record<string, string> {
  return {
    "content-type": "application/json",
    accept: stream ? "text/event-stream" : "application/json",
    // Usage is read in passing, so the bytes must come as they are.
    "accept-encoding": "identity",
    "user-agent": "turnpike",
    ...provider.headers,
  };
}

/** The client's own headers that a provider of its dialect is passed; null when there are none. */
export function forwardedHeaders(call: Pick<Call, "header">, provider: Provider): Record<string, string> | null {
  let headers: Record<string, string> | null = null;
  for (const name of provider.forwardHeaders) {
    const value = call.header(name);
    if (value === null) continue;
    headers ??= {};
    headers[name] = value;
  }
  return headers;
}

/**
 * The client's names of what is left out.
 * @param paramOf the client's name of a member.
 * @throws GatewayError `unsupported_parameter` when it may not be left out.
 */
export function accept(
  unsupported: readonly Unsupported[],
  { dropParams }: Pick<Call, "dropParams">,
  paramOf: (member: string) => string,
): readonly string[] {
  const refused = unsupported.find((item) => item.hint !== true && !(item.droppable && dropParams));
  if (refused === undefined) return [...new Set(unsupported.map((item) => paramOf(item.member)))];
  const param = paramOf(refused.member);
  const advice = refused.droppable
    ? "Leave it out, or send `drop_params: true` to have it left out for you."
    : "Leave it out, or choose a model that takes it.";
  throw new GatewayError("unsupported_parameter", `\`${param}\` ${refused.reason}. ${advice}`, { param });
}

function isInvalid(result: Conversation | InvalidRequest): result is InvalidRequest {
  return !("messages" in result);
}
