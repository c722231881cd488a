// Candidates: the deployments that a model's name means, with what is measured of each. Looked up once per name.
import type { Catalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { traits } from "../../providers/catalog/traits.ts";
import { GatewayError } from "../errors.ts";
import type { Connection } from "../vault/credentials.ts";
import { type Pools, poolOf, poolsOf, usableFor } from "../vault/pools.ts";
import type { Ask, Purpose } from "./ask.ts";
import type { CredentialHealth } from "./credential-health.ts";
import type { Deployment } from "./deployment.ts";
import type { Measures, ModelMeasures } from "./measures.ts";
import { type Pricing, pricingOf } from "./pricing.ts";
import type { Statistics } from "./statistics.ts";

/** A deployment as the planner sees it. */
export interface Candidate {
  readonly deployment: Deployment;
  readonly statistics: Statistics;
  readonly credential: CredentialHealth;
  /** What is measured of the model wherever it is served. */
  readonly model: ModelMeasures;
  /** Null when its price is unknown, or a zero that nobody vouches for. */
  readonly pricing: Pricing | null;
}

/** What a name means here. */
export interface Named {
  readonly candidates: readonly Candidate[];
  /** Whether the name says the provider, so that the caller has chosen by itself. */
  readonly pinned: boolean;
}

/** What a model is wanted for. */
export type Wanted = Pick<Ask, "purpose" | "operation" | "caller">;

/** What can be called here, as of now: others are other objects. */
export interface Served {
  readonly catalog: Catalog;
  readonly connections: ReadonlyMap<string, Connection>;
}

/** How many names are kept: more than any installation has, and bounded against callers who make them up. */
const mostNames = 5_000;

/** Finds candidates. What it found is kept until the catalogue or the connections are others. */
export class CandidateFinder {
  readonly #measures: Measures;
  #catalog: Catalog | null = null;
  /** By the pools that they were found in, by what they are wanted for, and by name. What is in force no more goes with its pools. */
  #found = new WeakMap<Pools, Map<string, Map<string, Named>>>();

  constructor(measures: Measures) {
    this.#measures = measures;
  }

  /** The deployments of this name that are served and can do what they are wanted for; else why there are none. */
  find(name: string, { purpose, operation, caller }: Wanted, { catalog, connections }: Served): Named | GatewayError {
    if (catalog !== this.#catalog) {
      this.#catalog = catalog;
      this.#found = new WeakMap();
    }
    const pools = poolsOf(connections, caller.customer);
    const ofPurpose = this.#foundIn(pools, operation);
    const known = ofPurpose.get(name);
    if (known !== undefined) return known;
    const named = this.#look(name, purpose, { catalog, pools });
    if (named instanceof GatewayError) return named;
    if (ofPurpose.size >= mostNames) ofPurpose.clear();
    ofPurpose.set(name, named);
    return named;
  }

  #foundIn(pools: Pools, operation: string): Map<string, Named> {
    let found = this.#found.get(pools);
    if (found === undefined) {
      found = new Map();
      this.#found.set(pools, found);
    }
    let ofPurpose = found.get(operation);
    if (ofPurpose === undefined) {
      ofPurpose = new Map();
      found.set(operation, ofPurpose);
    }
    return ofPurpose;
  }

  #look(name: string, purpose: Purpose, { catalog, pools }: Within): Named | GatewayError {
    const inCatalogue = fromCatalogue(name, purpose, { catalog, pools });
    const able = ({ connection }: Deployment): boolean => purpose.servedBy(connection.provider);
    const callable = inCatalogue instanceof GatewayError ? [] : inCatalogue.deployments.filter(able);
    // A provider may serve what the catalogue does not list of it: new models, and old ones that it lists elsewhere only.
    const outside = callable.length > 0 ? [] : pinnedByName(name, pools).filter(able);
    const deployments = callable.length > 0 ? callable : outside;
    if (deployments.length > 0) {
      const pinned = outside.length > 0 || (!(inCatalogue instanceof GatewayError) && inCatalogue.pinned);
      return { candidates: deployments.map((deployment) => this.#candidate(deployment)), pinned };
    }
    if (inCatalogue instanceof GatewayError) return inCatalogue;
    return inCatalogue.deployments.length > 0
      ? unspoken(name, inCatalogue.deployments, purpose)
      : unservable(name, catalog);
  }

  #candidate(deployment: Deployment): Candidate {
    return {
      deployment,
      statistics: this.#measures.ofDeployment(deployment),
      credential: this.#measures.ofCredential(deployment.connection),
      model: this.#measures.ofModel(deployment.facts?.canonical ?? deployment.model, deployment.facts),
      pricing: pricingOf(deployment.facts),
    };
  }
}

