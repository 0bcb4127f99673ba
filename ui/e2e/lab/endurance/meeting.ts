import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

import { Bots } from '../bot.ts';
import type { LabBrowser } from '../browser.ts';
import { pairs } from '../flow.ts';
import type { Lab, Person } from '../lab.ts';
import { on, type Machine } from '../network.ts';
import { list, type ListLine, type NodeProcess } from '../node.ts';
import { playwrightDriver } from '../page-driver.ts';
import { byTestId, RoomDriver } from '../room-driver.ts';
import { until } from '../until.ts';
import { APPS, BOTS, GUEST, type Action } from './script.ts';
import { watchTimers } from './timers.ts';

/** The hands of an endurance run: real nodes and real browsers, each on a machine of its own, that do what a script says. */

export const TITLE = 'Endurance';
/** As small and slow as several people on two cores have to be. */
const CAPTURE = { width: 320, height: 180, framesPerSecond: 15 };
/** A host that dies is missed within 3 s; the rest is the start of the program that looks, on a busy machine. */
const TAKEN_OVER_MS = 20_000;
/** Seats of who was killed are kept for 30 s; their tiles go much earlier, when their links are dead. */
const TOGETHER_MS = 60_000;
/** An app that came in asks to be listed at once, and tries again after a second. */
const LISTED_MS = 15_000;
/** Pictures and sound that stand still for so long are stuck. */
const STUCK_MS = 10_000;
const ENDED_MS = 5_000;

/** What the browser itself writes when the program that served a page is gone; the page can neither prevent nor catch it. */
const SERVER_GONE = /^(WebSocket connection to 'wss?:.*' failed: |Failed to load resource: net::ERR_(CONNECTION_|NETWORK_CHANGED|INCOMPLETE_CHUNKED_ENCODING))/;

/** Somebody with an app, or the guest. Null: not running. */
export interface Participant {
  readonly name: string;
  readonly machine: Machine;
  configDir: string | undefined;
  node: NodeProcess<{ localUrl: string }> | null;
  browser: LabBrowser | null;
  person: Person | null;
  inside: boolean;
}

export class EnduranceMeeting {
  readonly #lab: Lab;
  readonly people: readonly Participant[];
  readonly #watcher: Machine;
  readonly #botMachine: Machine;
  bots: Bots | null = null;
  meetingId = '';
  host: string = APPS[0];
  /** What to fear of programs that are no more: their logs, and what their pages wrote to the console as errors. */
  readonly #nodes: { name: string; node: NodeProcess }[] = [];
  readonly #browsers: { name: string; browser: LabBrowser; orphaned: boolean }[] = [];
  readonly #botLogs: Bots[] = [];
  /** Their host went away. */
  readonly #stranded = new Set<Bots>();
  #lines = 0;

  constructor(lab: Lab) {
    this.#lab = lab;
    const participant = (name: string): Participant => ({ name, machine: lab.machine(name.toLowerCase()), configDir: undefined, node: null, browser: null, person: null, inside: false });
    this.people = [...APPS, GUEST].map(participant);
    this.#botMachine = lab.machine('bots');
    this.#watcher = lab.machine('watcher');
  }

