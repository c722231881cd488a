// `turnpike vault`: how the keys of the vault are wrapped, and wrapping them anew while a gateway serves on.
import { vaultView } from "../admin/vault.ts";
import { type Rekeyed, rekey, vaultStatus } from "../vault/rekey.ts";
import { machineUser } from "./audited-store.ts";
import { withInstallation } from "./installation.ts";
import { type Io, printJson } from "./io.ts";
import { table } from "./table.ts";

export interface VaultOptions {
  readonly json?: true;
}

export async function statusCommand(io: Io, { json }: VaultOptions): Promise<void> {
  await withInstallation(io, async ({ store, masters }) => {
    const view = vaultView(await vaultStatus(store.keyring, masters), masters);
    if (json) return printJson(io, view);
    io.out(`Keys are wrapped by ${masters.current.place} (${view.master}).\n\n`);
    io.out(table(["id", "wrapper", "data_keys", "created_at"], view.keys));
    if (view.rekey_due)
      io.out("\nSome are wrapped by a former one, or under a former key: run `turnpike vault rekey`.\n");
  });
}

export async function rekeyCommand(
  io: Io,
  { renew = false, json }: VaultOptions & { readonly renew?: boolean },
): Promise<void> {
  await withInstallation(io, async ({ store, trail, masters, clock }) => {
    const told = await trail.begin({ action: "vault.rekey", actor: machineUser(), target: null });
    const done = await rekey({
      store: store.keyring,
      masters,
      renew,
      now: () => clock.now(),
      onStep: ({ keys, dataKeys }) => {
        // A file or a pipe keeps every line: there the sum is enough.
        if (!json && io.errIsTerminal === true) io.err(`\r${wrappedAnew({ keys, dataKeys })}`);
      },
    }).catch(async (error: unknown) => {
      await told.end({ outcome: "failure", reason: "internal_error" });
      throw error;
    });
    await told.end({ outcome: "success", after: { master: masters.current.id, renew, ...done } });
    if (json) return printJson(io, vaultView(await vaultStatus(store.keyring, masters), masters));
    if (done.keys + done.dataKeys > 0) io.err(io.errIsTerminal === true ? "\n" : `${wrappedAnew(done)}\n`);
    io.out(
      `Everything is wrapped by ${masters.current.place} (${masters.current.id}). The former one is needed no more.\n`,
    );
  });
}

function wrappedAnew({ keys, dataKeys }: Rekeyed): string {
  return `wrapped anew: ${keys} keys, ${dataKeys} data keys`;
}
