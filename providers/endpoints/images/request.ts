// What a client asks to draw, in OpenAI's shape (OpenAI API reference, "Create image"), for providers of other shapes.
import type { Unsupported } from "../../dialects/dialect.ts";
import { count, type Json, text } from "../../dialects/json.ts";
import { refuseMembers } from "../embeddings/input.ts";

/** How far a size may be from a ratio to be meant by it: 1792x1024 is OpenAI's 16:9. */
const tolerance = 0.02;

export interface ImagesAsked {
  readonly prompt: string;
  /** Null when the client did not say. */
  readonly n: number | null;
  /** Pixels; null when the client leaves it to the model. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** `hd` and `high` are the better one, all others the ordinary one; null when it is left to the model. */
  readonly quality: "better" | "ordinary" | null;
  /** `png`, `jpeg`, `webp`; null when it is left to the model. */
  readonly format: string | null;
}

export function readAsked(body: Json): ImagesAsked {
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(text(body.size) ?? "") ?? [];
  const quality = said(body.quality);
  return {
    prompt: text(body.prompt) ?? "",
    n: count(body.n),
    size: width === undefined || height === undefined ? null : { width: Number(width), height: Number(height) },
    quality: quality === null ? null : quality === "hd" || quality === "high" ? "better" : "ordinary",
    format: said(body.output_format),
  };
}

/** A text that says something: `auto` leaves it to the model. */
function said(value: unknown): string | null {
  const word = text(value);
  return word === "auto" ? null : word;
}

/** The ratio, of those that a model draws in, that a size has; null where there is none, or no size was asked for. */
export function ratioOf({ size }: ImagesAsked, ratios: readonly string[]): string | null {
  if (size === null) return null;
  const wanted = size.width / size.height;
  const off = (ratio: string) => Math.abs(wanted / numeric(ratio) - 1);
  const nearest = ratios.toSorted((a, b) => off(a) - off(b))[0];
  return nearest !== undefined && off(nearest) <= tolerance ? nearest : null;
}

function numeric(ratio: string): number {
  const [width = "1", height = "1"] = ratio.split(":");
  return Number(width) / Number(height);
}

export interface Abilities {
  /** For refusals: "Imagen". */
  readonly vendor: string;
  /** How many pictures one request may ask for. */
  readonly most: number;
  /** The ratios that it draws in; absent where it takes pixels. */
  readonly ratios?: readonly string[];
  /** The formats that can be asked for; none when absent. */
  readonly formats?: readonly string[];
  /** Whether it tells qualities apart. */
  readonly qualities?: boolean;
  /** Whether pictures come as addresses, and not as their bytes. */
  readonly addresses?: boolean;
}

/** What of a request a model can't do. Nothing here is streamed. */
export function refusals(body: Json, able: Abilities): readonly Unsupported[] {
  const { vendor, most, ratios, formats = [] } = able;
  const asked = readAsked(body);
  const list: Unsupported[] = [];
  const drop = (member: string, reason: string) => list.push({ member, reason, droppable: true });
  if (body.stream === true) {
    list.push({
      member: "stream",
      reason: `is not supported by ${vendor}, which gives whole pictures`,
      droppable: false,
    });
  }
  if (asked.n !== null && asked.n > most) drop("n", `is more than ${vendor} draws at a time (${most})`);
  if (ratios !== undefined && asked.size !== null && ratioOf(asked, ratios) === null) {
    drop("size", `has another shape than ${vendor} draws (${ratios.join(", ")})`);
  }
  if (asked.format !== null && !formats.includes(asked.format))
    drop("output_format", `can't be chosen so at ${vendor}`);
  if (asked.quality === "better" && able.qualities !== true) drop("quality", `can't be chosen at ${vendor}`);
  if (able.addresses === true && body.response_format === "b64_json") {
    drop("response_format", `can't be that at ${vendor}, which gives addresses`);
  }
  const unknown = ["style", "background", "moderation", "output_compression", "partial_images", "user"];
  return [
    ...list,
    ...refuseMembers(
      body,
      unknown.filter((name) => said(body[name]) !== null || typeof body[name] === "number"),
      vendor,
    ),
  ];
}

/** How many to ask for, within what one request may. */
export function numberOf({ n }: ImagesAsked, most: number): number | null {
  return n === null ? null : Math.min(n, most);
}
