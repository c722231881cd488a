// The store in a worker: it reads the database itself and leaves all else to the keeper, so that writers never wait for each other.
import type { CallStore, Store } from "../store/port.ts";
import { toLogged } from "../usage/call-log.ts";
import type { Keeping } from "./contract.ts";
import type { Link } from "./link.node.ts";
import { pack, unpack } from "./packed.node.ts";

/** What only reads, of what customers' calls need. What is not here is done by the keeper, which can do everything. */
const reads: { readonly [Room in keyof Store]?: readonly (keyof Store[Room])[] } = {
  keys: ["get", "findByDigest", "list", "secrets", "epoch", "changedSince"],
  admins: ["findByDigest"],
  calls: ["get", "usage"],
  models: ["get", "list"],
  aliases: ["get", "list", "epoch"],
  customers: ["get", "list"],
  projects: ["get", "list"],
  snapshots: ["load"],
  responses: ["find", "chain", "contents"],
};

/** @param local a store over the same database, which is read and closed. */
export function remoteStore(local: Store, keeper: Link<Keeping>): Store {
  const rooms = Object.entries(local).map(([of, room]) =>
    typeof room === "function" ? [of, room] : [of, remoteRoom(of, room, keeper)],
  );
  const store = Object.fromEntries(rooms) as unknown as Store;
  const append: CallStore["append"] = ({ opened, settled }) =>
    keeper.ask("append", { opened, settled: settled.map(toLogged) });
  return { ...store, calls: { ...store.calls, append } };
}

function remoteRoom(of: string, room: object, keeper: Link<Keeping>): object {
  const local: readonly string[] = reads[of as keyof Store] ?? [];
  const operate =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<unknown> =>
      unpack(await keeper.ask("operate", { of, name, args: pack(args) }));
  return Object.fromEntries(
    Object.entries(room).map(([name, own]) => [name, local.includes(name) ? own : operate(name)]),
  );
}

/** Does at the keeper what a worker has left to it. */
export function operateOn(store: Store): Keeping["operate"] {
  return async ({ of, name, args }) => {
    const room = (store as unknown as Readonly<Record<string, Record<string, unknown>>>)[of];
    const operation = room?.[name];
    if (typeof operation !== "function") throw new Error(`there is no operation ${of}.${name}`);
    return pack(await (operation as (...args: readonly unknown[]) => unknown).apply(room, [...unpack(args)]));
  };
}
