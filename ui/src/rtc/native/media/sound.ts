import captureUrl from './capture-worklet.ts?worker&url';
import playoutUrl from './playout-worklet.ts?worker&url';
import type { Analysis } from '../../../shared/players.ts';
import type { PlayoutCounters } from './playout/playout.ts';

/**
 * The audio context of the media side: local tracks in, by a capture worklet each; remote tracks out, by a playout
 * worklet each. Tracks exist at once; their worklets follow when the modules are loaded. Who listens hears the worklet
 * itself: the way through the track and a player would add its buffers.
 */

const RATE = 48_000;

export interface PlayedTrack {
  readonly track: MediaStreamTrack;
  /** Null before the first sound. Since the last `bind`. */
  readonly counters: PlayoutCounters | null;
  /** Packets come from this port; null: none do. */
  bind(port: MessagePort | null): void;
  /** Makes it heard until the returned function is called. */
  hear(): () => void;
  analyse(fftSize: number): Analysis;
  close(): void;
}

const played = new WeakMap<MediaStreamTrack, PlayedTrack>();

/** Who plays this track; null: it is not one of ours. */
export function playedBy(track: MediaStreamTrack): PlayedTrack | null {
  return played.get(track) ?? null;
}

export class Sound {
  readonly #context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
  readonly #loaded: Promise<void>;
  #closed = false;

  constructor() {
    const { audioWorklet } = this.#context;
    this.#loaded = Promise.all([audioWorklet.addModule(captureUrl), audioWorklet.addModule(playoutUrl)]).then(() => undefined);
    // The app lets pages play without a click. Elsewhere the next touch would have to start it: audio-sink.ts waits for one.
    this.#context.onstatechange = () => {
      this.#resume();
    };
    this.#resume();
  }

  /** Blocks of this track go to the port until the returned function ends it. The track stays the caller's. */
  capture(track: MediaStreamTrack, port: MessagePort): () => void {
    let node: AudioWorkletNode | null = null;
    let source: MediaStreamAudioSourceNode | null = null;
    let ended = false;
    this.#whenLoaded(() => {
      if (ended) return;
      source = this.#context.createMediaStreamSource(new MediaStream([track]));
      node = new AudioWorkletNode(this.#context, 'landline-capture', { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [1] });
      node.port.postMessage(port, [port]);
      source.connect(node);
      // Its output is silence; only what leads to a destination is run.
      node.connect(this.#context.destination);
    });
    return () => {
      ended = true;
      source?.disconnect();
      node?.disconnect();
      node?.port.postMessage(undefined);
    };
  }

  play(): PlayedTrack {
    const destination = new MediaStreamAudioDestinationNode(this.#context, { channelCount: 1 });
    const [track] = destination.stream.getAudioTracks();
    if (track === undefined) throw new DOMException('an audio destination without a track', 'OperationError');
    let node: AudioWorkletNode | null = null;
    let counters: PlayoutCounters | null = null;
    let waiting: MessagePort | null = null;
    /** What hears it, and how often each. */
    const outputs = new Map<AudioNode, number>();
    let closed = false;
    this.#whenLoaded(() => {
      if (closed) return;
      node = new AudioWorkletNode(this.#context, 'landline-playout', { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [1] });
      node.port.onmessage = ({ data }: MessageEvent<PlayoutCounters>) => {
        counters = data;
      };
      node.connect(destination);
      for (const output of outputs.keys()) node.connect(output);
      if (waiting) node.port.postMessage(waiting, [waiting]);
      waiting = null;
    });
    const tap = (output: AudioNode): (() => void) => {
      const before = outputs.get(output) ?? 0;
      outputs.set(output, before + 1);
      if (before === 0) node?.connect(output);
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        const left = (outputs.get(output) ?? 1) - 1;
        if (left > 0) {
          outputs.set(output, left);
          return;
        }
        outputs.delete(output);
        if (!closed) node?.disconnect(output);
      };
    };
    const one: PlayedTrack = {
      track,
      get counters() {
        return counters;
      },
      bind: (port) => {
        counters = null;
        if (node) node.port.postMessage(port, port ? [port] : []);
        else waiting = port;
      },
      hear: () => tap(this.#context.destination),
      analyse: (fftSize) => {
        const analyser = new AnalyserNode(this.#context, { fftSize });
        return { analyser, close: tap(analyser) };
      },
      close: () => {
        closed = true;
        node?.port.postMessage(undefined);
        node?.disconnect();
        track.stop();
      },
    };
    played.set(track, one);
    return one;
  }

  close(): void {
    this.#closed = true;
    this.#context.onstatechange = null;
    this.#context.close().catch(() => undefined);
  }

  #whenLoaded(then: () => void): void {
    this.#loaded.then(
      () => {
        if (!this.#closed) then();
      },
      // Only a build without its own files fails here; the call goes on without sound.
      () => undefined,
    );
  }

  #resume(): void {
    if (this.#context.state !== 'running' && !this.#closed) this.#context.resume().catch(() => undefined);
  }
}
