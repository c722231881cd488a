// Reads the parts of a client's contents: what users and functions say, and what a model said before.
import type {
  AssistantPart,
  FilePart,
  Foreign,
  ImagePart,
  Signature,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from "../../conversation.ts";
import { Invalid, missing } from "../../fields.ts";
import { argumentsObject, argumentsText } from "../arguments.ts";
import { type Envelope, openEnvelope } from "../envelope.ts";
import type { JsonObject } from "../wire.ts";
import type { Members } from "./members.ts";

/** The members of `Part.data` (SDK, type `Part`), of which a part has one. */
const KINDS = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
  "toolCall",
  "toolResponse",
] as const;
export type PartKind = (typeof KINDS)[number];

/** Which kind a part is. One with nothing but a signature is an empty text: some clients leave empty members out. */
export function kindOf(part: Members): PartKind {
  const kind = KINDS.find((name) => part.has(name));
  if (kind !== undefined) return kind;
  if (part.has("thoughtSignature")) return "text";
  throw new Invalid(part.path, `Invalid '${part.path}': a part needs one of ${KINDS.map((k) => `'${k}'`).join(", ")}.`);
}

/** Adds what only Google's models can be sent; the part itself is then left out, or read as well as can be. */
export type Report = (foreign: Foreign) => void;

export function reportContent(report: Report, part: Members, name: string, what: string): void {
  report({ member: part.at(name), reason: `is ${what}, which only Gemini models can be sent`, droppable: false });
}

/** A part of a user's turn that is no function's response; null when it has no neutral form, which is reported. */
export function readUserPart(part: Members, report: Report): UserPart | null {
  const kind = kindOf(part);
  if (part.has("videoMetadata")) {
    report({ member: part.at("videoMetadata"), reason: "is known to Gemini models only", droppable: true });
  }
  switch (kind) {
    case "text":
      return { type: "text", text: part.string("text") ?? "" };
    case "inlineData":
      return readInline(part, report);
    case "fileData":
      return readFile(part, report);
    case "functionCall": {
      const path = part.at(kind);
      throw new Invalid(
        path,
        `Invalid '${path}': a function is called by the model. Give its content the role 'model'.`,
      );
    }
    default:
      reportContent(report, part, kind, "made by one of Google's own tools");
      return null;
  }
}

/** Bytes: pictures, sounds, and files of every other kind but video. */
function readInline(part: Members, report: Report): UserPart | null {
  const blob = part.requiredObject("inlineData");
  const mediaType = blob.requiredString("mimeType");
  const data = blob.requiredString("data");
  const [kind, format = ""] = mediaType.toLowerCase().split("/");
  const source = { kind: "base64", mediaType, data } as const;
  if (kind === "image") return { type: "image", source, ...detailOf(part) };
  if (kind === "audio") return { type: "audio", data, format: format.split(";")[0] ?? "" };
  if (kind === "video") {
    reportContent(report, part, "inlineData", "a video");
    return null;
  }
  return { type: "file", source, filename: blob.string("displayName") };
}

/** `mediaResolution` of a picture is what others call its detail. */
function detailOf(part: Members): Pick<ImagePart, "detail"> {
  const level = part.object("mediaResolution")?.string("level") ?? "";
  if (level.endsWith("_HIGH")) return { detail: "high" };
  if (level.endsWith("_LOW")) return { detail: "low" };
  return level.endsWith("_MEDIUM") ? { detail: "auto" } : {};
}

/** An address. Those of Google's own stores are read, so that Gemini has them, and reported: nobody else can fetch them. */
function readFile(part: Members, report: Report): ImagePart | FilePart | null {
  const file = part.requiredObject("fileData");
  const url = file.requiredString("fileUri");
  const mediaType = file.string("mimeType");
  const kind = mediaType?.toLowerCase().split("/")[0];
  if (kind === "video" || kind === "audio" || /^https?:\/\/([\w-]+\.)?(youtube\.com|youtu\.be)\//i.test(url)) {
    reportContent(report, part, "fileData", kind === "audio" ? "a sound that is only referred to" : "a video");
    return null;
  }
  if (/^gs:|^https:\/\/generativelanguage\.googleapis\.com\/|^files\//i.test(url)) {
    reportContent(report, part, "fileData", "a file that is kept at Google");
  } else if (!/^https?:/i.test(url)) {
    const path = file.at("fileUri");
    throw new Invalid(
      path,
      `Invalid value for '${path}': it is no web address. Send an https URL, or bytes as 'inlineData'.`,
    );
  }
  const source = { kind: "url", url, mediaType } as const;
  if (kind === "image") return { type: "image", source, ...detailOf(part) };
  return { type: "file", source, filename: file.string("displayName") };
}

