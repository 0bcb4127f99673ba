import { describe, expect, it } from 'vitest';

import { BackendError } from '../backend/backend.ts';
import type { RoomStatus } from '../room/model.ts';
import type { Place } from './screen.ts';
import { found, place, screenOf, settle, world, type World } from './scripted-world.ts';

/** Guards the way through a door that is not open: code, secret, knocking, and what comes of being refused. */

const AT_THE_DOOR: RoomStatus = { status: 'joining' };
const guarded: typeof found = { ...found, summary: { ...found.summary, access: 'code', locked: true } };

/** In the preview of a meeting that takes a code, having tried to go in. */
async function tried(options: Parameters<typeof world>[0], code: string | null, where: Place = place): Promise<World> {
  const it = world({ status: AT_THE_DOOR, ...options });
  it.app.choose(where);
  it.looks[0]?.resolve(guarded);
  await settle();
  it.app.enter(code);
  return it;
}

describe('hosting', () => {
  it('is open, unless the person chose otherwise, for as long as the page', async () => {
    const { app, accesses } = world();
    await app.host('Ours', app.state.get().access);
    app.setAccess('lobby');
    expect(app.state.get().access).toBe('lobby');
    await app.endMeeting();
    await app.host('Ours', app.state.get().access);
    expect(accesses).toEqual(['open', 'lobby']);
  });

  it('again after a failure takes the same way', async () => {
    const it = world();
    const works = it.hostAnswer;
    it.hostAnswer = () => Promise.reject(new BackendError('port-unavailable', ''));
    await it.app.host('Ours', 'code');
    it.hostAnswer = works;
    it.app.retry();
    await settle();
    expect(it.accesses).toEqual(['code', 'code']);
  });
});

describe('entering', () => {
  it('is prepared when a hand goes to the button of a known meeting, unless a code comes first', async () => {
    for (const [answer, prepared] of [
      [found, ['prepare meeting']],
      [guarded, []],
    ] as const) {
      const it = world();
      it.app.choose(place);
      it.app.aboutToEnter();
      it.looks[0]?.resolve(answer);
      await settle();
      it.app.aboutToEnter();
      expect(it.log.filter((line) => line.startsWith('prepare'))).toEqual(prepared);
    }
  });

  it('knows the host by name while we wait, also where only an address was typed', async () => {
    const { app } = await tried({}, null, { target: { kind: 'address', text: '10.0.0.1' }, title: '', host: '10.0.0.1' });
    expect(app.state.get().screen).toMatchObject({ at: 'room', place: { title: 'Morning', host: 'Kitchen' } });
  });

  it('takes the code along that was typed', async () => {
    const { rooms } = await tried({}, '482913');
    expect(rooms).toMatchObject([{ code: '482913', secret: null }]);
  });

  it('without a code asks to be let in', async () => {
    const { rooms } = await tried({}, null);
    expect(rooms).toMatchObject([{ code: null, secret: null }]);
  });

  it('takes the secret of a pasted link along', async () => {
    const link: Place = { ...place, target: { kind: 'address', text: `https://10.0.0.1:4717/#m=m1&fp=${'f'.repeat(64)}&s=abc_-9` } };
    const { rooms } = await tried({}, null, link);
    expect(rooms).toMatchObject([{ secret: 'abc_-9' }]);
  });

  it('takes the secret along with which a guest opened the page', async () => {
    const { rooms } = await tried({ secret: 'abc', canHost: false }, null);
    expect(rooms).toMatchObject([{ secret: 'abc' }]);
  });
});

describe('being refused before we were in', () => {
  it('leads back to a new preview, which is looked at again and says why', async () => {
    const { app, rooms, looks, log } = await tried({}, '111111');
    rooms[0]?.end('wrong-code');
    expect(app.state.get().screen).toMatchObject({ at: 'preview', place, refusal: 'wrong-code', lookup: { status: 'looking' } });
    expect(log).toContain('preview 2');
    expect(log.filter((line) => line === 'asleep')).toHaveLength(1);
    looks[1]?.resolve(guarded);
    await settle();
    app.enter('482913');
    expect(screenOf(app)).toBe('room');
    expect(rooms[1]).toMatchObject({ code: '482913' });
  });

  it('forgets a secret that did not help, so that a code can be typed', async () => {
    const { app, rooms } = await tried({ secret: 'old' }, null);
    rooms[0]?.end('code-needed');
    expect(app.state.get().screen).toMatchObject({ at: 'preview', secret: null, refusal: 'code-needed' });
  });

  it('by a lobby may be tried again', async () => {
    const { app, rooms } = await tried({}, null);
    rooms[0]?.end('not-admitted');
    expect(app.state.get().screen).toMatchObject({ at: 'preview', refusal: 'not-admitted' });
  });

  it('is gone when the meeting is chosen anew', async () => {
    const { app, rooms } = await tried({}, '111111');
    rooms[0]?.end('wrong-code');
    app.goHome();
    app.choose(place);
    expect(app.state.get().screen).toMatchObject({ at: 'preview', refusal: null });
  });

  it('ends for good where one was removed', async () => {
    const { app, rooms } = await tried({}, null);
    rooms[0]?.end('removed');
    expect(app.state.get().screen).toMatchObject({ at: 'ended', end: { reason: 'removed' } });
  });
});

describe('a meeting that we were in', () => {
  it('is known, and its end is shown whatever it is', async () => {
    const { app, rooms } = await tried({ status: { status: 'joined' } }, '482913');
    expect(app.state.get().known).toEqual(['m1']);
    rooms[0]?.end('locked');
    expect(app.state.get().screen).toMatchObject({ at: 'ended', end: { reason: 'locked' } });
    expect(app.state.get().known).toEqual([]);
  });

  it('stays known after it was left', async () => {
    const { app, rooms } = await tried({ status: { status: 'joined' } }, '482913');
    rooms[0]?.end('left');
    expect(app.state.get().known).toEqual(['m1']);
  });
});
