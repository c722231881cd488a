// Puts the arguments of a function call together from pieces, as Vertex streams them (`streamFunctionCallArguments`).
import { asNumber, asObjects, asString, type JsonObject } from "../wire.ts";
import type { WirePartialArg } from "./parts.ts";

/** The longest array that pieces may build: an index is the provider's word, and memory is ours. */
const MOST_ITEMS = 10_000;

type Container = JsonObject | unknown[];

/**
 * The arguments of one call. Each piece names a place by a JSON path (`$.recipe.steps[2]`) and gives a scalar for it; text
 * that will continue is lengthened by the next piece of the same place.
 */
export class PartialArguments {
  // Without a prototype, so that a member may have any name.
  readonly #root: JsonObject = Object.create(null) as JsonObject;
  /** The place whose text the next piece lengthens. */
  #open: string | null = null;

  /** Takes pieces in order. False when one names no place that can be. */
  add(partialArgs: unknown): boolean {
    return asObjects<WirePartialArg>(partialArgs).every((piece: WirePartialArg) => this.#set(piece));
  }

  /** Whole arguments that came with a piece. */
  assign(args: JsonObject): void {
    Object.assign(this.#root, args);
  }

  toString(): string {
    return JSON.stringify(this.#root);
  }

  #set(piece: WirePartialArg): boolean {
    const path = asString(piece.jsonPath) ?? "";
    const steps = readPath(path);
    const last = steps?.pop();
    if (steps === null || last === undefined) return false;
    let at: Container = this.#root;
    for (const [depth, step] of steps.entries()) {
      const next: Container | null = descend(at, step, typeof (steps[depth + 1] ?? last) === "number");
      if (next === null) return false;
      at = next;
    }
    const before = this.#open === path ? read(at, last) : undefined;
    this.#open = piece.willContinue === true ? path : null;
    return write(at, last, pieceValue(piece, before));
  }
}

function pieceValue(piece: WirePartialArg, before: unknown): unknown {
  const text = asString(piece.stringValue);
  if (text !== null) return typeof before === "string" ? before + text : text;
  return asNumber(piece.numberValue) ?? (typeof piece.boolValue === "boolean" ? piece.boolValue : null);
}

/** The steps of `$.a.b[0]['c d']`; null when the path is none of that form. */
function readPath(path: string): (string | number)[] | null {
  const steps: (string | number)[] = [];
  const pattern = /\.([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/y;
  pattern.lastIndex = 1;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (match === null) return null;
    steps.push(match[2] === undefined ? (match[1] ?? match[3] ?? match[4] ?? "") : Number(match[2]));
  }
  return path.startsWith("$") ? steps : null;
}

/** The container at a step, made when there is none; null when something else is there. */
function descend(at: Container, step: string | number, list: boolean): Container | null {
  const found = read(at, step);
  if (found === undefined) {
    const made: Container = list ? [] : (Object.create(null) as JsonObject);
    return write(at, step, made) ? made : null;
  }
  return typeof found === "object" && found !== null ? (found as Container) : null;
}

function read(at: Container, step: string | number): unknown {
  if (Array.isArray(at)) return typeof step === "number" ? at[step] : undefined;
  return at[step];
}

function write(at: Container, step: string | number, value: unknown): boolean {
  if (!Array.isArray(at)) {
    at[step] = value;
    return true;
  }
  if (typeof step !== "number" || step >= MOST_ITEMS) return false;
  at[step] = value;
  return true;
}
