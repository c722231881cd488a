// The thread that makes checkpoints, with a connection of its own.
import { parentPort, workerData } from "node:worker_threads";
import Client from "better-sqlite3";

const client = new Client(workerData as string, { fileMustExist: true });
client.pragma("synchronous = NORMAL");

parentPort?.on("message", () => {
  // Passive: it makes nobody wait. What was committed meanwhile is little; with that in the file too, the log begins anew.
  client.pragma("wal_checkpoint(PASSIVE)");
  client.pragma("wal_checkpoint(PASSIVE)");
  parentPort?.postMessage(null);
});
