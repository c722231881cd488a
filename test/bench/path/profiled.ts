// Loaded into a gateway that is profiled: two signals (SIGWINCH, which nothing else means here) begin and end a profile of its CPU,
// which goes into the file that PROFILE_TO names.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

const session = new Session();
session.connect();
let running = false;

process.on("SIGWINCH", async () => {
  running = !running;
  if (running) {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 200 });
    await session.post("Profiler.start");
  } else {
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(process.env.PROFILE_TO ?? "", JSON.stringify(profile));
  }
});
