// Values that JSON has no word for (large integers, bytes, maps), as text on a link. For what is said seldom.
import { deserialize, serialize } from "node:v8";

/** A value as text, of which `unpack` makes the same again; the type stays with it. */
export type Packed<Value> = string & { readonly packed?: Value };

export function pack<Value>(value: Value): Packed<Value> {
  return serialize(value).toString("base64");
}

/** Of what another process of this same version has packed. */
export function unpack<Value>(text: Packed<Value>): Value {
  return deserialize(Buffer.from(text, "base64")) as Value;
}
