// Candidates: the deployments that a model's name means, with what is measured of each. Looked up once per name.
import type { Catalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { traits } from "../../providers/catalog/traits.ts";
import { GatewayError } from "../errors.ts";
import type { Connection } from "../vault/credentials.ts";
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
export type Wanted = Pick<Ask, "purpose" | "operation">;

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
  #connections: ReadonlyMap<string, Connection> | null = null;
  #pools: ReadonlyMap<string, readonly Connection[]> = new Map();
  /** By what they are wanted for, and by name. */
  #found = new Map<string, Map<string, Named>>();

  constructor(measures: Measures) {
    this.#measures = measures;
  }

  /** The deployments of this name that are served and can do what they are wanted for; else why there are none. */
  find(name: string, { purpose, operation }: Wanted, { catalog, connections }: Served): Named | GatewayError {
    if (catalog !== this.#catalog || connections !== this.#connections) this.#forget(catalog, connections);
    let ofPurpose = this.#found.get(operation);
    if (ofPurpose === undefined) {
      ofPurpose = new Map();
      this.#found.set(operation, ofPurpose);
    }
    const known = ofPurpose.get(name);
    if (known !== undefined) return known;
    const named = this.#look(name, purpose, catalog);
    if (named instanceof GatewayError) return named;
    if (ofPurpose.size >= mostNames) ofPurpose.clear();
    ofPurpose.set(name, named);
    return named;
  }

  #forget(catalog: Catalog, connections: ReadonlyMap<string, Connection>): void {
    this.#catalog = catalog;
    this.#connections = connections;
    this.#pools = Map.groupBy(connections.values(), ({ provider }) => provider.id);
    this.#found = new Map();
  }

  #look(name: string, purpose: Purpose, catalog: Catalog): Named | GatewayError {
    const inCatalogue = this.#fromCatalogue(name, purpose, catalog);
    const able = ({ connection }: Deployment): boolean => purpose.servedBy(connection.provider);
    const callable = inCatalogue instanceof GatewayError ? [] : inCatalogue.deployments.filter(able);
    // A provider may serve what the catalogue does not list of it: new models, and old ones that it lists elsewhere only.
    const outside = callable.length > 0 ? [] : this.#pinnedByName(name).filter(able);
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

  #fromCatalogue(
    name: string,
    purpose: Purpose,
    catalog: Catalog,
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
          deployments: distinct(fit).flatMap((facts) => this.#deploymentsOf(facts)),
          pinned: resolution.pinned !== null,
        };
      }
    }
  }

  #deploymentsOf(facts: ModelFacts): readonly Deployment[] {
    const pool = this.#pools.get(facts.provider) ?? [];
    return pool.map((connection) => ({ connection, model: facts.providerModelId, facts, traits: traits(facts) }));
  }

  /** `provider/anything` reaches a model that the catalogue does not know yet, at that provider and at an unknown price. */
  #pinnedByName(name: string): readonly Deployment[] {
    const slash = name.indexOf("/");
    if (slash < 1 || slash === name.length - 1) return [];
    const pool = this.#pools.get(name.slice(0, slash).toLowerCase()) ?? [];
    return pool
      .filter(({ provider }) => provider.local === null)
      .map((connection) => ({ connection, model: name.slice(slash + 1), facts: null, traits: {} }));
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
