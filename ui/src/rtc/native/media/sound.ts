import playoutUrl from './playout-worklet.ts?worker&url';
import { closeContext, openContext } from './audio-context.ts';
import { Player } from './player.ts';

/**
 * The audio context in which remote tracks are played, each by a player of its own. Tracks exist at once; the worklets
 * follow when their module is loaded. Who listens hears the worklet itself: the way through the track and a player of the
 * webview would add its buffers.
 */

export interface PlayedTrack {
  readonly track: MediaStreamTrack;
  readonly player: Player;
  /** Ends the track. */
  close(): void;
}

const players = new WeakMap<MediaStreamTrack, Player>();
/** Never used twice in a page. */
let lastPlayer = 0;

/** Who plays this track; null: it is not one of ours, or has ended. */
export function playerOf(track: MediaStreamTrack): Player | null {
  return players.get(track) ?? null;
}

export class Sound {
  readonly #context = openContext();
  readonly #loaded: Promise<void>;
  /** Told of each new player, and of the port into which its packets go. */
  readonly #onplayer: (player: number, port: MessagePort) => void;
  readonly #players = new Set<Player>();
  readonly #free: Player[] = [];

  constructor(onplayer: (player: number, port: MessagePort) => void) {
    this.#onplayer = onplayer;
    this.#loaded = this.#context.audioWorklet.addModule(playoutUrl);
  }

  play(): PlayedTrack {
    const player = this.#free.pop() ?? this.#makePlayer();
    const track = player.makeTrack();
    players.set(track, player);
    return {
      track,
      player,
      close: () => {
        if (!players.delete(track)) return;
        track.stop();
        player.receiver = null;
        this.#free.push(player);
      },
    };
  }

  close(): void {
    for (const player of this.#players) player.end();
    closeContext(this.#context);
  }

  #makePlayer(): Player {
    lastPlayer += 1;
    const { port1, port2 } = new MessageChannel();
    this.#onplayer(lastPlayer, port2);
    const player = new Player(lastPlayer, this.#context, this.#loaded, port1);
    this.#players.add(player);
    return player;
  }
}
