import { expect, it } from 'vitest';
import { newRounds } from './machine.ts';
import type { Message } from './message.ts';
import { codeOf, newPerson, put, sees, shown, statusOf, tick, type Person } from './scripted-people.ts';

/*
 * Whole meetings. With an honest server that loses messages everybody ends with the same code; with one in between that swaps
 * keys or certificates nobody of one half ever sees the code of the other half. The crate `trust` claims the same in larger
 * number.
 */

const STEP_MS = 100;

interface Letter {
  at: number;
  to: Person;
  from: string;
  message: Message;
}

/** Chance that a seed repeats (mulberry32). */
function diceOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Lets one step pass for all; what is said goes through `relay`, which says what arrives where and when. */
async function pass(people: Person[], post: Letter[], now: number, relay: (from: Person, message: Message) => Letter[]): Promise<void> {
  const due = post.filter(({ at }) => at <= now);
  post.splice(0, post.length, ...post.filter(({ at }) => at > now));
  for (const { to, from, message } of due) {
    for (const said of await put(to, now, { is: 'message', from, message })) post.push(...relay(to, said));
  }
  for (const person of people) for (const said of await tick(person, now)) post.push(...relay(person, said));
}

it.each([1, 2, 3, 4, 5, 6])('with an honest but lossy server all end with the same code (%i)', async (seed) => {
  const roll = diceOf(seed);
  const people = await Promise.all(['a', 'b', 'c', 'd'].slice(0, 2 + (seed % 3)).map(newPerson));
  const post: Letter[] = [];
  let now = 0;
  const relay = (from: Person, message: Message): Letter[] =>
    people.flatMap((to) => (to === from || roll(100) < 30 ? [] : { at: now + roll(900), to, from: from.id, message }));
  const tell = async (): Promise<void> => {
    for (const person of people) {
      const others = people.filter((other) => other !== person).map(shown);
      for (const said of await sees(person, now, others)) post.push(...relay(person, said));
    }
  };
  await tell();
  for (; now < 15_000; now += STEP_MS) {
    await pass(people, post, now, relay);
    const who = people[roll(people.length)];
    if (who === undefined || roll(100) >= 5) continue;
    // A page is loaded anew, with the certificate it had or another.
    who.state = newRounds(who.state.meetingId);
    if (roll(2) === 0) who.fingerprint = (await newPerson('x')).fingerprint;
    await tell();
  }
  for (; now < 60_000; now += STEP_MS) await pass(people, post, now, relay);
  const codes = people.map((person) => codeOf(person, now));
  expect(codes[0]).not.toBeNull();
  expect(new Set(codes).size).toBe(1);
  for (const person of people) expect(statusOf(person, now)).toMatchObject({ current: true });
  expect(post).toEqual([]);
});

it.each(Array.from({ length: 20 }, (_, seed) => seed))('somebody in between gets no common code (%i)', async (seed) => {
  const roll = diceOf(seed);
  const [a, b] = [await newPerson('a'), await newPerson('b')];
  // Stand-ins: B as A sees it, A as B sees it. Sometimes with the true certificate, never with the true key.
  const [forB, forA] = [await newPerson('b'), await newPerson('a')];
  if (seed % 2 === 0) {
    forB.fingerprint = b.fingerprint;
    forA.fingerprint = a.fingerprint;
  }
  const halves = [
    [a, forB],
    [b, forA],
  ];
  const people = halves.flat();
  const post: Letter[] = [];
  const heard: { from: string; message: Message }[] = [];
  let now = 0;
  const relay = (from: Person, message: Message): Letter[] => {
    heard.push({ from: from.id, message });
    return people.flatMap((to) => {
      const same = halves.some((half) => half.includes(from) && half.includes(to));
      // Across the halves it passes on what it likes.
      return to === from || roll(100) >= (same ? 90 : 40) ? [] : { at: now + roll(400), to, from: from.id, message };
    });
  };
  const tell = async (half: Person[]): Promise<void> => {
    for (const person of half) {
      const others = half.filter((other) => other !== person).map(shown);
      for (const said of await sees(person, now, others)) post.push(...relay(person, said));
    }
  };
  // It may let one half finish first, to know its code.
  const late = roll(40) * STEP_MS;
  let both = false;
  await tell([a, forB]);
  for (; now < 15_000; now += STEP_MS) {
    if (now === late) await tell([b, forA]);
    await pass(people, post, now, relay);
    const [replayed, other] = [heard[roll(heard.length)], heard[roll(heard.length)]];
    const to = people[roll(people.length)];
    if (replayed !== undefined && other !== undefined && to !== undefined && roll(2) === 0) {
      const from = roll(3) === 0 ? other.from : replayed.from;
      const roster = roll(3) === 0 ? other.message.roster : replayed.message.roster;
      post.push({ at: now, to, from, message: { ...replayed.message, roster } });
    }
    const [mine, theirs] = [codeOf(a, now), codeOf(b, now)];
    if (mine === null || theirs === null) continue;
    both = true;
    expect(mine).not.toBe(theirs);
  }
  expect(both).toBe(true);
});
