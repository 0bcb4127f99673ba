/** The global scope of audio worklets (W3C webaudio §1.32.3); TypeScript's DOM library has no types for it. */

declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: Float32Array<ArrayBuffer>[][], outputs: Float32Array<ArrayBuffer>[][]): boolean;
}

declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Of the first sample of the present block, since the context began. */
declare const currentFrame: number;
