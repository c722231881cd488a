// The members that an answer and each of its chunks have beside the candidates.
import type { AnswerContext } from "../../dialect.ts";

export interface WireHeading {
  readonly modelVersion: string;
  readonly responseId: string;
  /** RFC 3339, where the provider told it: Google's own answers have it on Vertex only. */
  readonly createTime?: string;
}

export function writeHeading(
  { id, createdS }: { readonly id: string; readonly createdS: number | null },
  { model, fallbackId }: AnswerContext,
): WireHeading {
  const createdMs = (createdS ?? Number.NaN) * 1000;
  const told = Math.abs(createdMs) <= 8.64e15;
  return {
    modelVersion: model,
    responseId: id === "" ? fallbackId : id,
    ...(told && { createTime: new Date(createdMs).toISOString() }),
  };
}
