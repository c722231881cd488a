// Deployment: a model at a provider with a credential: what the router chooses among.
import type { ModelFacts } from "../../providers/catalog/facts.ts";
import type { ModelTraits } from "../../providers/dialects/dialect.ts";
import type { Connection } from "../vault/credentials.ts";

export interface Deployment {
  readonly connection: Connection;
  /** The model's name at the provider, options included. */
  readonly model: string;
  /** Null for a model that the catalogue does not know: its price is then unknown too. */
  readonly facts: ModelFacts | null;
  readonly traits: ModelTraits;
}

/** Unique among deployments, and the same after a restart. */
export function deploymentId({ connection, model }: Deployment): string {
  return `${connection.id}/${model}`;
}
