import captureUrl from './capture-worklet.ts?worker&url';
import playoutUrl from './playout-worklet.ts?worker&url';
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
    let listeners = 0;
    let closed = false;
    this.#whenLoaded(() => {
      if (closed) return;
      node = new AudioWorkletNode(this.#context, 'landline-playout', { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [1] });
      node.port.onmessage = ({ data }: MessageEvent<PlayoutCounters>) => {
        counters = data;
      };
      node.connect(destination);
      if (listeners > 0) node.connect(this.#context.destination);
      if (waiting) node.port.postMessage(waiting, [waiting]);
      waiting = null;
    });
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
      hear: () => {
        listeners += 1;
        if (listeners === 1) node?.connect(this.#context.destination);
        let ended = false;
        return () => {
          if (ended) return;
          ended = true;
          listeners -= 1;
          if (listeners === 0 && !closed) node?.disconnect(this.#context.destination);
        };
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
