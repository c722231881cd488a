// Parameters that a server can't take: found in a conversation that is written anew, and in a body that is passed on.
import type { Conversation } from "../../conversation.ts";
import type { Unsupported } from "../../dialect.ts";
import { hints, lossOf } from "../../hints.ts";
import { type Json, object } from "../../json.ts";
import type { Behaviour, Parameter } from "../quirks.ts";

interface Rule {
  /** The member of Conversation. */
  readonly member: keyof Conversation;
  /** What the conversation says without it. */
  readonly without: Partial<Conversation>;
  /** Whether the conversation asks for it. */
  readonly asked: (conversation: Conversation) => boolean;
  /** Its names in a body, and whether a value of the first asks for it. */
  readonly names: readonly string[];
  readonly asks?: (value: unknown) => boolean;
  /** False where the answer means nothing without it. */
  readonly droppable?: false;
  /** True where no answer depends on it. */
  readonly hint?: true;
}

const rules: Readonly<Record<Parameter, Rule>> = {
  choices: {
    member: "choices",
    without: { choices: null },
    asked: ({ choices }) => (choices ?? 1) > 1,
    names: ["n"],
    asks: (n) => n !== 1,
  },
  logprobs: {
    member: "logprobs",
    without: { logprobs: null },
    asked: ({ logprobs }) => logprobs !== null,
    names: ["logprobs", "top_logprobs"],
    asks: (logprobs) => logprobs !== false,
  },
  logitBias: plain("logitBias", "logit_bias"),
  seed: plain("seed", "seed"),
  presencePenalty: plain("presencePenalty", "presence_penalty"),
  frequencyPenalty: plain("frequencyPenalty", "frequency_penalty"),
  stop: { member: "stop", without: { stop: [] }, asked: ({ stop }) => stop.length > 0, names: ["stop"] },
  user: { ...plain("user", "user"), hint: true },
  tools: {
    member: "tools",
    without: { tools: [], toolChoice: null, parallelToolCalls: null },
    asked: ({ tools }) => tools.length > 0,
    names: [],
    droppable: false,
  },
  toolChoice: {
    member: "toolChoice",
    without: { toolChoice: null },
    asked: ({ toolChoice, tools }) => tools.length > 0 && toolChoice !== null && toolChoice.kind !== "auto",
    names: ["tool_choice"],
    asks: (choice) => choice !== "auto",
  },
  jsonSchema: {
    member: "output",
    without: { output: { kind: "json" } },
    asked: ({ output }) => output.kind === "json-schema",
    names: ["response_format"],
    asks: (format) => object(format)?.type === "json_schema",
  },
};

function plain(member: "logitBias" | "seed" | "presencePenalty" | "frequencyPenalty" | "user", name: string): Rule {
  return { member, without: { [member]: null }, asked: (said) => said[member] !== null, names: [name] };
}

/** The conversation without what this server can't take, which is noted. */
export function takenBy({ unsupported }: Behaviour, conversation: Conversation, noted: Unsupported[]): Conversation {
  let taken = conversation;
  for (const parameter of unsupported) {
    const { member, without, asked, droppable, hint } = rules[parameter];
    if (!asked(conversation)) continue;
    const what = parameter === "jsonSchema" ? "as a JSON schema is" : "is";
    const reason = `${what} not supported by this provider`;
    noted.push({ member, reason, droppable: droppable ?? true, ...(hint === true && { hint }) });
    taken = { ...taken, ...without };
  }
  return taken;
}

/** The members of a body that this server can't take and the caller allows to drop, by their wire names. */
export function refusedMembers({ unsupported }: Behaviour, body: Json): readonly string[] {
  return unsupported.flatMap((parameter) => {
    const { names, asks, hint } = rules[parameter];
    const [first = ""] = names;
    const value = body[first];
    if (hint === true || !isGiven(value) || asks?.(value) === false) return [];
    return names.filter((name) => isGiven(body[name]));
  });
}

/** Whether a member is a hint that this server would refuse. */
export function refusesHint({ hints: taken }: Behaviour, name: string): boolean {
  return taken !== null && hints.includes(name) && !taken.includes(name);
}

/** The hints of a body that this server would refuse, and those of them whose loss is worth a word, by their wire names. */
export function refusedHints(quirks: Behaviour, body: Json): { readonly names: string[]; readonly lost: string[] } {
  const names = Object.keys(body).filter(
    (name) => refusesHint(quirks, name) || (name === "user" && quirks.unsupported.includes(name)),
  );
  const lost = names.filter((name) => isGiven(body[name]) && lossOf(name, body[name], "") !== null);
  return { names, lost };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
