// The token counter in a Worker: tiktoken's WASM comes compiled with the bundle, its table as part of the code.
import { createTokenCounter, type TokenCounter } from "./tokens.ts";

/**
 * A token counter for a Worker; call it once. Its parts are loaded by this call and not at the isolate's start (some 10 ms).
 * The encoder itself is built when the first text is counted, for that takes some 0.4 s and 60 MB of the isolate's 128
 * (measured in workerd): most answers bring their own usage and never need it. It has `o200k_base` only, whose counts
 * stand for those of older models too: a second encoding would not fit.
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
  let encoder: InstanceType<typeof Tiktoken> | null = null;
  return createTokenCounter(() => {
    const { bpe_ranks, special_tokens, pat_str } = table.default;
    encoder ??= new Tiktoken(bpe_ranks, special_tokens, pat_str);
    return encoder;
  });
}
