import { describe, expect, it } from 'vitest';

import { BackendError } from '../backend/backend.ts';
import type { SeatBefore } from '../signaling/stored-seat.ts';
import { found, hostedMeeting, place, screenOf, settle, world } from './scripted-world.ts';

/** Guards what a person goes through outside a meeting: devices given back, errors with a way on, nothing left running. */

describe('a page that was loaded anew', () => {
  const seatBefore: SeatBefore = {
    meetingId: 'm1',
    target: { kind: 'meeting', meetingId: 'm1' },
    name: 'Attic',
    media: { microphone: false, camera: true, screen: false },
  };

  it('goes straight back into its seat, under the name it had', () => {
    const { app, log, rooms } = world({ seatBefore });
    expect(screenOf(app)).toBe('room');
    expect(rooms).toMatchObject([{ meetingId: 'm1', name: 'Attic' }]);
    expect(log).toEqual(['preview 1', 'awake']);
  });

  it('starts at home where the window cannot carry calls', () => {
    const { app } = world({ seatBefore, calls: false });
    expect(screenOf(app)).toBe('home');
  });
});

describe('a meeting that was interrupted', () => {
  const interrupted = { meetingId: 'm2', title: 'Ours' };

  it('is opened again and entered, and not offered any more', async () => {
    const { app, log, rooms } = world({ interrupted });
    expect(app.state.get().interrupted).toEqual(interrupted);
    await app.hostAgain();
    expect(log).toContain('host again');
    expect(rooms).toMatchObject([{ meetingId: hostedMeeting.meetingId }]);
    expect(app.state.get().interrupted).toBeNull();
  });

  it('is forgotten when the person wishes so', () => {
    const { app, log } = world({ interrupted });
    app.forgetInterrupted();
    expect(log).toContain('forget');
    expect(app.state.get().interrupted).toBeNull();
  });

  it('is not offered again when another computer has it, and can be tried again after any other trouble', async () => {
    const elsewhere = world({ interrupted });
    elsewhere.hostAnswer = () => Promise.reject(new BackendError('already-hosting', ''));
    await elsewhere.app.hostAgain();
    expect(elsewhere.app.state.get()).toMatchObject({ interrupted: null, problem: { code: 'already-hosting', again: { do: 'host-again' } } });
    const trouble = world({ interrupted });
    trouble.hostAnswer = () => Promise.reject(new BackendError('port-unavailable', ''));
    await trouble.app.hostAgain();
    expect(trouble.app.state.get().interrupted).toEqual(interrupted);
    trouble.app.retry();
    expect(trouble.log.filter((line) => line === 'host again')).toHaveLength(2);
  });
});

describe('a private meeting', () => {
  it('is hosted as such only when the person wishes so', async () => {
    const open = world();
    await open.app.host('Ours', 'open');
    expect(open.log).not.toContain('private');
    const { app, log } = world();
    app.setPrivate(true);
    await app.host('Ours', 'open');
    expect(log).toContain('private');
  });
});

describe('joining from the list', () => {
  it('shows the preview at once, enters when the host has answered, and hands the devices over', async () => {
    const { app, log, looks, rooms } = world();
    app.choose(place);
    expect(screenOf(app)).toBe('preview');
    app.enter(null);
    expect(screenOf(app)).toBe('preview');
    looks[0]?.resolve(found);
    await settle();
    app.enter(null);
    expect(screenOf(app)).toBe('room');
    expect(rooms[0]).toMatchObject({ meetingId: 'm1', name: 'Studio' });
    expect(log).toEqual(['watch', 'preview 1', 'unwatch', 'awake']);
  });

  it('gives the devices back when the person goes home, and looks for meetings again', () => {
    const { app, log } = world();
    app.choose(place);
    app.goHome();
    expect(log).toEqual(['watch', 'preview 1', 'unwatch', 'close 1', 'watch']);
  });

  it('says what is wrong with the meeting on its preview, and asks again', async () => {
    const { app, looks } = world();
    app.choose(place);
    looks[0]?.reject(new BackendError('unreachable', ''));
    await settle();
    expect(app.state.get().screen).toMatchObject({ at: 'preview', lookup: { status: 'failed', code: 'unreachable' } });
    app.lookAgain();
    looks[1]?.resolve(found);
    await settle();
    expect(app.state.get().screen).toMatchObject({ lookup: { status: 'found' } });
  });

  it('remembers with which devices the person joined', async () => {
    const { app, looks, settings } = world();
    app.choose(place);
    looks[0]?.resolve(found);
    await settle();
    app.enter(null);
    expect(settings.get()).toMatchObject({ microphoneOn: true, cameraOn: false });
  });
});

describe('joining by address', () => {
  it('stays at home with a sentence until the host has answered', async () => {
    const { app, looks, log } = world();
    app.setAddress(' 10.0.0.9:4717 ');
    void app.joinByAddress();
    expect(screenOf(app)).toBe('home');
    looks[0]?.reject(new BackendError('connection-refused', ''));
    await settle();
    expect(app.state.get().problem).toMatchObject({ code: 'connection-refused', subject: '10.0.0.9:4717' });
    expect(log).not.toContain('preview 1');
    app.retry();
    looks[1]?.resolve(found);
    await settle();
    expect(screenOf(app)).toBe('preview');
  });

  it('asks for an address if there is none', async () => {
    const { app, looks } = world();
    await app.joinByAddress();
    expect(app.state.get().problem?.code).toBe('bad-address');
    expect(looks).toHaveLength(0);
  });

  it('names a link without its long fingerprint', async () => {
    const { app, looks } = world();
    app.setAddress(`https://10.0.0.9:4717/#m=m1&fp=${'f'.repeat(64)}`);
    void app.joinByAddress();
    looks[0]?.reject(new BackendError('unreachable', ''));
    await settle();
    expect(app.state.get().problem?.subject).toBe('10.0.0.9:4717');
  });
});

