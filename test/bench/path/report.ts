// What a run says: tables on the screen, in JSON, and in the pages of the documentation, with pictures.
export interface Row {
  readonly name: string;
  readonly value: number;
}

export interface Table {
  /** In file names: `cpu-per-call`. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly Row[];
  /** The row that the others are compared with. */
  readonly base: string;
  /** What Turnpike should reach: at most so many times what another row has, or a plain value. */
  readonly targets: readonly Target[];
}

export interface Target {
  readonly row: string;
  readonly than: string | null;
  readonly atMost: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function asText({ title, unit, rows, base, targets }: Table): string {
  const against = valueIn(rows, base);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(
    ({ name, value }) =>
      `  ${name.padEnd(width)} ${shown(value).padStart(9)}` +
      (against === null ? "" : `   ${(value / against).toFixed(2)} × ${base}`),
  );
  return [`${title} (${unit})`, ...lines, ...targets.map((target) => `  ${verdict(rows, target)}`)].join("\n");
}

export function asMarkdown(table: Table): string {
  const { id, title, unit, rows, base, targets } = table;
  const against = valueIn(rows, base);
  return [
    `### ${title}`,
    "",
    `| ${unit} | | ${against === null ? "" : `× ${base}`} |`,
    "| --- | ---: | ---: |",
    ...rows.map(
      ({ name, value }) => `| ${name} | ${shown(value)} | ${against === null ? "" : (value / against).toFixed(2)} |`,
    ),
    "",
    ...targets.map((target) => `- ${verdict(rows, target)}`),
    ...(targets.length > 0 ? [""] : []),
    `![${title}](benchmarks/${id}.svg)`,
    "",
  ].join("\n");
}

/** Bars, one a row. Colours follow the reader's scheme. */
export function asSvg({ title, unit, rows }: Table): string {
  const most = Math.max(...rows.map(({ value }) => value));
  const height = 56 + rows.length * 30;
  const bars = rows.map(({ name, value }, at) => {
    const y = 44 + at * 30;
    const width = Math.max(1, (value / most) * 400);
    const fill = name.startsWith("turnpike") ? "#2563eb" : "#94a3b8";
    return (
      `<text x="170" y="${y + 15}" text-anchor="end">${escaped(name)}</text>` +
      `<rect x="180" y="${y}" width="${width.toFixed(1)}" height="20" rx="3" fill="${fill}"/>` +
      `<text x="${(188 + width).toFixed(1)}" y="${y + 15}">${shown(value)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 ${height}" role="img" aria-label="${escaped(title)}">` +
    `<style>text{font:14px system-ui,sans-serif;fill:#334155}.t{font-weight:600}@media(prefers-color-scheme:dark){text{fill:#e2e8f0}}</style>` +
    `<text class="t" x="16" y="26">${escaped(title)} (${escaped(unit)})</text>${bars.join("")}</svg>\n`
  );
}

function verdict(rows: readonly Row[], { row, than, atMost }: Target): string {
  const value = valueIn(rows, row);
  const other = than === null ? 1 : valueIn(rows, than);
  const aim = than === null ? `at most ${atMost}` : `at most ${shown(atMost)} × ${than}`;
  if (value === null || other === null) return `target for ${row}: ${aim}; ${than ?? row} was not measured here`;
  const reached = value / other;
  return `target for ${row}: ${aim}; ${reached <= atMost ? "met" : "missed"} with ${shown(reached)}`;
}

function valueIn(rows: readonly Row[], name: string): number | null {
  return rows.find((row) => row.name === name)?.value ?? null;
}

function shown(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
