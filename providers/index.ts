// The registry: every provider that Turnpike can call. One line each.
import { anthropic } from "./anthropic.ts";
import type { Provider } from "./define.ts";
import { google } from "./google.ts";
import { openai } from "./openai.ts";
import { sandbox } from "./sandbox/index.ts";

export const providers: readonly Provider[] = [openai, anthropic, google, sandbox];
