import fc from 'fast-check';
import { expect, test } from 'vitest';

import { ModelRoom } from './model-room.ts';
import type { SeatEffect } from './seat-core.ts';
import { SeatCore } from './seat-core.ts';

/**
 * A seat and a room, joined by two pipes that a person with a pair of scissors cuts whenever they like. Whatever is in the
 * pipes then is lost, on either side of what was read.
 */
class Wire {
  readonly room = new ModelRoom('r');
  readonly core = new SeatCore({
    meetingId: 'r',
    name: 'Ada',
    kind: 'app',
    media: { microphone: true, camera: true, screen: false },
    stored: null,
  });
  /** What the member was handed, with the life of the seat in which it was. */
  readonly delivered: { life: number; id: string }[] = [];
  #up: string[] = [];
  #down: string[] = [];
  #open = false;
  #life = 0;

  connect(): void {
    if (this.#open) return;
    this.#open = true;
    this.#carryOut(this.core.connected());
  }

  cut(): void {
    this.#open = false;
    this.#up = [];
    this.#down = [];
    this.core.disconnected();
    this.room.disconnected();
  }

  /** Carries up to `count` frames each way. */
  flow(count: number): void {
    for (let at = 0; at < count && this.#open; at += 1) {
      const up = this.#up.shift();
      if (up !== undefined) this.#down.push(...this.room.receive(up));
      const down = this.#down.shift();
      if (down !== undefined) this.#carryOut(this.core.receive(down));
    }
  }

  settle(): void {
    this.connect();
    while (this.#up.length + this.#down.length > 0) this.flow(1);
    this.#carryOut(this.core.acknowledge());
    this.flow(1);
  }

  acknowledge(): void {
    this.#carryOut(this.core.acknowledge());
  }

  sendChat(id: string): void {
    this.#carryOut(this.core.send({ action: 'chat', id, text: 'hello' }));
  }

  sendSignal(): void {
    this.#carryOut(this.core.send({ action: 'signal', type: 'offer', to: 'peer', data: 1 }));
  }

  roomSays(id: string): void {
    this.#down.push(...this.room.say(id));
  }

  #carryOut(effects: SeatEffect[]): void {
    for (const effect of effects) {
      switch (effect.do) {
        case 'send':
          if (this.#open) this.#up.push(effect.frame);
          break;
        case 'joined':
          if (effect.joined.outcome !== 'resumed') this.#life = this.room.life;
          break;
        case 'waiting':
          break;
        case 'deliver':
          if (effect.message.action === 'signal') {
            this.delivered.push({ life: this.#life, id: String(effect.message.data) });
          }
          break;
        case 'reconnect':
        case 'end':
          throw new Error(`unexpected ${effect.do}`);
        case 'note':
          break;
      }
    }
  }
}

type Step = 'chat' | 'signal' | 'say' | 'cut' | 'connect' | 'flow' | 'restart' | 'ack';

function run(steps: readonly [Step, number][]): { wire: Wire; chats: string[]; said: { life: number; id: string }[] } {
  const wire = new Wire();
  const chats: string[] = [];
  const said: { life: number; id: string }[] = [];
  wire.settle();
  steps.forEach(([step, count], at) => {
    switch (step) {
      case 'chat':
        chats.push(`chat-${at}`);
        wire.sendChat(`chat-${at}`);
        break;
      case 'signal':
        wire.sendSignal();
        break;
      case 'say':
        said.push({ life: wire.room.life, id: `said-${at}` });
        wire.roomSays(`said-${at}`);
        break;
      case 'cut':
        wire.cut();
        break;
      case 'connect':
        wire.connect();
        break;
      case 'flow':
        wire.flow(count);
        break;
      case 'restart':
        wire.cut();
        wire.room.restart();
        break;
      case 'ack':
        wire.acknowledge();
        break;
    }
  });
  wire.settle();
  return { wire, chats, said };
}

const steps = (...names: Step[]): fc.Arbitrary<[Step, number][]> =>
  fc.array(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: 8 })), { maxLength: 120 });

test('however often the connection breaks, nothing is missed, doubled or out of order, either way', () => {
  fc.assert(
    fc.property(steps('chat', 'signal', 'say', 'cut', 'connect', 'connect', 'flow', 'flow', 'ack'), (script) => {
      const { wire, chats, said } = run(script);
      expect(wire.delivered).toEqual(said);
      expect(wire.room.done).toEqual(chats);
      expect(wire.room.actions.length).toBe(script.filter(([step]) => step === 'chat' || step === 'signal').length);
      expect(wire.room.gap).toBe(false);
      expect(wire.room.life).toBe(1);
      // Everything was acknowledged in the end, so neither side keeps anything for ever.
      expect(wire.room.kept).toBe(0);
    }),
    { numRuns: 400 },
  );
});

test('over restarts of the host no chat is lost or doubled, and nothing of an old life is handed over later', () => {
  fc.assert(
    fc.property(steps('chat', 'signal', 'say', 'cut', 'connect', 'connect', 'flow', 'restart'), (script) => {
      const { wire, chats, said } = run(script);
      // A restarted room has forgotten lines that it had acknowledged, not lines that were under way.
      expect(new Set(wire.room.done)).toEqual(new Set(chats));
      expect(wire.room.done).toEqual(chats);
      expect(wire.room.gap).toBe(false);
      const ids = wire.delivered.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const each of wire.delivered) expect(said).toContainEqual(each);
      // What reached the member in one life is the beginning of what was said in it.
      for (let life = 1; life <= wire.room.life; life += 1) {
        const heard = wire.delivered.filter((each) => each.life === life);
        expect(heard).toEqual(said.filter((each) => each.life === life).slice(0, heard.length));
      }
    }),
    { numRuns: 400 },
  );
});