  /** Everybody comes. */
  async begin(): Promise<void> {
    const [first, ...others] = APPS;
    const ana = await this.#open(first);
    const room = driver(ana);
    await room.shows('name-input');
    await room.page.fill(byTestId('name-input'), first);
    await room.host(TITLE);
    await room.ownId();
    this.#get(first).inside = true;
    this.meetingId = (await this.#look()).meetingId;
    for (const name of others) await this.#enter(name);
    await this.#enter(GUEST);
    await this.#botsCome();
  }

  /** What a script says. Resolves when it is done and seen to be done by who did it. */
  async perform(action: Action): Promise<void> {
    switch (action.do) {
      case 'switch':
        await driver(this.#person(action.who)).press(action.button, action.on);
        break;
      case 'say':
        await this.#say(action.who);
        break;
      case 'reload': {
        const { room } = this.#person(action.who);
        await room.page.reload();
        await driver(this.#person(action.who)).ownId();
        break;
      }
      case 'leave':
        await driver(this.#person(action.who)).leave();
        this.#get(action.who).inside = false;
        break;
      case 'return':
        await this.#return(action.who);
        break;
      case 'kill-page':
        this.#killPage(action.who);
        break;
      case 'kill':
        await this.#away(action.who, 'SIGKILL');
        break;
      case 'quit':
        await this.#away(action.who, 'SIGTERM');
        break;
      case 'restart':
        await this.#enter(action.who);
        break;
      case 'bots':
        await (action.now === 'come' ? this.#botsCome() : this.#botsGo(action.now === 'killed'));
    }
  }

  /** Everybody who should be there is connected to everybody, sees nobody else, and all pictures and sounds move on. */
  async together(): Promise<void> {
    if (this.bots !== null && this.bots.exitCode !== null) throw new Error(`bots ended by themselves: ${JSON.stringify([this.bots.left, this.bots.errors])}\n${this.bots.log}`);
    const pages = await Promise.all(this.#inside().map(async (person) => ({ id: await driver(person).ownId(), room: driver(person) })));
    const bots = this.bots?.ids ?? [];
    const expected = [...pages.map(({ id }) => id), ...bots].sort();
    for (const { room } of pages) {
      const shown = async (): Promise<string[]> => {
        const tiles = (await room.tiles()).filter(({ source }) => source === 'camera');
        return tiles.map(({ participantId, self, linkState }) => (self || linkState === 'connected' ? participantId : `${participantId} ${linkState}`)).sort();
      };
      await until(`${room.name} is connected to ${expected.join()}`, shown, (ids) => ids.join() === expected.join(), TOGETHER_MS);
    }
    const moving = async (what: string, progress: () => Promise<number> | number): Promise<void> => {
      const before = await progress();
      await until(`${what} moves on`, progress, (now) => now > Math.max(before, 0), STUCK_MS);
    };
    await Promise.all(
      pages.map(async ({ room, id }) => {
        for (const from of expected.filter((other) => other !== id)) {
          await moving(`${room.name}: the picture of ${from}`, async () => (await room.sees(from))?.framesDecoded ?? -1);
          await moving(`${room.name}: the sound of ${from}`, async () => (await room.hears(from)) ?? -1);
        }
        // A bot without time loses packets, and pictures wait for the next whole one; sound shows that the link lives.
        for (const bot of bots) await moving(`what ${bot} hears of ${room.name}`, () => this.bots?.received(bot, id).microphone?.packets ?? -1);
      }),
    );
  }

  /**
   * All apps that are there stand in the host's record, so the meeting outlives this host: nodes of members reach each other by it
   * alone, and over TCP there is nothing else between their machines. Who came in the last moment stands in none.
   */
  async allListed(): Promise<void> {
    const members = this.people.filter(({ name, node, inside }) => node !== null && inside && name !== this.host);
    for (const [one, other] of pairs(members)) {
      await until(`${one.name}'s node reaches ${other.name}'s`, () => connectedTo(one.machine, other.machine), (connected) => connected, LISTED_MS);
    }
  }

  /** Every page has a connection to each of the others, and no other that is not closed but the one that is made ahead. Gives how many it has. */
  async openLinks(name: string): Promise<number> {
    const { room } = this.#person(name);
    return room.page.evaluate(() => (window.labLinks ?? []).filter(({ signalingState, remoteDescription }) => signalingState !== 'closed' && remoteDescription !== null).length);
  }

  get others(): number {
    return this.#inside().length - 1 + (this.bots?.ids.length ?? 0);
  }

  /** The one meeting in the list, as somebody sees it who has just come to the network. */
  async #look(): Promise<ListLine> {
    const found = (await list(this.#watcher, 1)).map(({ meeting }) => meeting);
    const [meeting] = found;
    if (!meeting || found.some(({ fingerprint }) => fingerprint !== meeting.fingerprint)) throw new Error(`expected one meeting, found ${JSON.stringify(found)}`);
    return meeting;
  }

  /** Somebody else has the meeting: it is in the list, once, and who hosts it is another one. */
  async takenOver(before: string): Promise<string> {
    const looked = (): Promise<ListLine | string> => this.#look().catch(String);
    const isOther = (seen: ListLine | string): boolean => typeof seen !== 'string' && seen.meetingId === this.meetingId && seen.host !== before;
    const seen = await until('the meeting is at another host', looked, isOther, TAKEN_OVER_MS);
    this.host = typeof seen === 'string' ? '' : seen.host;
    this.#orphan(GUEST);
    if (this.bots !== null) this.#stranded.add(this.bots);
    return this.host;
  }

  /** What went wrong in any program so far; empty if nothing did. */
  complaints(): string[] {
    const worst = /\bERROR\b|panicked at/;
    const ofLog = (name: string, log: string): string[] =>
      stripVTControlCharacters(log).split('\n').filter((line) => worst.test(line)).map((line) => `${name}'s node: ${line}`);
    return [
      ...this.#nodes.flatMap(({ name, node }) => ofLog(name, node.log)),
      ...this.#botLogs.flatMap((bots) => [...ofLog(BOTS, bots.log), ...bots.errors.filter(({ code }) => !(code === 'lost' && this.#stranded.has(bots))).map(({ message }) => `${BOTS}: ${message}`)]),
      ...this.#browsers.flatMap(({ name, browser, orphaned }) => {
        const errors = browser.errors.filter((error) => !(orphaned && SERVER_GONE.test(error)));
        return errors.map((error) => `${name}'s page: ${error}`);
      }),
    ];
  }

  /** Everybody goes in order. Gives what is left over. */
  async end(): Promise<string[]> {
    const left: string[] = [];
    if (this.bots !== null) await this.#botsGo(false);
    for (const { name, node, browser } of this.people) {
      await browser?.close();
      const code = await node?.stop('SIGTERM');
      if (node !== null && code !== 0) left.push(`${name}'s node ended with ${String(code)}`);
    }
    for (const machine of [...this.people.map((one) => one.machine), this.#botMachine, this.#watcher]) {
      const running = (): string[] => execFileSync('ip', ['netns', 'pids', machine.namespace], { encoding: 'utf8' }).split('\n').filter(Boolean);
      await until('processes end', running, (pids) => pids.length === 0, ENDED_MS).catch((error: unknown) => left.push(`${machine.name}: ${String(error)}`));
    }
    return left;
  }

  #inside(): Person[] {
    return this.people.flatMap(({ person, inside }) => (person && inside ? [person] : []));
  }

  #get(name: string): Participant {
    const found = this.people.find((one) => one.name === name);
    if (!found) throw new Error(`nobody is called ${name}`);
    return found;
  }

  #person(name: string): Person {
    const { person } = this.#get(name);
    if (!person) throw new Error(`${name} has no page`);
    return person;
  }

  /** Starts what does not run, up to the home screen. The guest goes to the host's link. */
  async #open(name: string): Promise<Person> {
    const one = this.#get(name);
    if (name !== GUEST && one.node === null) {
      one.node = await this.#lab.ui(one.machine, one.configDir);
      one.configDir = one.node.configDir;
      this.#nodes.push({ name, node: one.node });
    }
    const url = one.node === null ? await this.#guestLink() : one.node.line.localUrl;
    const options = { capture: CAPTURE, before: watchTimers };
    one.person = await this.#lab.visitor(name, one.machine, url, options);
    one.browser = one.person.browser;
    this.#browsers.push({ name, browser: one.browser, orphaned: false });
    return one.person;
  }

  async #enter(name: string): Promise<void> {
    const person = await this.#open(name);
    if (name !== GUEST) await driver(person).chooseFromList(this.meetingId);
    await driver(person).join(name);
    this.#get(name).inside = true;
  }

  async #return(name: string): Promise<void> {
    const one = this.#get(name);
    const person = this.#person(name);
    if (name === GUEST) {
      const link = await this.#guestLink();
      if (new URL(person.room.page.url()).host !== new URL(link).host) {
        // The host by whom it came is gone.
        await person.room.page.goto(link);
        await driver(person).join(name);
        one.inside = true;
        return;
      }
    }
    await driver(person).rejoin();
    one.inside = true;
  }

