// Auto: the cheapest models above a quality floor, for callers who do not care which. The catalogue knows nobody's quality:
// what stands in for it, and how far that can be trusted, is told in docs/routing.md.
import type { Catalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { Peek } from "../../providers/dialects/peek.ts";
import { charactersPerToken, type Purpose } from "./ask.ts";

/** What stands in for quality: a model below either figure is below the floor. */
interface Floor {
  /** The least that providers ask for a million output tokens, the median of them, in USD. */
  readonly outputPrice: number;
  /** The least billions of parameters, of a model whose name says how many it has. */
  readonly billions: number;
}

const standard: Floor = { outputPrice: 0.6, billions: 70 };

const floors: Readonly<Record<string, Floor>> = {
  auto: standard,
  "auto:standard": standard,
  "auto:high": { outputPrice: 2.5, billions: 200 },
  "auto:max": { outputPrice: 10, billions: 200 },
};

/** A model is taken for outdated when it came out this long before the newest one of the catalogue. */
const freshMs = 365 * 24 * 60 * 60_000;
/** A model that fewer providers list is rarely one that anybody should meet by chance. */
const leastProviders = 2;
/** So many models are tried at most. */
const mostModels = 5;
/** An estimate of a prompt may be short by this factor: what is chosen must have room for it. */
const roomFactor = 1.25;

/** Words in a model's id that say that it is made for one thing, is a trial, or stands for changing models. */
const particular =
  /(^|[-_/.])(preview|exp|experimental|beta|latest|chat|code|codex|coder|codestral|devstral|build|search|research|agent|image|audio|ocr|guard|safeguard|speech|realtime|live|edit|math|prover|translate|instant|computer|robotics)([-_.]|$)/i;

export const autoNames = Object.keys(floors) as readonly string[];

/** Whether a name is `auto` or one of its floors. */
export function isAuto(name: string): boolean {
  return Object.hasOwn(floors, name);
}

export interface AutoContext {
  readonly catalog: Catalog;
  readonly ask: { readonly purpose: Pick<Purpose, "fits">; readonly peek: Peek | null };
  /** Whether the call may go to a row's provider. */
  available(facts: ModelFacts): boolean;
}

/**
 * Canonical ids of models that are known to be able to take the call, the cheapest first, at most 5; empty when there is none.
 * @param name one that `isAuto`.
 */
export function autoModels(name: string, { catalog, ask, available }: AutoContext): readonly string[] {
  const floor = floors[name] ?? standard;
  const models = new Set<string>();
  for (const offer of offersOf(catalog)) {
    const { facts, level } = offer;
    if (!reaches(level, floor) || models.has(facts.canonical)) continue;
    if (!available(facts) || !ask.purpose.fits(facts) || !isKnownToTake(offer, ask.peek)) continue;
    models.add(facts.canonical);
    if (models.size === mostModels) break;
  }
  return [...models];
}

/** A model at a provider that a call could be given to without its caller naming either. */
interface Offer {
  readonly facts: ModelFacts;
  /** The model's figures, wherever it is served. */
  readonly level: Floor;
  /** What the row says that it can do and most rows of the model say too: one of many may be wrong. */
  readonly able: ReadonlySet<Ability>;
  /** USD per million tokens of a mix. */
  readonly price: number;
}

function reaches(level: Floor, floor: Floor): boolean {
  return level.outputPrice >= floor.outputPrice && level.billions >= floor.billions;
}

/** By catalogue: another one is another object. */
const offers = new WeakMap<Catalog, readonly Offer[]>();

/** All offers above the lowest floor, the cheapest first. Made once for each catalogue. */
function offersOf(catalog: Catalog): readonly Offer[] {
  const known = offers.get(catalog);
  if (known !== undefined) return known;
  const made = makeOffers(catalog).toSorted((a, b) => a.price - b.price);
  offers.set(catalog, made);
  return made;
}

function makeOffers(catalog: Catalog): readonly Offer[] {
  const models = [...catalog.models()].map(([id, rows]) => ({ id, rows, releasedMs: releasedMs(rows) }));
  const newestMs = models.reduce((newest, model) => Math.max(newest, model.releasedMs ?? 0), 0);
  return models.flatMap(({ id, rows, releasedMs: atMs }) => {
    if (atMs === null || atMs <= newestMs - freshMs || particular.test(id) || !isWidelyServed(rows)) return [];
    const sound = rows.filter((row) => isForSale(row) && !retires(row, newestMs));
    const level = levelOf(id, sound);
    if (!reaches(level, standard)) return [];
    const agreed = allAbilities.filter((ability) => 2 * sound.filter(abilities[ability]).length >= sound.length);
    return sound.map((facts) => {
      const able = new Set(agreed.filter((ability) => abilities[ability](facts)));
      return { facts, level, able, price: mixedPrice(facts) };
    });
  });
}

/** When a model came out, epoch milliseconds: the median of what its providers say, some of whom are far off. */
function releasedMs(rows: readonly ModelFacts[]): number | null {
  const dates = rows.map(({ releaseDate }) => Date.parse(releaseDate ?? "")).filter((atMs) => !Number.isNaN(atMs));
  return median(dates);
}

/** The median, because some providers ask another price than all others, and some in another currency. */
function levelOf(canonical: string, rows: readonly ModelFacts[]): Floor {
  const stated = /[-_](\d+(?:\.\d+)?)b(?![a-z0-9])/i.exec(canonical)?.[1];
  return {
    outputPrice: median(rows.map(({ prices }) => Number(prices?.output))) ?? 0,
    billions: stated === undefined ? Infinity : Number(stated),
  };
}

/** The lower of two in the middle; null of nothing. */
function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;
}

