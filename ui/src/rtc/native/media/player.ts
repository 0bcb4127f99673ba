import type { Analysis } from '../../../shared/players.ts';
import type { PlayoutCounters } from './playout/playout.ts';
import type { ToldCounters } from './worker-messages.ts';

/**
 * One playout worklet, and the way into it for the media worker. It plays one remote track after another: free →
 * playing a track (of one receiver, or of none yet) → free. WebKitGTK keeps some 230 KiB of each that has played, for as long
 * as the context lives, so there are no more of them than people who were there at once.
 */
export class Player {
  readonly id: number;
  readonly #context: AudioContext;
  readonly #destination: MediaStreamAudioDestinationNode;
  #node: AudioWorkletNode | null = null;
  /** Waits for the worklet's module. */
  #port: MessagePort | null;
  #receiver: number | null = null;
  #ended = false;
  #counters: PlayoutCounters | null = null;
  #analyser: AnalyserNode | null = null;
  /** What hears it, and how often each. */
  readonly #outputs = new Map<AudioNode, number>();

  /** @param port decoded packets come from there */
  constructor(id: number, context: AudioContext, loaded: Promise<void>, port: MessagePort) {
    this.id = id;
    this.#context = context;
    this.#port = port;
    this.#destination = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    loaded.then(
      () => {
        if (!this.#ended) this.#begin();
      },
      // Only a build without its own files fails here; the call goes on without sound.
      () => undefined,
    );
  }

  /** A track of its sound, to be stopped when the player is free again. */
  makeTrack(): MediaStreamTrack {
    const [track] = this.#destination.stream.getAudioTracks();
    if (track === undefined) throw new DOMException('an audio destination without a track', 'OperationError');
    return track.clone();
  }

  /** Whose packets it plays. Null: nobody's, and it costs nothing. */
  set receiver(receiver: number | null) {
    if (receiver === this.#receiver) return;
    const before = this.#receiver;
    this.#receiver = receiver;
    this.#counters = null;
    if (this.#node === null) return;
    if (before === null) this.#connect(this.#node);
    else if (receiver === null) this.#node.disconnect();
  }

  /** Null before the first sound of this receiver. */
  get counters(): PlayoutCounters | null {
    return this.#counters;
  }

  /** Makes it heard until the returned function is called. */
  hear(): () => void {
    return this.#tap(this.#context.destination);
  }

  analyse(fftSize: number): Analysis {
    // One for all: each keeps 128 KiB of samples, for as long as the context lives.
    this.#analyser ??= new AnalyserNode(this.#context);
    this.#analyser.fftSize = fftSize;
    return { analyser: this.#analyser, close: this.#tap(this.#analyser) };
  }

  /** For good; its context is closed next. */
  end(): void {
    this.#ended = true;
    this.#node?.port.postMessage(null);
    this.#node?.disconnect();
    this.#node = null;
  }

  #begin(): void {
    const node = new AudioWorkletNode(this.#context, 'landline-playout', { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [1] });
    this.#node = node;
    node.port.onmessage = ({ data }: MessageEvent<ToldCounters>) => {
      // What the one before had heard may still be on its way.
      if (data.receiver === this.#receiver) this.#counters = data.counters;
    };
    if (this.#port !== null) node.port.postMessage(this.#port, [this.#port]);
    this.#port = null;
    if (this.#receiver !== null) this.#connect(node);
  }

  #connect(node: AudioWorkletNode): void {
    node.connect(this.#destination);
    for (const output of this.#outputs.keys()) node.connect(output);
  }

  #tap(output: AudioNode): () => void {
    const before = this.#outputs.get(output) ?? 0;
    this.#outputs.set(output, before + 1);
    if (before === 0 && this.#receiver !== null) this.#node?.connect(output);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const left = (this.#outputs.get(output) ?? 1) - 1;
      if (left > 0) {
        this.#outputs.set(output, left);
        return;
      }
      this.#outputs.delete(output);
      if (this.#receiver !== null) this.#node?.disconnect(output);
    };
  }
}
