// Copies the data that compiled modules import, which the compiler does not move itself, next to them in dist/.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
cpSync(`${root}providers/catalog/data`, `${root}dist/providers/catalog/data`, { recursive: true });
