import { linksMade, shown, traffic, type Inbound, type SignalingChange, type Traffic } from './links.ts';
import type { PageDriver } from './page-driver.ts';
import { until } from './until.ts';

/**
 * Landline's page in any of the three programs, by its `data-testid`s alone. Where a spec needs only Chromium, RoomPage gives
 * more.
 */

/** What the page tells of a tile. */
export interface TileSeen {
  participantId: string;
  self: boolean;
  source: 'camera' | 'screen';
  linkState: string;
  text: string;
}

export type Source = 'camera' | 'screen';

/** The window or a browser draws in software, on two cores that others use too. */
const SHOWN_MS = 15_000;

export const byTestId = (testId: string): string => `[data-testid="${testId}"]`;

export class RoomDriver {
  readonly name: string;
  readonly page: PageDriver;

  constructor(name: string, page: PageDriver) {
    this.name = name;
    this.page = page;
  }

  count(testId: string): Promise<number> {
    return this.page.evaluate((css) => document.querySelectorAll(css).length, byTestId(testId));
  }

  async shows(testId: string, shown = true): Promise<void> {
    const what = `${this.name}: ${testId} is ${shown ? 'there' : 'gone'}`;
    await until(what, () => this.count(testId), (count) => count > 0 === shown, SHOWN_MS);
  }

  attribute(css: string, name: string): Promise<string | null> {
    return this.page.evaluate(
      ([selector, attribute]) => document.querySelector(selector)?.getAttribute(attribute) ?? null,
      [css, name] as const,
    );
  }

  /** Clicks what has this test id, once it can be clicked. */
  async click(testId: string): Promise<void> {
    await this.#clickCss(byTestId(testId));
  }

  // Home and preview.

  async host(title: string): Promise<void> {
    await this.shows('host-button');
    await this.page.fill(byTestId('title-input'), title);
    await this.click('host-button');
    await this.shows('leave-button');
  }

  async chooseFromList(meetingId: string): Promise<void> {
    const row = `${byTestId('meeting-item')}[data-meeting-id="${meetingId}"]`;
    await this.#clickCss(row);
  }

  async chooseByAddress(address: string): Promise<void> {
    await this.shows('address-input');
    await this.page.fill(byTestId('address-input'), address);
    await this.click('address-join-button');
  }

  /** From the preview into the room. */
  async join(name = this.name): Promise<void> {
    await this.shows('join-button');
    if ((await this.count('name-input')) > 0) await this.page.fill(byTestId('name-input'), name);
    await this.click('join-button');
    await this.shows('leave-button');
    await this.ownId();
  }

  // Room.

  tiles(): Promise<TileSeen[]> {
    return this.page.evaluate(
      (css) =>
        Array.from(document.querySelectorAll<HTMLElement>(css), (tile) => ({
          participantId: tile.dataset['participantId'] ?? '',
          self: tile.dataset['self'] === 'true',
          source: tile.dataset['source'] === 'screen' ? ('screen' as const) : ('camera' as const),
          linkState: tile.dataset['linkState'] ?? '',
          text: tile.innerText,
        })),
      byTestId('tile'),
    );
  }

  async ownId(): Promise<string> {
    const own = ({ self, source, participantId }: TileSeen): boolean => self && source === 'camera' && participantId !== '';
    const tiles = await until(`${this.name} has a seat`, () => this.tiles(), (seen) => seen.some(own), SHOWN_MS);
    return tiles.find(own)?.participantId ?? '';
  }

  async expectCount(count: number): Promise<void> {
    await until(
      `${this.name} sees so many people`,
      () => this.attribute(byTestId('participant-count'), 'data-count'),
      (shown) => shown === String(count),
      SHOWN_MS,
    );
  }

  /** Waits until the tile of a participant is there and its link carries. */
  async expectConnectedTo(participantId: string, timeoutMs = SHOWN_MS): Promise<void> {
    await until(
      `${this.name} is connected to ${participantId}`,
      async () => (await this.tiles()).find((tile) => tile.participantId === participantId)?.linkState ?? 'no tile',
      (state) => state === 'connected',
      timeoutMs,
    );
  }

