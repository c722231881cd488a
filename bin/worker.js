// A worker, where several processes serve: the first of them begins it, and tells it what to do.
import { load } from "./load.js";

load("worker-process.node");
