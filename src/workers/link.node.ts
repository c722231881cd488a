// A link between two processes: what each tells and asks the other, in order, over a pipe that nobody else has.

import type { Duplex } from "node:stream";
import { NamedComers } from "../comers.ts";
import { errorOf, type SentError, sentError } from "./sent-error.ts";

/** What one side answers to, by name. What is told has no answer; both take one value of JSON's. */
export type Contract<Names> = { readonly [Name in keyof Names]: (value: never) => unknown };

/** The value that one of them takes. */
export type Given<Other, Name extends keyof Other> = Other[Name] extends (value: infer Value) => unknown
  ? Value
  : never;
type Answer<Other, Name extends keyof Other> = Other[Name] extends (value: never) => infer Result
  ? Awaited<Result>
  : never;

export interface Link<Other> {
  /** Nobody hears whether it was done. */
  tell<Name extends keyof Other & string>(name: Name, value: Given<Other, Name>): void;
  /** Rejects with what the other side threw, or when it is gone. */
  ask<Name extends keyof Other & string>(name: Name, value: Given<Other, Name>): Promise<Answer<Other, Name>>;
  /** Resolves when the other side is gone. */
  readonly closed: Promise<void>;
  /** Says what is still to be said, and ends. */
  end(): void;
}

/** `[name, value]` tells, `[name, value, number]` asks, `[0, value, number]` answers, `[1, error, number]` refuses. */
type Message =
  | readonly [name: string, value: unknown, number?: number]
  | readonly [kind: 0 | 1, value: unknown, number: number];

interface Waiting {
  resolve(value: never): void;
  reject(error: unknown): void;
}

const newline = 10;

/**
 * Opens a side of a link. All that is said in one turn of the event loop goes as one line.
 * @param handlers what the other side may tell and ask; one that throws refuses what was asked.
 * @param onError told of what was told in vain: there is nobody else to tell.
 */
export function openLink<Other>(
  stream: Duplex,
  handlers: Contract<object>,
  onError: (error: unknown) => void,
): Link<Other> {
  const known = new Map(Object.entries(handlers)) as ReadonlyMap<string, (value: unknown) => unknown>;
  const waiting = new NamedComers<Waiting>();
  const closed = Promise.withResolvers<void>();
  let saying: Message[] = [];
  let rest: Buffer[] = [];
  let lastNumber = 0;
  let gone = false;

  const say = (message: Message): void => {
    if (gone) return;
    if (saying.length === 0) setImmediate(flush);
    saying.push(message);
  };

  const flush = (): void => {
    if (saying.length === 0 || gone) return;
    stream.write(`${JSON.stringify(saying)}\n`);
    saying = [];
  };

  const hear = ([kind, value, number]: Message): void => {
    if (kind === 0 || kind === 1) {
      const asked = waiting.take(number ?? 0);
      if (kind === 0) asked?.resolve(value as never);
      else asked?.reject(errorOf(value as SentError));
    } else if (number === undefined) void attempt(kind, value).catch(onError);
    else {
      attempt(kind, value).then(
        (answer) => say([0, answer ?? null, number]),
        (error: unknown) => say([1, sentError(error), number]),
      );
    }
  };

  const attempt = async (name: string, value: unknown): Promise<unknown> => {
    const handler = known.get(name);
    if (handler === undefined) throw new Error(`nobody here knows what "${name}" is`);
    return handler(value);
  };

  stream.on("data", (piece: Buffer) => {
    let from = 0;
    for (let to = piece.indexOf(newline); to !== -1; to = piece.indexOf(newline, from)) {
      rest.push(piece.subarray(from, to));
      const line = rest.length === 1 ? (rest[0] as Buffer) : Buffer.concat(rest);
      rest = [];
      from = to + 1;
      for (const message of JSON.parse(line.toString("utf8")) as Message[]) hear(message);
    }
    if (from < piece.length) rest.push(piece.subarray(from));
  });
  stream.on("error", () => stream.destroy());
  stream.on("end", () => stream.destroy());
  stream.on("close", () => {
    gone = true;
    closed.resolve();
    for (const [, { reject }] of waiting.takeAll()) reject(new Error("the other process is gone"));
  });

  return {
    tell: (name, value) => say([name, value]),
    ask: (name, value) =>
      new Promise((resolve, reject) => {
        if (gone) {
          reject(new Error("the other process is gone"));
          return;
        }
        lastNumber += 1;
        waiting.add(lastNumber, { resolve, reject });
        say([name, value, lastNumber]);
      }),
    closed: closed.promise,
    end() {
      flush();
      stream.end();
    },
  };
}
