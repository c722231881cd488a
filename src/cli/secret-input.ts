// Reads a secret without its ever standing in an argument, where every process of the machine could read it.
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CommandError, type Io } from "./io.ts";

/** Longer than any credential. */
const longest = 100_000;

/** From a pipe all of it; from a terminal a line, which is not shown. @throws CommandError when nothing comes. */
export async function readSecret(io: Io, what: string): Promise<string> {
  const input = process.stdin;
  const text = (input.isTTY ? await prompted(io, what) : await piped(input)).trim();
  if (text === "")
    throw new CommandError(`Give ${what} on standard input: \`turnpike … < file\`, or type it when asked.`);
  return text;
}

async function piped(input: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const piece of input) {
    text += String(piece);
    if (text.length > longest) throw new CommandError("That is longer than any credential.");
  }
  return text;
}

function prompted(io: Io, what: string): Promise<string> {
  io.err(`${what} (not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    let typed = "";
    lines.once("line", (line) => {
      typed = line;
      lines.close();
    });
    lines.once("close", () => {
      io.err("\n");
      resolve(typed);
    });
  });
}
