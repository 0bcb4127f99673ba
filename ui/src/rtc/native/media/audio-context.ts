/** How audio contexts begin and end here. */

/** For worklets to hear that it is over. They do within some 20 ms; a page that is busy takes longer. */
const WORKLETS_END_MS = 250;

/** A context that runs, and again whenever the system stops it. The app lets pages play without a click. */
export function openContext(): AudioContext {
  const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
  const resume = (): void => {
    if (context.state !== 'running' && context.state !== 'closed') context.resume().catch(() => undefined);
  };
  context.onstatechange = resume;
  resume();
  return context;
}

/**
 * Closes a context whose worklets were just told to end. WebKitGTK 2.50 keeps a worklet that has not ended when its context
 * closes: its thread and 2.4 MiB.
 */
export function closeContext(context: AudioContext): void {
  context.onstatechange = null;
  setTimeout(() => {
    context.close().catch(() => undefined);
  }, WORKLETS_END_MS);
}
