// The token counter on Node: tiktoken's WASM and its tables are read from its package when the first text is counted.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type * as TiktokenLite from "tiktoken/lite";
import { createTokenCounter, type TokenCounter } from "./tokens.ts";

/**
 * A token counter that weighs nothing until it is used. Loading an encoding then takes some 0.3 s and 75 MB
 * (`o200k_base`, Node 24), once.
 */
export function nodeTokenCounter(): TokenCounter {
  const require = createRequire(import.meta.url);
  return createTokenCounter((encoding) => {
    const { Tiktoken } = require("tiktoken/lite") as typeof TiktokenLite;
    const table = readFileSync(require.resolve(`tiktoken/encoders/${encoding}.json`), "utf8");
    const { bpe_ranks, special_tokens, pat_str } = JSON.parse(table) as EncodingTable;
    return new Tiktoken(bpe_ranks, special_tokens, pat_str);
  });
}

interface EncodingTable {
  readonly bpe_ranks: string;
  readonly special_tokens: Record<string, number>;
  readonly pat_str: string;
}
