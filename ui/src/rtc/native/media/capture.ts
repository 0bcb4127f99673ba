import captureUrl from './capture-worklet.ts?worker&url';
import { listenTo, type LocalSound } from './local-sound.ts';

/** Blocks of a local track go to the port until the track ends, or the returned function ends it. The track stays the caller's. */
export function capture(track: MediaStreamTrack, port: MessagePort): () => void {
  let sound: LocalSound;
  try {
    sound = listenTo(track);
  } catch {
    // It has ended: there is nothing to hear.
    return () => undefined;
  }
  const { context, source, onend } = sound;
  let node: AudioWorkletNode | null = null;
  let ended = false;
  const end = (): void => {
    ended = true;
    onend.delete(end);
    if (node === null) return;
    node.port.postMessage(undefined);
    source.disconnect(node);
    node.disconnect();
    node = null;
  };
  onend.add(end);
  context.audioWorklet.addModule(captureUrl).then(
    () => {
      if (ended) return;
      node = new AudioWorkletNode(context, 'landline-capture', { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [1] });
      node.port.postMessage(port, [port]);
      source.connect(node);
      // Its output is silence; only what leads to a destination is run.
      node.connect(context.destination);
    },
    // Only a build without its own files fails here, or a context that was closed meanwhile; the call goes on without sound.
    () => undefined,
  );
  return end;
}
