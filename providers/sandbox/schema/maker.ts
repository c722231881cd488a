// What the makers of values share: where a value stands, and how the values inside it are made.
import type { Schema } from "./schema.ts";
import type { Scope } from "./valid.ts";

/** Where in the instance a value stands. */
export interface Place {
  /** The property's name, which strings repeat. */
  readonly name: string;
  /** How many references and containers lie around it. */
  readonly depth: number;
  /** Which of several siblings it is, so that they differ. */
  readonly sibling: number;
}

/** What makers of containers are lent. */
export interface Maker extends Scope {
  /** An instance of a schema, or `none`. */
  make(schema: Schema, place: Place): unknown;
}

/** There is no instance, or none was found. Not a JSON value. */
export const none = Symbol("none");

/** Beyond this depth only what a schema demands is made. */
export const generousDepth = 4;
