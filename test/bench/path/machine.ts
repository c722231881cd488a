// The machine that a run was made on: without it, figures say nothing.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

export function machine(): string {
  const kind = cpus()[0]?.model ?? "CPU";
  const system = /PRETTY_NAME="(.*)"/.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? process.platform;
  const nginx = /nginx\/[\d.]+/.exec(spawnSync("/usr/sbin/nginx", ["-v"], { encoding: "utf8" }).stderr ?? "")?.[0];
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return (
    `${cpus().length} × ${kind}, ${memoryGb} GB, ${system}, Node ${process.version}, ${nginx ?? "no nginx"}; ` +
    `load ${loadavg()[0]?.toFixed(1)} at the end`
  );
}