  async expectGone(participantId: string, timeoutMs: number): Promise<void> {
    await until(
      `${this.name} sees ${participantId} no more`,
      async () => (await this.tiles()).filter((tile) => tile.participantId === participantId).length,
      (count) => count === 0,
      timeoutMs,
    );
  }

  traffic(participantId: string, source: Source = 'camera'): Promise<Traffic | null> {
    return traffic(this.page, participantId, source);
  }

  /** The pictures that a tile shows. */
  async sees(participantId: string, source: Source = 'camera'): Promise<Inbound | null> {
    return shown(await this.traffic(participantId, source), 'video');
  }

  /** The energy of all sound that came from a participant so far; null without a link. */
  async hears(participantId: string): Promise<number | null> {
    const link = await this.traffic(participantId);
    return link && link.inbound.filter(({ kind }) => kind === 'audio').reduce((sum, { energy }) => sum + energy, 0);
  }

  linksMade(): Promise<number> {
    return linksMade(this.page);
  }

  /** What happened to the signaling states of all connections so far. */
  signaling(): Promise<SignalingChange[]> {
    return this.page.evaluate(() => window.labSignaling ?? []);
  }

  /**
   * The newest open connection to somebody says that it is disconnected, so that the page mends it as if it were; at that moment of
   * Date.now(), or at once.
   */
  async feignLoss(at = 0): Promise<void> {
    await this.page.evaluate((when) => {
      const link = window.labLinks?.findLast(({ signalingState, remoteDescription }) => signalingState !== 'closed' && remoteDescription !== null);
      if (!link) throw new Error('no link');
      setTimeout(() => {
        Object.defineProperty(link, 'connectionState', { configurable: true, value: 'disconnected' });
        link.dispatchEvent(new Event('connectionstatechange'));
      }, Math.max(0, when - Date.now()));
    }, at);
  }

  /** Ends what {@link feignLoss} began. */
  async feignNothing(): Promise<void> {
    await this.page.evaluate(() => {
      for (const link of window.labLinks ?? []) {
        if (!Object.hasOwn(link, 'connectionState')) continue;
        Reflect.deleteProperty(link, 'connectionState');
        link.dispatchEvent(new Event('connectionstatechange'));
      }
    });
  }

  /** The user name fragment that the newest open connection to somebody answers to: another one after an ICE restart (RFC 8445 §9). */
  iceFragment(): Promise<string> {
    return this.page.evaluate(() => {
      const link = window.labLinks?.findLast(({ signalingState, remoteDescription }) => signalingState !== 'closed' && remoteDescription !== null);
      return /^a=ice-ufrag:(\S+)/m.exec(link?.localDescription?.sdp ?? '')?.[1] ?? '';
    });
  }

  /** Presses a button that is a switch, unless it stands as wanted. */
  async press(button: 'mic-button' | 'camera-button' | 'share-button', pressed: boolean): Promise<void> {
    const wanted = String(pressed);
    const state = (): Promise<string | null> => this.attribute(byTestId(button), 'aria-pressed');
    if ((await state()) !== wanted) await this.click(button);
    await until(`${this.name}: ${button} is ${wanted}`, state, (now) => now === wanted, SHOWN_MS);
  }

  /** From the end of the meeting into it again, as somebody new. */
  async rejoin(): Promise<void> {
    await this.click('rejoin-button');
    await this.join();
  }

  async leave(): Promise<void> {
    await this.click('leave-button');
    await this.shows('leave-button', false);
  }

  async #clickCss(css: string): Promise<void> {
    await until(
      `${this.name} can click ${css}`,
      () =>
        this.page.evaluate((selector) => {
          const found = document.querySelector<HTMLElement>(selector);
          return found !== null && !found.matches(':disabled') && found.getBoundingClientRect().height > 0;
        }, css),
      (ready) => ready,
      SHOWN_MS,
    );
    await this.page.click(css);
  }
}
