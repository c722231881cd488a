// An operation beside chat as work: the provider's endpoint for it, asked in the client's bytes or in the provider's own shape.
import type { Provider, UpstreamRequest } from "../../providers/define.ts";
import type { AnswerContext } from "../../providers/dialects/dialect.ts";
import { failureInside } from "../../providers/dialects/openai-chat/error.ts";
import { openaiChatServer } from "../../providers/dialects/openai-chat/index.ts";
import type { EndpointDialect, EndpointRequest, Operation } from "../../providers/endpoints/endpoint.ts";
import type { Purpose } from "../router/ask.ts";
import type { Deployment } from "../router/deployment.ts";
import type { Call } from "./call.ts";
import type { WorkDeps } from "./chat-work.ts";
import { operations } from "./operations.ts";
import { accept, forwardedHeaders, upstreamHeaders } from "./prepare.ts";
import { BytesReader } from "./read-bytes.ts";
import { JsonReader } from "./read-json.ts";
import { PassedStreamReader } from "./read-passed-stream.ts";
import type { AnswerReader } from "./readers.ts";
import { spliceBody } from "./splice.ts";
import type { Form } from "./upload/form.ts";
import type { Job, Work } from "./work.ts";

/** What models are wanted for by an operation. */
export function purposeOf(operation: Operation): Purpose {
  const { fits, noun } = operations[operation];
  return { fits, noun, servedBy: (provider) => provider.endpoints[operation] !== undefined };
}

export interface EndpointCall {
  readonly operation: Operation;
  readonly call: Call;
  /** The body, where it is a form. */
  readonly form: Form | null;
}

/** The work of a call of an operation; the call's body has passed the operation's check. */
export function endpointWork(asked: EndpointCall, { counting, maxResponseBytes }: WorkDeps): Work {
  const { operation, call, form } = asked;
  const facts = operations[operation];
  return {
    watch: (withdraw) => form?.upload.watch(withdraw),
    prepare(deployment) {
      const { provider, baseUrl } = deployment.connection;
      const dialect = endpointOf(provider, operation);
      const target = { providerId: provider.id, model: deployment.model, traits: deployment.traits };
      const encoded = dialect.encode(call.body, target);
      const dropped = accept(encoded.unsupported, call, (member) => member);
      const passed = encoded.kind === "edits";
      const request: UpstreamRequest = {
        method: "POST",
        baseUrl,
        path: dialect.path(target),
        headers: {
          ...upstreamHeaders(provider, call),
          ...(facts.streams === "always" && { accept: "*/*" }),
          ...(passed && forwardedHeaders(call, provider)),
          ...(form !== null && { "content-type": `multipart/form-data; boundary=${form.boundary}` }),
        },
        ...bodyOf(encoded, asked),
      };
      return {
        request,
        dropped,
        failures: failuresOf(dialect),
        reader: (context) => reader(dialect, deployment, context),
      };
    },
    async inputTokens() {
      const { text, tokens } = facts.counted(call.body);
      return tokens + (text === "" ? 0 : await counting.output(text));
    },
    // A stream of completions is chat's but for its words; the others are passed on unseen, and nothing may stand between.
    keepAlive: operation === "completions" ? openaiChatServer.keepAlive : null,
    failStream: (error, context) => (operation === "completions" ? openaiChatServer.stream(context).fail(error) : null),
  };

  function reader(dialect: EndpointDialect, { model }: Deployment, context: AnswerContext): AnswerReader {
    // Asked for at the end: by then the file has come.
    const known = () => facts.known(call.body, facts.file === undefined ? null : (form?.file(facts.file) ?? null));
    if (!call.stream) {
      return new JsonReader({ dialect, asked: { body: call.body, model }, known, maxBytes: maxResponseBytes });
    }
    if (dialect.stream === undefined) return new BytesReader(dialect, known);
    return new PassedStreamReader({ dialect: dialect.stream, server: openaiChatServer, context });
  }
}

/** A form's bytes are passed on with edits only: no provider takes files in a shape of its own. */
function bodyOf(encoded: EndpointRequest, { call, form }: EndpointCall): Pick<UpstreamRequest, "body" | "streamed"> {
  if (encoded.kind === "body") return { body: JSON.stringify(encoded.body) };
  if (form !== null) return { body: "", streamed: form.edited(encoded.edits) };
  return { body: spliceBody(call.rawBody, encoded.edits) };
}

function endpointOf(provider: Provider, operation: Operation): EndpointDialect {
  const dialect = provider.endpoints[operation];
  if (dialect === undefined) throw new Error("a plan gives only deployments of providers that have the endpoint");
  return dialect;
}

function failuresOf(dialect: EndpointDialect): Job["failures"] {
  return {
    error: (status, headers, body) => dialect.error(status, headers, body),
    decode: (body) => (typeof body === "object" && body !== null ? failureInside({ ...body }) : null),
  };
}