function isWidelyServed(rows: readonly ModelFacts[]): boolean {
  return new Set(rows.map(({ provider }) => provider)).size >= leastProviders;
}

/** A chat model that says text, has a price that somebody vouches for, and is neither on trial nor on its way out. */
function isForSale({ mode, status, prices, zeroPrice, outputModalities }: ModelFacts): boolean {
  if (mode !== "chat" || status !== "active" || zeroPrice) return false;
  if (prices?.input === undefined || prices.output === undefined) return false;
  return outputModalities.length === 1 && outputModalities[0] === "text";
}

function retires({ retireDate }: ModelFacts, newestMs: number): boolean {
  return retireDate !== undefined && Date.parse(retireDate) <= newestMs;
}

/** Chat reads some three tokens for each that it writes. */
function mixedPrice({ prices }: ModelFacts): number {
  return (3 * Number(prices?.input) + Number(prices?.output)) / 4;
}

/** What a call may need of a model. */
const abilities = {
  tools: ({ capabilities }: ModelFacts) => capabilities.tools === true,
  jsonSchema: ({ capabilities }: ModelFacts) => capabilities.jsonSchema === true,
  reasoning: ({ capabilities }: ModelFacts) => capabilities.reasoning === true,
  images: ({ inputModalities }: ModelFacts) => inputModalities.includes("image"),
  documents: ({ inputModalities }: ModelFacts) => inputModalities.includes("pdf"),
  audio: ({ inputModalities }: ModelFacts) => inputModalities.includes("audio"),
  video: ({ inputModalities }: ModelFacts) => inputModalities.includes("video"),
};

type Ability = keyof typeof abilities;
const allAbilities = Object.keys(abilities) as readonly Ability[];

/** Stricter than for a model that the caller named: what is not known of a model is not hoped for. */
function isKnownToTake({ facts, able }: Offer, peek: Peek | null): boolean {
  if (peek === null) return true;
  for (const ability of allAbilities) if (peek[ability] && !able.has(ability)) return false;
  const { contextWindow = 0, maxInputTokens = Infinity, maxOutputTokens = Infinity } = facts;
  const inputTokens = (peek.textLength / charactersPerToken) * roomFactor;
  const outputTokens = peek.maxOutputTokens ?? 0;
  return (
    inputTokens + outputTokens <= contextWindow && inputTokens <= maxInputTokens && outputTokens <= maxOutputTokens
  );
}