/** Pictures and files inside a function's response. */
export function readResultPart(part: Members, report: Report): ToolResultPart | null {
  const read = readUserPart(part, report);
  if (read?.type !== "audio") return read;
  reportContent(report, part, kindOf(part), "a sound in a function's response");
  return null;
}

/** A part of a model's turn. */
export interface ModelPart {
  readonly part: Exclude<AssistantPart, ToolCallPart> | CallPart;
  /** How much of the text before it belongs to it; null where Turnpike left no word about that. */
  readonly join: number | null;
}

/** A call whose id the client may not have given. */
export type CallPart = Omit<ToolCallPart, "id"> & { readonly id: string | null };

/**
 * @param nth The part's number in its turn, from 0, of which a sound's id is made.
 * @returns null when it has no neutral form.
 */
export function readModelPart(part: Members, nth: number, report: Report): ModelPart | null {
  const kind = kindOf(part);
  const token = part.string("thoughtSignature");
  const envelope = token === null ? null : openEnvelope(token);
  const own: Signature | undefined =
    envelope === null && token !== null && token !== "" ? { vendor: "google", value: token } : envelope?.signature;
  const signed = own === undefined ? {} : { signature: own };
  const read = (value: ModelPart["part"]): ModelPart => ({
    part: value,
    join: envelope === null ? null : (envelope.join ?? 0),
  });
  switch (kind) {
    case "text": {
      const text = part.string("text") ?? "";
      if (part.boolean("thought") === true) {
        const encrypted = envelope?.encrypted === undefined ? {} : { encrypted: envelope.encrypted };
        return read({ type: "reasoning", text, ...signed, ...encrypted });
      }
      return read(envelope?.refusal === true ? { type: "refusal", text } : { type: "text", text, ...signed });
    }
    case "functionCall":
      return read({ ...readCall(part, envelope), ...signed });
    case "inlineData": {
      const blob = part.requiredObject("inlineData");
      const mediaType = blob.requiredString("mimeType");
      const data = blob.requiredString("data");
      if (mediaType.startsWith("image/")) {
        return read({ type: "output-image", source: { kind: "base64", mediaType, data }, ...signed });
      }
      if (mediaType.startsWith("audio/")) {
        const known = envelope?.audio ?? { id: `audio_${nth}`, transcript: "", expiresAtS: null };
        return read({ type: "output-audio", data, ...known });
      }
      reportContent(report, part, kind, "a file that a model made");
      return null;
    }
    case "fileData": {
      const file = part.requiredObject("fileData");
      const source = { kind: "url", url: file.requiredString("fileUri"), mediaType: file.string("mimeType") } as const;
      return read({ type: "output-image", source, ...signed });
    }
    case "functionResponse": {
      const path = part.at(kind);
      throw new Invalid(path, `Invalid '${path}': a function responds to the model. Give its content the role 'user'.`);
    }
    default:
      reportContent(report, part, kind, "made by one of Google's own tools");
      return null;
  }
}

function readCall(part: Members, envelope: Envelope | null): CallPart {
  const call = part.requiredObject("functionCall");
  const args = (call.object("args")?.json ?? {}) as JsonObject;
  const text = argumentsText(args);
  // What the model wrote, unless the client has changed it since.
  const written = envelope?.arguments;
  const same = written !== undefined && JSON.stringify(argumentsObject(written)) === JSON.stringify(args);
  return {
    type: "tool-call",
    id: call.string("id") || null,
    name: call.requiredString("name"),
    arguments: same ? written : text,
  };
}

/** A function's response: `output` or `error` of it, or without these the whole object (SDK, `FunctionResponse.response`). */
export function readResponse(response: Members): { readonly text: string; readonly isError?: true } {
  const object = response.raw("response") === undefined ? {} : response.requiredObject("response").json;
  const [name, ...more] = Object.keys(object);
  const value = name === undefined || more.length > 0 ? undefined : object[name];
  if (name === "error" && typeof value === "string") return { text: value, isError: true };
  if (name === "output" && value !== undefined)
    return { text: typeof value === "string" ? value : JSON.stringify(value) };
  return { text: JSON.stringify(object) };
}

export function nameOf(response: Members): string {
  return response.string("name") || missing(response.at("name"), "the name of the function that responds");
}