  async #guestLink(): Promise<string> {
    // Who has just come to the network may hear of one kind of address before the other.
    const inLinks = ({ addresses }: ListLine): string | undefined => addresses.find((address) => !address.includes(':'));
    const meeting = await until('an address for links', () => this.#look(), (seen) => inLinks(seen) !== undefined, LISTED_MS);
    return `https://${inLinks(meeting) ?? ''}:${String(meeting.port)}/#m=${meeting.meetingId}&fp=${meeting.fingerprint}`;
  }

  async #say(name: string): Promise<void> {
    this.#lines += 1;
    const text = `line ${String(this.#lines)}`;
    const { room } = this.#person(name);
    await room.say(text);
    const said = (): Promise<string[]> => room.get('chat-message').allInnerTexts();
    await until(`${name} sees what it said`, said, (lines) => lines.some((line) => line.includes(text)), STUCK_MS);
    await room.get('chat-button').click();
  }

  /** From now on the page of this name speaks to nobody. */
  #orphan(name: string): void {
    const latest = this.#browsers.findLast((one) => one.name === name);
    if (latest) latest.orphaned = true;
  }

  #killPage(name: string): void {
    const one = this.#get(name);
    one.browser?.kill();
    one.browser = null;
    one.person = null;
    one.inside = false;
  }

  async #away(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const one = this.#get(name);
    if (signal === 'SIGKILL') this.#killPage(name);
    else this.#orphan(name);
    const code = await one.node?.stop(signal);
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`${name}'s node ended with ${String(code)}`);
    await one.browser?.close();
    Object.assign(one, { node: null, browser: null, person: null, inside: false });
  }

  async #botsCome(): Promise<void> {
    if (this.bots !== null) await this.#botsGo(true);
    this.bots = await Bots.join(this.#botMachine, await this.#guestLink(), { name: BOTS });
    const { bots } = this;
    this.#botLogs.push(bots);
    const describe = (): string => `== bots ${String(bots.pid)}: ${JSON.stringify([bots.left, bots.errors, bots.exitCode, [...bots.stats.values()]])}\n${bots.log}`;
    this.#lab.keep({ describe, close: () => bots.stop().then(() => undefined) });
  }

  async #botsGo(killed: boolean): Promise<void> {
    const { bots } = this;
    this.bots = null;
    if (!bots) return;
    if (killed) {
      bots.kill();
      await bots.ended();
    } else if ((await bots.stop()) !== 0) throw new Error(`bots ended badly\n${bots.log}`);
  }
}

export function driver({ name, room }: Person): RoomDriver {
  return new RoomDriver(name, playwrightDriver(room.page));
}

/** Whether a program on one machine has a TCP connection with one on another. */
function connectedTo(one: Machine, other: Machine): boolean {
  const [program, args] = on(one, 'ss', ['-H', '-t', '-n', 'state', 'established']);
  // As `10.77.1.3:4717`, or `[::ffff:10.77.1.3]:4717`.
  const connections = execFileSync(program, args, { encoding: 'utf8' });
  return connections.includes(`${other.address}:`) || connections.includes(`${other.address}]:`);
}

/** Namespaces of this process that are still there. */
export function namespacesLeft(): string[] {
  return readdirSync('/run/netns').filter((name) => name.startsWith(`ll-${String(process.pid)}-`));
}

