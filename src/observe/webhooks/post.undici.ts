// Webhooks on Node: a name is resolved once, each of its addresses is checked, and one of those is connected to, so that no name
// can lead to a private network, also not one that answers differently the second time.
import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, request } from "undici";
import { DeliveryProblem, isPublicAddress, type Post, privateAddress } from "./deliver.ts";

export interface PostOptions {
  readonly allowPrivate: boolean;
  /** Of the whole exchange, the name's resolution included. */
  readonly timeoutMs: number;
  /** The system's resolver, where nothing else is given. */
  readonly resolve?: Resolve;
}

export type Resolve = (
  name: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const systemResolve: Resolve = (name, options, done) => lookup(name, { ...options, all: true }, done);

/** Posts webhooks, never to where a redirect leads. Close it to close its connections. */
export function undiciPost({ allowPrivate, timeoutMs, resolve = systemResolve }: PostOptions): {
  readonly post: Post;
  close(): Promise<void>;
} {
  const agent = new Agent({
    connect: { lookup: checkedLookup(resolve, allowPrivate), timeout: timeoutMs },
    keepAliveTimeout: 4_000,
    maxResponseSize: 1024 * 1024,
  });
  return {
    async post(url, headers, body) {
      // A host that is an address is connected to without a lookup.
      const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
      if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw new DeliveryProblem(privateAddress);
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await request(url, { dispatcher: agent, method: "POST", headers, body, signal });
        // What a receiver says beside its status is of no use here.
        await answer.body.dump({ limit: 64 * 1024, signal });
        const retryAfter = answer.headers["retry-after"];
        return { status: answer.statusCode, retryAfter: typeof retryAfter === "string" ? retryAfter : null };
      } catch (error) {
        if (signal.aborted) throw new DeliveryProblem(`the receiver did not answer within ${timeoutMs} ms`);
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

function checkedLookup(resolve: Resolve, allowPrivate: boolean): LookupFunction {
  return (name, options, done) => {
    resolve(name, options, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) done(error, "");
      else if (first === undefined) done(new DeliveryProblem("its name has no address"), "");
      else if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address)))
        done(new DeliveryProblem(privateAddress), "");
      else if (options.all === true) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}
