// The page on dialects says what the encoders do.
import { expect, test } from "vitest";
import { dialectTable } from "./dialect-table.ts";

test("docs/dialects.md says what becomes of everything that can be asked", async () => {
  await expect(dialectTable()).toMatchFileSnapshot("../../docs/dialects.md");
});
