// One gateway between the `openai` SDK and the replay upstream, which stands in for all three providers.

import type { Mode, Received } from "../support/answers.ts";
import { startGateway } from "../support/gateway.ts";
import { type OpenAIRead, readTurnpike } from "../support/read-openai.ts";
import type { JsonObject, Recording } from "../support/recordings.ts";
import { type Replay, startReplay } from "../support/replay.ts";

export interface Bench {
  readonly replay: Replay;
  readonly url: string;
  readonly key: string;
  /** Serves the recording to whatever the gateway sends for this request, and tells what both sides saw. */
  ask(recording: Recording, request: JsonObject, mode?: Mode): Promise<Asked>;
  close(): Promise<void>;
}

export interface Asked extends OpenAIRead {
  /** The last request that reached the upstream; null when the gateway refused the call. */
  readonly sent: Received | null;
}

/** Keys by which it can be told that each provider got its own. */
export const providerKeys = {
  openai: "sk-test-openai",
  anthropic: "sk-ant-test-anthropic",
  google: "test-google",
} as const;

export async function startBench(): Promise<Bench> {
  const replay = await startReplay();
  const gateway = await startGateway({
    env: {
      OPENAI_API_KEY: providerKeys.openai,
      OPENAI_BASE_URL: `${replay.url}/v1`,
      ANTHROPIC_API_KEY: providerKeys.anthropic,
      ANTHROPIC_BASE_URL: replay.url,
      GOOGLE_API_KEY: providerKeys.google,
      GOOGLE_BASE_URL: `${replay.url}/v1beta`,
    },
  });
  return {
    replay,
    url: gateway.url,
    key: gateway.key,
    ask: async (recording, request, mode = { kind: "whole" }) => {
      const exchange = replay.serve(recording, { mode, times: Number.POSITIVE_INFINITY });
      const read = await readTurnpike(gateway.url, gateway.key, request);
      replay.clear();
      return { ...read, sent: exchange.requests.at(-1) ?? null };
    },
    close: async () => {
      await gateway.close();
      await replay.close();
    },
  };
}

/** The recording's model at its own provider, whether the catalogue knows it or not. */
export function pinned(recording: Recording): string {
  return `${recording.provider}/${recording.model ?? "a-model"}`;
}
