// The lane: calls on Node go straight to their handlers, past web requests and the router, which cost more than all that is
// decided about a call (docs/design.md, "Hot path"). Everything else takes Hono's way.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Asking, CallHandler } from "./api/asking.ts";

/**
 * Serves POSTs to the paths of `lanes`, exactly as they are written there, and leaves all others to `otherwise`.
 * @param onError told of what a handler threw, which breaks that exchange alone.
 */
export function withLanes(
  lanes: ReadonlyMap<string, CallHandler>,
  otherwise: RequestListener,
  onError: (error: unknown) => void,
): RequestListener {
  return (incoming, outgoing) => {
    const url = incoming.url ?? "";
    const query = url.indexOf("?");
    const lane = incoming.method === "POST" ? lanes.get(query === -1 ? url : url.slice(0, query)) : undefined;
    if (lane === undefined) {
      otherwise(incoming, outgoing);
      return;
    }
    lane(new LaneAsking(incoming, outgoing)).catch((error: unknown) => {
      onError(error);
      outgoing.destroy();
    });
  };
}

class LaneAsking implements Asking {
  readonly env: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse };

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.env = { incoming, outgoing };
  }

  get req(): this {
    return this;
  }

  get url(): string {
    return this.env.incoming.url ?? "";
  }

  /** Node joins repeated headers as HTTP has it, but for `set-cookie`, which no request carries. */
  readonly header = (name: string): string | undefined => {
    const value = this.env.incoming.headers[name];
    return typeof value === "object" ? value.join(", ") : value;
  };

  query(name: string): string | undefined {
    const { url } = this;
    const query = url.indexOf("?");
    return query === -1 ? undefined : (new URLSearchParams(url.slice(query + 1)).get(name) ?? undefined);
  }
}
