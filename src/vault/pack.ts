// Packing: JSON, deflated. Conversations are text, which takes a quarter of its room so.

/** A value that JSON holds, in few bytes. */
export function pack(value: unknown): Promise<Uint8Array> {
  return through(new TextEncoder().encode(JSON.stringify(value)), new CompressionStream("deflate-raw"));
}

/** The value that was packed. Rejects when these bytes are none. */
export async function unpack<Value>(packed: Uint8Array): Promise<Value> {
  const bytes = await through(packed, new DecompressionStream("deflate-raw"));
  return JSON.parse(new TextDecoder().decode(bytes)) as Value;
}

async function through(bytes: Uint8Array, transform: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const body = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(body).arrayBuffer());
}
