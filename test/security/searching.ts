// Looks for a secret in bytes, in every form in which it could have been written down.

/** The forms of a secret: as it is, as JSON and URLs write it, in hex and in base64 wherever it begins in what was encoded. */
export function formsOf(secret: string): readonly (readonly [string, string])[] {
  const bytes = Buffer.from(secret);
  const base64 = (shift: number): string => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    // What the neighbours decide is left out: the first characters, and the last ones.
    return encoded.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 8) / 6));
  };
  const forms: [string, string][] = [
    ["raw", secret],
    ["reversed", [...secret].reverse().join("")],
    ["URL-encoded", encodeURIComponent(secret)],
    ["hex", bytes.toString("hex")],
    ["HEX", bytes.toString("hex").toUpperCase()],
    ["UTF-16", bytes.toString("latin1").split("").join("\0")],
    ["JSON", JSON.stringify(secret).slice(1, -1)],
    ...[0, 1, 2].map((shift): [string, string] => [`base64+${shift}`, base64(shift)]),
    ...[0, 1, 2].map((shift): [string, string] => [
      `base64url+${shift}`,
      base64(shift).replaceAll("+", "-").replaceAll("/", "_"),
    ]),
  ];
  return forms.filter(([, text], at) => forms.findIndex(([, other]) => other === text) === at);
}

/** Where secrets stand: `<where>: <secret's name>, <form>`. */
export function findSecrets(
  places: Readonly<Record<string, Buffer | string>>,
  secrets: Readonly<Record<string, string>>,
): readonly string[] {
  const found: string[] = [];
  for (const [where, content] of Object.entries(places)) {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (const [name, secret] of Object.entries(secrets)) {
      for (const [form, text] of formsOf(secret)) {
        if (bytes.includes(Buffer.from(text, "latin1"))) found.push(`${where}: ${name}, ${form}`);
      }
    }
  }
  return found;
}