interface Within {
  readonly catalog: Catalog;
  readonly pools: Pools;
}

function fromCatalogue(
  name: string,
  purpose: Purpose,
  { catalog, pools }: Within,
): { readonly deployments: readonly Deployment[]; readonly pinned: boolean } | GatewayError {
  const resolution = catalog.resolve(name);
  switch (resolution.kind) {
    case "ambiguous":
      return new GatewayError(
        "model_not_found",
        `\`${name}\` is the name of several models. Say which: ${resolution.candidates.map((id) => `\`${id}\``).join(", ")}.`,
        { param: "model" },
      );
    case "unknown":
      return notFound(name, catalog);
    case "model": {
      const fit = resolution.deployments.filter(purpose.fits);
      if (fit.length === 0) {
        return new GatewayError("model_not_found", `\`${name}\` is not ${purpose.noun}.`, { param: "model" });
      }
      return {
        deployments: distinct(fit).flatMap((facts) => deploymentsOf(facts, pools)),
        pinned: resolution.pinned !== null,
      };
    }
  }
}

function deploymentsOf(facts: ModelFacts, pools: Pools): readonly Deployment[] {
  return poolOf(facts, pools).map((connection) => ({
    connection,
    model: facts.providerModelId,
    facts,
    traits: traits(facts),
  }));
}

/** `provider/anything` reaches a model that the catalogue does not know yet, at that provider and at an unknown price. */
function pinnedByName(name: string, pools: Pools): readonly Deployment[] {
  const slash = name.indexOf("/");
  if (slash < 1 || slash === name.length - 1) return [];
  const [provider, model] = [name.slice(0, slash).toLowerCase(), name.slice(slash + 1)];
  return usableFor(pools.get(provider) ?? [], [model, `${provider}/${model}`])
    .filter(({ provider }) => provider.local === null)
    .map((connection) => ({ connection, model, facts: null, traits: {} }));
}

/**
 * One row of those that are the same thing under several names (with and without a date, by region): the first, which is
 * spelled as the caller wrote it or as its lab does.
 */
function distinct(rows: readonly ModelFacts[]): readonly ModelFacts[] {
  const seen = new Set<string>();
  return rows.filter(({ provider, variant, prices, zeroPrice }) => {
    const thing = JSON.stringify([provider, variant, prices?.input, prices?.output, zeroPrice]);
    return !seen.has(thing) && seen.add(thing);
  });
}

function notFound(name: string, catalog: Catalog): GatewayError {
  const close = catalog.suggest(name);
  const advice =
    close.length > 0
      ? `Did you mean ${close.map((id) => `\`${id}\``).join(" or ")}?`
      : "GET /v1/models lists the models that you may use.";
  return new GatewayError("model_not_found", `The model \`${name.slice(0, 200)}\` does not exist. ${advice}`, {
    param: "model",
  });
}

/** The model's providers can be called, but not for this. */
function unspoken(name: string, deployments: readonly Deployment[], { noun }: Purpose): GatewayError {
  const providers = [...new Set(deployments.map(({ connection }) => connection.provider.id))].join(", ");
  return new GatewayError(
    "no_deployment_available",
    `\`${name}\` is served by ${providers} here, and this gateway can't use it as ${noun} there.`,
    { param: "model" },
  );
}

/** The model is known, and no provider of it can be called. */
function unservable(name: string, catalog: Catalog): GatewayError {
  const resolution = catalog.resolve(name);
  const providers = resolution.kind === "model" ? [...new Set(resolution.deployments.map((row) => row.provider))] : [];
  return new GatewayError(
    "no_deployment_available",
    `\`${name}\` is known, but this gateway has no key of a provider that serves it (${providers.join(", ")}). ` +
      "The operator can add one.",
    { param: "model" },
  );
}
