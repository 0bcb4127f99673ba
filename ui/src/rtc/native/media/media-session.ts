import { AudioReceiver } from './audio-receiver.ts';
import { AudioSender } from './audio-sender.ts';
import { type IncomingFrame } from './frames.ts';
import { MediaSocket } from './media-socket.ts';
import { VideoReceiver } from './video-receiver.ts';
import { VideoSender } from './video-sender.ts';
import type { FromWorker, ReceivedVideo, ToWorker } from './worker-messages.ts';

/**
 * Everything that one media engine of the page has in the worker: its socket, its senders by track, its receivers.
 * Tracks may be added before the socket is open; what they make until then is dropped.
 */
export class MediaSession {
  readonly #session: number;
  /** Takes the frame over. */
  readonly #show: (slot: number, frame: VideoFrame) => void;
  readonly #tell: (message: FromWorker) => void;
  readonly #senders = new Map<number, VideoSender | AudioSender>();
  readonly #videos = new Map<number, { receiver: VideoReceiver; slot: number }>();
  readonly #players = new Map<number, MessagePort>();
  readonly #audios = new Map<number, { receiver: AudioReceiver; player: number }>();
  #socket: MediaSocket | null = null;

  constructor(session: number, show: (slot: number, frame: VideoFrame) => void, tell: (message: FromWorker) => void) {
    this.#session = session;
    this.#show = show;
    this.#tell = tell;
  }

  open(url: string, token: string): void {
    this.#socket?.close();
    this.#socket = new MediaSocket(
      url,
      token,
      (frame) => {
        this.#receive(frame);
      },
      () => {
        this.#tell({ is: 'lost', session: this.#session });
      },
    );
  }

  addVideo({ track, media, content, enabled }: Extract<ToWorker, { do: 'add-video' }>): void {
    const sender = new VideoSender(track, media, { content, enabled }, () => this.#socket, (layers) => {
      this.#tell({ is: 'layers', session: this.#session, track, layers });
    });
    this.#senders.set(track, sender);
  }

  addAudio({ track, port, speech }: Extract<ToWorker, { do: 'add-audio' }>): void {
    this.#senders.set(track, new AudioSender(track, port, speech, () => this.#socket));
  }

  removeTrack(track: number): void {
    this.#senders.get(track)?.close();
    this.#senders.delete(track);
  }

  video(track: number): VideoSender | null {
    const sender = this.#senders.get(track);
    return sender instanceof VideoSender ? sender : null;
  }

  /** What comes for this receiver is shown in that slot of the pool. Null: nothing is, any more. */
  bindVideo(slot: number, receiver: number | null): void {
    for (const [id, video] of this.#videos) {
      if (video.slot !== slot || id === receiver) continue;
      video.receiver.close();
      this.#videos.delete(id);
    }
    if (receiver === null) return;
    const known = this.#videos.get(receiver);
    if (known?.slot === slot) return;
    known?.receiver.close();
    const video = new VideoReceiver(
      receiver,
      (frame) => {
        this.#socket?.send(frame);
      },
      (frame) => {
        this.#show(slot, frame);
      },
    );
    this.#videos.set(receiver, { receiver: video, slot });
  }

  addPlayer(player: number, port: MessagePort): void {
    this.#players.set(player, port);
  }

  bindAudio(receiver: number, player: number): void {
    const port = this.#players.get(player);
    if (port === undefined) return;
    for (const [id, audio] of this.#audios) if (id === receiver || audio.player === player) this.unbindAudio(id);
    this.#audios.set(receiver, { receiver: new AudioReceiver(receiver, port), player });
  }

  unbindAudio(receiver: number): void {
    this.#audios.get(receiver)?.receiver.close();
    this.#audios.delete(receiver);
  }

  stats(id: number): FromWorker {
    const video: [number, ReceivedVideo][] = [...this.#videos].map(([receiver, each]) => [receiver, each.receiver.stats]);
    return { is: 'stats', id, video, sent: [...this.#senders].map(([track, sender]) => [track, sender.stats]) };
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
    for (const sender of this.#senders.values()) sender.close();
    for (const { receiver } of this.#videos.values()) receiver.close();
    for (const { receiver } of this.#audios.values()) receiver.close();
    for (const port of this.#players.values()) port.close();
    this.#senders.clear();
    this.#videos.clear();
    this.#audios.clear();
    this.#players.clear();
  }

  #receive(frame: IncomingFrame): void {
    if (frame.kind === 'video') this.#videos.get(frame.receiver)?.receiver.frame(frame);
    else this.#audios.get(frame.receiver)?.receiver.frame(frame);
  }
}
