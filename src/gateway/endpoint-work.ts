// An operation beside chat as work: the provider's endpoint for it, asked in the client's bytes or in the provider's own shape.
import type { Provider } from "../../providers/define.ts";
import { failureInside } from "../../providers/dialects/openai-chat/error.ts";
import type { EndpointDialect, Operation } from "../../providers/endpoints/endpoint.ts";
import type { Deployment } from "../router/deployment.ts";
import type { Purpose } from "../router/plan.ts";
import type { Call } from "./call.ts";
import type { WorkDeps } from "./chat-work.ts";
import { operations } from "./operations.ts";
import { accept, forwardedHeaders, upstreamHeaders } from "./prepare.ts";
import { JsonReader } from "./read-json.ts";
import { spliceBody } from "./splice.ts";
import type { Job, Work } from "./work.ts";

/** What models are wanted for by an operation. */
export function purposeOf(operation: Operation): Purpose {
  const { fits, noun } = operations[operation];
  return { fits, noun, servedBy: (provider) => provider.endpoints[operation] !== undefined };
}

/** The work of a call of an operation; the call's body has passed the operation's check. */
export function endpointWork(operation: Operation, call: Call, { counting, maxResponseBytes }: WorkDeps): Work {
  const facts = operations[operation];
  return {
    prepare(deployment) {
      const { provider, baseUrl } = deployment.connection;
      const dialect = endpointOf(provider, operation);
      const target = { providerId: provider.id, model: deployment.model, traits: deployment.traits };
      const encoded = dialect.encode(call.body, target);
      const dropped = accept(encoded.unsupported, call, (member) => member);
      const own = encoded.kind === "body";
      const request = {
        method: "POST" as const,
        baseUrl,
        path: dialect.path(target),
        headers: { ...upstreamHeaders(provider, call), ...(own ? {} : forwardedHeaders(call, provider)) },
        body: own ? JSON.stringify(encoded.body) : spliceBody(call.rawBody, encoded.edits),
      };
      return { request, dropped, failures: failuresOf(dialect), reader: () => reader(dialect, deployment) };
    },
    async inputTokens() {
      const { text, tokens } = facts.counted(call.body);
      return tokens + (text === "" ? 0 : await counting.output(text));
    },
    keepAlive: null,
    failStream: () => null,
  };

  function reader(dialect: EndpointDialect, { model }: Deployment): ReturnType<Job["reader"]> {
    const asked = { body: call.body, model };
    return new JsonReader({ dialect, asked, known: facts.known(call.body), maxBytes: maxResponseBytes });
  }
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
