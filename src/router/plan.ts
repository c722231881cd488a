// Planning: which deployments a call may be sent to, cheapest first unless the caller says otherwise.
import type { Catalog } from "../../providers/catalog/catalog.ts";
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import { traits } from "../../providers/catalog/traits.ts";
import type { Provider } from "../../providers/define.ts";
import { GatewayError } from "../errors.ts";
import type { Connection } from "../vault/credentials.ts";
import type { Deployment, Plan } from "./deployment.ts";

/** Which deployments the caller wants (INTERFACE, "Preferences"). Provider ids are lower case. */
export interface Preferences {
  readonly order: readonly string[];
  readonly only: readonly string[] | null;
  readonly ignore: readonly string[];
  readonly allowFallbacks: boolean;
}

export interface PlanDeps {
  readonly catalog: Catalog;
  readonly connections: ReadonlyMap<string, Connection>;
}

/** What the models are wanted for. */
export interface Purpose {
  /** Whether a model can do it, as far as the catalogue knows. */
  fits(facts: ModelFacts): boolean;
  /** "`x` is not …": a word for such a model. */
  readonly noun: string;
  /** Whether a provider can be asked for it. */
  servedBy(provider: Provider): boolean;
}

const chatting: Purpose = {
  fits: (facts) => facts.mode === "chat",
  noun: "a chat model",
  servedBy: (provider) => provider.dialects.length > 0,
};

/**
 * Every deployment to try for these models, in order: the models as the caller lists them, the deployments of each by the
 * caller's order and then by price.
 * @throws GatewayError `model_not_found`, `no_deployment_available`: says what removed the last candidate.
 */
export function plan(
  models: readonly string[],
  preferences: Preferences,
  deps: PlanDeps,
  purpose: Purpose = chatting,
): Plan {
  const deployments: Deployment[] = [];
  let refusal: GatewayError | null = null;
  for (const model of models) {
    const found = candidates(model, preferences, deps, purpose);
    if (found instanceof GatewayError) refusal ??= found;
    else deployments.push(...found);
  }
  const [first] = deployments;
  if (first === undefined) throw refusal ?? new GatewayError("no_deployment_available", "No model was named.");
  return { deployments: preferences.allowFallbacks ? deployments : [first] };
}

function candidates(
  model: string,
  preferences: Preferences,
  deps: PlanDeps,
  purpose: Purpose,
): readonly Deployment[] | GatewayError {
  if (model.endsWith(":nitro")) {
    return new GatewayError("unsupported_parameter", "`:nitro` is not supported yet. Leave it off.", {
      param: "model",
    });
  }
  const name = model.endsWith(":floor") ? model.slice(0, -":floor".length) : model;
  const able = ({ connection }: Deployment): boolean => purpose.servedBy(connection.provider);
  const inCatalogue = fromCatalogue(name, deps, purpose);
  const callable = inCatalogue instanceof GatewayError ? [] : inCatalogue.filter(able);
  // A provider may serve what the catalogue does not list of it: new models, and old ones that it lists elsewhere only.
  const known = callable.length > 0 ? callable : pinnedByName(name, deps).filter(able);
  if (known.length === 0) {
    if (inCatalogue instanceof GatewayError) return inCatalogue;
    return inCatalogue.length > 0 ? unspoken(name, inCatalogue, purpose) : unservable(name, deps);
  }
  const wanted = known.filter(({ connection: { provider } }) => {
    const listed = preferences.only === null || preferences.only.includes(provider.id);
    return listed && !preferences.ignore.includes(provider.id);
  });
  if (wanted.length === 0) {
    return new GatewayError(
      "no_deployment_available",
      `\`provider.only\` and \`provider.ignore\` leave no provider of \`${model}\`. It is served by: ${providersOf(known)}.`,
      { param: "provider", status: 404 },
    );
  }
  return ordered(wanted, preferences.order);
}

function fromCatalogue(name: string, deps: PlanDeps, purpose: Purpose): readonly Deployment[] | GatewayError {
  const resolution = deps.catalog.resolve(name);
  switch (resolution.kind) {
    case "ambiguous":
      return new GatewayError(
        "model_not_found",
        `\`${name}\` is the name of several models. Say which: ${resolution.candidates.map((id) => `\`${id}\``).join(", ")}.`,
        { param: "model" },
      );
    case "unknown":
      return notFound(name, deps);
    case "model": {
      const fit = resolution.deployments.filter(purpose.fits);
      if (fit.length === 0) {
        return new GatewayError("model_not_found", `\`${name}\` is not ${purpose.noun}.`, { param: "model" });
      }
      return fit.flatMap((facts) => {
        const connection = deps.connections.get(facts.provider);
        return connection === undefined
          ? []
          : [{ connection, model: facts.providerModelId, facts, traits: traits(facts) }];
      });
    }
  }
}

/** `provider/anything` reaches a model that the catalogue does not know yet, at that provider and at an unknown price. */
function pinnedByName(name: string, deps: PlanDeps): readonly Deployment[] {
  const slash = name.indexOf("/");
  if (slash < 1 || slash === name.length - 1) return [];
  const connection = deps.connections.get(name.slice(0, slash).toLowerCase());
  if (connection === undefined || connection.provider.local !== null) return [];
  return [{ connection, model: name.slice(slash + 1), facts: null, traits: {} }];
}

function notFound(name: string, deps: PlanDeps): GatewayError {
  const close = deps.catalog.suggest(name);
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
  return new GatewayError(
    "no_deployment_available",
    `\`${name}\` is served by ${providersOf(deployments)} here, and this gateway can't use it as ${noun} there.`,
    { param: "model" },
  );
}

/** The model is known, and no provider of it can be called. */
function unservable(name: string, deps: PlanDeps): GatewayError {
  const resolution = deps.catalog.resolve(name);
  const providers = resolution.kind === "model" ? [...new Set(resolution.deployments.map((row) => row.provider))] : [];
  return new GatewayError(
    "no_deployment_available",
    `\`${name}\` is known, but this gateway has no key of a provider that serves it (${providers.join(", ")}). ` +
      "The operator can add one.",
    { param: "model" },
  );
}

function ordered(deployments: readonly Deployment[], order: readonly string[]): readonly Deployment[] {
  const place = ({ connection }: Deployment): number => {
    const at = order.indexOf(connection.provider.id);
    return at === -1 ? order.length : at;
  };
  return deployments.toSorted((a, b) => place(a) - place(b) || dearness(a.facts) - dearness(b.facts));
}

/** A price to sort by: three tokens in for one out. Unknown prices, and zeros that nobody vouches for, come last. */
function dearness(facts: ModelFacts | null): number {
  if (facts?.prices?.input === undefined || facts.prices.output === undefined || facts.zeroPrice) return Infinity;
  return 3 * Number(facts.prices.input) + Number(facts.prices.output);
}

function providersOf(deployments: readonly Deployment[]): string {
  return [...new Set(deployments.map(({ connection }) => connection.provider.id))].join(", ");
}
