// The token counter in a Worker: tiktoken's WASM comes compiled with the bundle.
import { createTokenCounter, type TokenCounter } from "./tokens.ts";

/**
 * A token counter for a Worker. Its parts are loaded by this call and not at the isolate's start; call it once, when the
 * first text has to be counted. It has `o200k_base` only, whose counts stand for those of older models too: a second
 * encoding would not fit into an isolate's memory.
 */
export async function workerTokenCounter(): Promise<TokenCounter> {
  const [{ init, Tiktoken }, wasm, table] = await Promise.all([
    import("tiktoken/lite/init"),
    import("tiktoken/lite/tiktoken_bg.wasm"),
    import("tiktoken/encoders/o200k_base.json", { with: { type: "json" } }),
  ]);
  // A bundler for Workers makes the module itself the default export; the package's types describe its instance.
  const { default: module } = wasm as unknown as { default: WebAssembly.Module };
  await init((imports) => WebAssembly.instantiate(module, imports));
  const { bpe_ranks, special_tokens, pat_str } = table.default;
  const encoder = new Tiktoken(bpe_ranks, special_tokens, pat_str);
  return createTokenCounter(() => encoder);
}