describe('hosting', () => {
  it('is in the meeting at once', async () => {
    const { app, rooms } = world();
    await app.host('Ours', 'open');
    expect(app.state.get().screen).toMatchObject({ at: 'room', link: { urls: hostedMeeting.guestUrls } });
    expect(rooms[0]?.meetingId).toBe('m2');
  });

  it('takes the name of the computer if none was typed', async () => {
    const { app, rooms } = world({ name: ' ' });
    await app.host('Ours', 'open');
    expect(rooms[0]?.name).toBe('laptop');
  });

  it('says why it did not work, and does it again on request', async () => {
    const it = world();
    const works = it.hostAnswer;
    it.hostAnswer = () => Promise.reject(new BackendError('port-unavailable', ''));
    await it.app.host('Ours', 'open');
    expect(it.app.state.get()).toMatchObject({ busy: 'nothing', problem: { code: 'port-unavailable' } });
    it.hostAnswer = works;
    it.app.retry();
    await settle();
    expect(screenOf(it.app)).toBe('room');
  });

  it('ends the meeting when its host leaves it alone, and not when others are in it', async () => {
    const alone = world();
    await alone.app.host('Ours', 'open');
    alone.rooms[0]?.end('left');
    await settle();
    expect(alone.log).toContain('end');

    const together = world();
    await together.app.host('Ours', 'open');
    together.rooms[0]?.count(2);
    together.rooms[0]?.end('left');
    await settle();
    expect(together.log).not.toContain('end');
    expect(together.hosted.get()).not.toBeNull();
  });

  it('of a test call ends when nobody but the echo is left behind', async () => {
    const tested = world();
    await tested.app.testCall('Test call');
    expect(tested.app.state.get().screen).toMatchObject({ at: 'room', testCall: true });
    tested.rooms[0]?.count(2);
    tested.rooms[0]?.end('left');
    await settle();
    expect(tested.log).toContain('end');

    const visited = world();
    await visited.app.testCall('Test call');
    visited.rooms[0]?.count(3);
    visited.rooms[0]?.end('left');
    await settle();
    expect(visited.log).not.toContain('end');
  });

  it('goes on in the browser without ending, though we leave it alone', async () => {
    const { app, log, hosted } = world({ browser: true });
    await app.host('Ours', 'open');
    const { screen } = app.state.get();
    if (screen.at !== 'room') throw new Error('not in the room');
    await app.openInBrowser(screen.place);
    await settle();
    expect(app.state.get().screen.at).toBe('ended');
    expect(hosted.get()).not.toBeNull();
    expect(log).not.toContain('end');
  });

  it('leads to the browser where the window cannot carry calls', async () => {
    const { app, rooms, log } = world({ calls: false });
    await app.host('Ours', 'open');
    expect(app.state.get().screen).toMatchObject({ at: 'handoff', place: { title: 'Ours' } });
    expect(rooms).toHaveLength(0);
    expect(log).not.toContain('preview 1');
    const { screen } = app.state.get();
    if (screen.at === 'handoff') await app.openInBrowser(screen.place);
    expect(app.state.get().problem?.code).toBe('no-browser');
  });
});

describe('the end of a meeting', () => {
  it('is shown with who was there, and lets the machine sleep again', async () => {
    const { app, rooms, log } = world();
    await app.host('Ours', 'open');
    rooms[0]?.end('ended-by-host');
    expect(app.state.get().screen).toMatchObject({ at: 'ended', end: { reason: 'ended-by-host', people: ['Studio'], own: true } });
    expect(log.filter((line) => line === 'asleep')).toHaveLength(1);
  });

  it('leads back to the preview of the same meeting', async () => {
    const { app, looks, rooms } = world();
    app.choose(place);
    looks[0]?.resolve(found);
    await settle();
    app.enter(null);
    rooms[0]?.end('left');
    app.rejoin();
    expect(app.state.get().screen).toMatchObject({ at: 'preview', place });
  });
});

describe('a link that opens the app', () => {
  it('leads to its preview at the start', () => {
    const { app } = world({ open: { kind: 'meeting', meetingId: 'm1' }, canHost: false });
    expect(app.state.get().screen).toMatchObject({ at: 'preview', place: { target: { meetingId: 'm1' } } });
  });

  it('leads to its preview later, and closes the one before', () => {
    const { app, open, log } = world();
    app.choose(place);
    open.set({ kind: 'address', text: '10.0.0.9' });
    expect(app.state.get().screen).toMatchObject({ at: 'preview', place: { host: '10.0.0.9' } });
    expect(log).toContain('close 1');
  });

  it('does not tear a person out of a meeting', async () => {
    const { app, open, log } = world();
    await app.host('Ours', 'open');
    open.set({ kind: 'address', text: '10.0.0.9' });
    expect(screenOf(app)).toBe('room');
    expect(log.filter((line) => line.startsWith('preview'))).toHaveLength(1);
  });
});
