/**
 * What a page shows and how it came to be, seen from outside and alike in every page: connections are written down before the page runs,
 * every remote tile is followed as the browser presents its pictures, and the steps of a join get their time. Nothing of the page is asked.
 */

declare global {
  interface Window {
    benchLinks?: RTCPeerConnection[];
    benchTiles?: Map<string, BenchTile>;
    /** Pixels that were encoded so far, by stream. */
    benchPixels?: Map<number, { frames: number; pixels: number; width: number; height: number }>;
    benchMarks?: Mark[];
    /** Counts anew from now on. */
    benchStart?: () => void;
  }
}

/** A remote tile. Times are of `performance.now()`. */
export interface BenchTile {
  /** Pictures that were presented, all in all. */
  presented: number;
  last: number;
  /** The longest time between two pictures since the start, and how often it was more than half a second. */
  longest: number;
  stops: number;
  /** Of the smallest picture since the start. 0: there was none. */
  width: number;
  height: number;
  /** Lines of the last one. */
  nowHeight: number;
}

/** A step of a join, in milliseconds since 1970. */
export interface Mark {
  step: string;
  at: number;
}

/** How the pages of one side show people. */
export interface Look {
  /** Every remote tile; it is a video or holds one. */
  tiles: string;
  /** What is clicked to join. */
  join: string;
}

/** Runs in the page, before it. */
export function watchPage(look: Look): void {
  if (window.benchLinks !== undefined) return;
  const links: RTCPeerConnection[] = [];
  const tiles = new Map<string, BenchTile>();
  const pixels: NonNullable<typeof window.benchPixels> = new Map();
  const marks: Mark[] = [];
  Object.assign(window, { benchLinks: links, benchTiles: tiles, benchPixels: pixels, benchMarks: marks });
  /** More than a meeting of sixteen makes; a page that stays for hours does not fill its memory. */
  const MOST_MARKS = 5_000;
  /** A person sees that a picture stands. */
  const STOP_MS = 500;
  /** What a message that a page sends is; inside another message its quotes are escaped. */
  const SAID = [
    ['asked to join', /"action\\?":\\?"join\\?"|join-room/],
    ['offer sent', /"offer\\?"/i],
    ['answer sent', /"answer\\?"/i],
  ] as const;
  const mark = (step: string, now = performance.now()): void => {
    if (marks.length < MOST_MARKS) marks.push({ step, at: performance.timeOrigin + now });
  };

  /** The steps of the first picture of a tile. That it was shown is said last: whoever waits for it finds the others. */
  const first = async (frame: VideoFrameCallbackMetadata, now: number): Promise<void> => {
    const { receiveTime, processingDuration } = frame;
    if (receiveTime !== undefined) {
      const reports = await Promise.all(links.map((link) => link.getStats()));
      const streams = reports.flatMap((report) => [...(report.values() as Iterable<Record<string, unknown>>)]);
      // From the first packet of a picture to its last. That of the first picture, a key frame, is nearly all of it.
      const assembly = streams.map((stream) => (stream['type'] === 'inbound-rtp' && stream['kind'] === 'video' ? Number(stream['totalAssemblyTime'] ?? 0) : 0));
      mark('first packet', receiveTime - Math.max(0, ...assembly) * 1_000);
      mark('received', receiveTime);
      if (processingDuration !== undefined) mark('decoded', receiveTime + processingDuration * 1_000);
    }
    mark('presented', now);
  };

  const followed = new WeakSet<HTMLVideoElement>();
  const follow = (video: HTMLVideoElement, key: string): void => {
    followed.add(video);
    let before = 0;
    const next = (_: number, frame: VideoFrameCallbackMetadata): void => {
      const pictures = Math.max(1, frame.presentedFrames - before);
      before = frame.presentedFrames;
      const tile = tiles.get(key) ?? { presented: 0, last: frame.presentationTime, longest: 0, stops: 0, width: 0, height: 0, nowHeight: 0 };
      if (!tiles.has(key)) {
        tiles.set(key, tile);
        void first(frame, performance.now());
      }
      // A busy page hears of several pictures at once.
      const gap = (frame.presentationTime - tile.last) / pictures;
      tile.longest = Math.max(tile.longest, gap);
      if (gap > STOP_MS) tile.stops += 1;
      tile.presented += pictures;
      tile.last = frame.presentationTime;
      tile.nowHeight = frame.height;
      if (tile.height === 0 || frame.height < tile.height) Object.assign(tile, { width: frame.width, height: frame.height });
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  };
  const lookForTiles = (): void => {
    for (const tile of document.querySelectorAll(look.tiles)) {
      const video = tile instanceof HTMLVideoElement ? tile : tile.querySelector('video');
      if (video && !followed.has(video)) follow(video, tile.getAttribute('data-participant-id') ?? tile.id);
    }
  };
  // An observer that is there first sees a new tile before it can show anything.
  new MutationObserver(lookForTiles).observe(document, { childList: true, subtree: true });
  document.addEventListener(
    'click',
    ({ target, timeStamp }) => {
      if (target instanceof Element && target.closest(look.join)) mark('clicked', timeStamp);
    },
    true,
  );

  window.benchStart = () => {
    for (const tile of tiles.values()) Object.assign(tile, { last: performance.now(), longest: 0, stops: 0, width: 0, height: 0 });
  };

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      links.push(this);
      mark('link made');
      this.addEventListener('iceconnectionstatechange', () => {
        mark(`ICE ${this.iceConnectionState}`);
      });
      this.addEventListener('icecandidate', () => {
        mark('own address');
      });
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState === 'connected') mark('DTLS connected');
      });
    }

    override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      mark('other address');
      await super.addIceCandidate(candidate ?? undefined);
    }

    override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      mark(`remote ${description.type}`);
      await super.setRemoteDescription(description);
      mark(`remote ${description.type} set`);
    }

    override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
      await super.setLocalDescription(description);
      mark(`local ${this.localDescription?.type ?? 'none'} set`);
    }
  };

  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      mark('socket made');
      this.addEventListener('open', () => {
        mark('socket open');
      });
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string') return;
        // The word of each side for having a seat, and for hearing of a newcomer.
        if (/joined\\?"[,:]/.test(data) && !data.includes('peer-joined')) mark('joined');
        if (data.includes('"members"')) mark('joined');
        if (data.includes('peer-joined') || data.includes('user-connected')) mark('newcomer told');
      });
    }

    override send(data: string | BufferSource | Blob): void {
      super.send(data);
      if (typeof data !== 'string') return;
      for (const [what, word] of SAID) if (word.test(data)) mark(what);
    }
  };
}
