import { expect, test } from 'vitest';

import { reachable, wayTo, type Facts } from './ways.ts';

const facts = (part: Partial<Facts>): Facts => ({ room: false, away: false, line: false, neighbours: [], ...part });

test.each<[string, Partial<Facts>, object]>([
  ['the room, as long as it reaches them', { room: true, line: true, neighbours: ['n'] }, { by: 'room' }],
  ['the own line, where the room is gone', { line: true, neighbours: ['n'] }, { by: 'line' }],
  ['the own line, where they lost the room', { room: true, away: true, line: true }, { by: 'line' }],
  ['a neighbour, where there is no line', { neighbours: ['n', 'o'] }, { by: 'neighbour', id: 'n' }],
  ['a neighbour, where they lost the room and us', { room: true, away: true, neighbours: ['n'] }, { by: 'neighbour', id: 'n' }],
  ['the room, where nothing else reaches: it waits there', {}, { by: 'room' }],
])('a message goes by %s', (_, part, way) => {
  expect(wayTo(facts(part))).toEqual(way);
});

test('a line or a neighbour reaches somebody, the room is another matter', () => {
  expect(reachable(facts({ line: true }))).toBe(true);
  expect(reachable(facts({ neighbours: ['n'] }))).toBe(true);
  expect(reachable(facts({ room: true }))).toBe(false);
});
