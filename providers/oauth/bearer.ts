// A request with a bearer token, which may have to be waited for.
import type { UpstreamRequest } from "../define.ts";

export function withBearer(
  request: UpstreamRequest,
  token: string | Promise<string>,
): UpstreamRequest | Promise<UpstreamRequest> {
  if (typeof token !== "string") return token.then((fetched) => withBearer(request, fetched));
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}
