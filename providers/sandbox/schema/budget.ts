// How much work a schema may cause, and the refusal of more: a caller's schema runs inside the gateway's own process.

/** A schema that the sandbox can't make an instance of. `message` is for the caller. */
export class Refused extends Error {}

export interface Budget {
  /** Takes so many steps (1 unless given) from what is left; throws Refused when nothing is. */
  spend(steps?: number): void;
}

/** Some 100 ms of work at the worst; schemas of hundreds of properties take a tenth of it. */
const allowance = 50_000;

export function budget(): Budget {
  let left = allowance;
  return {
    spend: (steps = 1) => {
      left -= steps;
      if (left < 0) throw new Refused("the schema takes too much work to make an instance of");
    },
  };
}
