import { describe, expect, it } from 'vitest';

import type { EngineDoor } from '../../protocol/generated/EngineDoor.ts';
import type { EngineEvent } from '../../protocol/generated/EngineEvent.ts';
import { ManualTime } from '../../shared/manual-time.ts';
import { EngineLink } from './engine-link.ts';
import { ScriptedSocket } from './scripted-engine.ts';

/** Guards that no call is left without an answer, and that answers and events keep their order. */

const DOOR: EngineDoor = { url: 'ws://127.0.0.1:4000/engine', control: 'secret', media: 'other' };

interface World {
  link: EngineLink;
  time: ManualTime;
  sockets: ScriptedSocket[];
  log: string[];
  openDoor: (door: EngineDoor) => void;
  refuseDoor: () => void;
}

function world(): World {
  const time = new ManualTime();
  const sockets: ScriptedSocket[] = [];
  const log: string[] = [];
  let openDoor: (door: EngineDoor) => void = () => undefined;
  let refuseDoor: () => void = () => undefined;
  const door = new Promise<EngineDoor>((resolve, reject) => {
    openDoor = resolve;
    refuseDoor = (): void => {
      reject(new Error('no engine'));
    };
  });
  const link = new EngineLink({
    door,
    createSocket: (url, protocols) => {
      const socket = new ScriptedSocket(url, protocols);
      sockets.push(socket);
      return socket;
    },
    setTimer: time.setTimer,
    onevent: (event: EngineEvent) => log.push(event.event),
    onchannel: () => log.push('message'),
    onlost: () => log.push('lost'),
  });
  return { link, time, sockets, log, openDoor, refuseDoor };
}

async function opened(): Promise<World & { socket: ScriptedSocket }> {
  const made = world();
  made.openDoor(DOOR);
  await made.time.settle();
  const [socket] = made.sockets;
  if (socket === undefined) throw new Error('no socket');
  socket.open();
  return { ...made, socket };
}

describe('the control socket', () => {
  it('is opened with the token, and calls made before go first', async () => {
    const { link, time, sockets, openDoor } = world();
    void link.call({ do: 'open', connection: 1 });
    openDoor(DOOR);
    await time.settle();
    const [socket] = sockets;
    expect(socket?.url).toBe(DOOR.url);
    expect(socket?.protocols).toEqual(['landline.engine.1', 'token.secret']);
    expect(socket?.calls).toEqual([]);
    socket?.open();
    void link.call({ do: 'close', connection: 1 });
    expect(socket?.calls.map(({ request }) => request.do)).toEqual(['open', 'close']);
    expect(time.pending).toBe(0);
  });

  it('takes an answer before the events that follow it', async () => {
    const { link, log, socket } = await opened();
    const answered = link.call({ do: 'open', connection: 1 }, () => log.push('answer')).then(() => log.push('resolved'));
    socket.say({ frame: 'event', event: { event: 'key-frame', track: 1, layer: 0 } });
    socket.say({ frame: 'reply', id: socket.calls[0]?.id ?? -1, reply: { is: 'done' } });
    socket.say({ frame: 'event', event: { event: 'encode', track: 1, layer: 0, target: null } });
    await answered;
    expect(log).toEqual(['key-frame', 'answer', 'encode', 'resolved']);
  });

  it('fails a call by the engine’s name for the reason, and one whose answer is not understood', async () => {
    const { link, socket } = await opened();
    const refused = link.call({ do: 'open', connection: 1 });
    const garbled = link.call({ do: 'open', connection: 1 });
    const [first, second] = socket.calls;
    socket.say({ frame: 'failed', id: first?.id ?? -1, error: { name: 'QuotaExceededError', message: 'too many' } });
    socket.say({ frame: 'reply', id: second?.id ?? -1, reply: { is: 'nonsense' } as never });
    await expect(refused).rejects.toMatchObject({ name: 'QuotaExceededError', message: 'too many' });
    await expect(garbled).rejects.toMatchObject({ name: 'OperationError' });
  });

  it('fails every call when it is lost, says so once, and is lost for good', async () => {
    const { link, log, socket } = await opened();
    const open = link.call({ do: 'open', connection: 1 });
    socket.drop();
    socket.drop();
    await expect(open).rejects.toMatchObject({ name: 'OperationError' });
    await expect(link.call({ do: 'open', connection: 2 })).rejects.toMatchObject({ name: 'OperationError' });
    expect(link.sendChannel(1, 2, true, new Uint8Array(1))).toBe(false);
    expect(log).toEqual(['lost']);
  });

  it('is lost when the app opens no door', async () => {
    const { link, time, log, refuseDoor } = world();
    const open = link.call({ do: 'open', connection: 1 });
    refuseDoor();
    await time.settle();
    await expect(open).rejects.toMatchObject({ name: 'OperationError' });
    expect(log).toEqual(['lost']);
  });

  it('is lost when it does not open in time', async () => {
    const { link, time, log, sockets, openDoor } = world();
    const open = link.call({ do: 'open', connection: 1 });
    open.catch(() => undefined);
    openDoor(DOOR);
    await time.advance(60_000);
    expect(log).toEqual(['lost']);
    expect(sockets[0]?.closed).toBe(true);
    await expect(open).rejects.toMatchObject({ name: 'OperationError' });
  });

  it('says nothing when it is closed from here', async () => {
    const { link, log, socket } = await opened();
    link.close();
    socket.drop();
    expect(log).toEqual([]);
    expect(socket.closed).toBe(true);
  });

  it('leaves out what it does not understand', async () => {
    const { log, socket } = await opened();
    socket.say({ frame: 'event', event: { event: 'new-thing' } } as never);
    socket.sayBinary(new ArrayBuffer(3));
    socket.say({ frame: 'event', event: { event: 'key-frame', track: 1, layer: 0 } });
    expect(log).toEqual(['key-frame']);
  });

  it('takes no more calls than it can keep track of', async () => {
    const { link } = await opened();
    for (let call = 0; call < 4_096; call += 1) link.call({ do: 'open', connection: call }).catch(() => undefined);
    await expect(link.call({ do: 'open', connection: 1 })).rejects.toMatchObject({ name: 'OperationError' });
  });
});
