import { Worker } from 'node:worker_threads';

/** For how long this computer let nobody run: a thread that does nothing but sleep says how much too late it woke up. */

const SLEEP_MS = 10;

const script = `
  const { workerData } = require('node:worker_threads');
  const longest = new Int32Array(workerData);
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const before = performance.now();
    Atomics.wait(nothing, 0, 0, ${String(SLEEP_MS)});
    const late = Math.round(performance.now() - before - ${String(SLEEP_MS)});
    if (late > Atomics.load(longest, 0)) Atomics.store(longest, 0, late);
  }`;

/** From now on; the returned function ends it and says how many milliseconds the longest stall took. */
export function watchStalls(): () => Promise<number> {
  const longest = new SharedArrayBuffer(4);
  const worker = new Worker(script, { eval: true, workerData: longest });
  return async () => {
    await worker.terminate();
    return Atomics.load(new Int32Array(longest), 0);
  };
}
