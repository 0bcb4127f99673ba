import { expect, test } from './lab/lab.ts';

// Guards: a program that knows only `join`, `leave` and `signal` is a full participant. It is written here from these alone:
// no field of ours beyond them is sent or read, and signals have no addressee.

/** What the minimal client saw, in its page. */
interface Minimal {
  messages: { action: string; [key: string]: unknown }[];
  state: string;
  frames: number;
  send(message: object): void;
}

interface Joined {
  roomId: string;
  clientId: string;
  peers: { clientId: string; name?: string }[];
}

declare global {
  interface Window {
    minimal?: Minimal;
  }
}

test('a minimal client joins, is offered, answers, sees the other, and leaves', async ({ lab }) => {
  const host = await lab.host(null, { title: 'Stand-up', name: 'Hanna' });
  const member = await lab.visitor('Ana', null, host.line.localUrl);
  await member.room.join('Ana');
  const memberId = await member.room.ownId();

  const browser = await lab.browser(null);
  const page = await browser.newPage();
  const url = new URL(host.line.localUrl);
  // Any page of that origin: it needs no token, since it drives no node.
  await page.goto(`${url.origin}/`);
  await page.evaluate(minimalClient, { address: `ws://${url.host}/ws`, roomId: host.line.meetingId });

  const message = (action: string) =>
    page.waitForFunction((wanted) => window.minimal?.messages.find((message) => message.action === wanted), action);
  const joined = (await (await message('joined')).jsonValue()) as unknown as Joined;
  expect(joined.roomId).toBe(host.line.meetingId);
  expect(joined.peers.map(({ clientId, name }) => ({ clientId, name }))).toEqual([{ clientId: memberId, name: 'Ana' }]);
  expect(joined, 'nothing that it did not ask for').not.toHaveProperty('resumeToken');

  const offer = await page.waitForFunction(() => window.minimal?.messages.find(({ action, type }) => action === 'signal' && type === 'offer'));
  expect(await offer.jsonValue()).toMatchObject({ from: memberId, roomId: host.line.meetingId });
  await page.waitForFunction(() => window.minimal?.state === 'connected');
  await page.waitForFunction(() => (window.minimal?.frames ?? 0) > 10);
  await member.room.expectConnectedTo(joined.clientId);
  await expect(member.room.tile(joined.clientId)).toContainText('Minimal');

  // Somebody else comes and goes, and it is told.
  const guest = await lab.visitor('Ben', null, host.line.localUrl);
  await guest.room.join('Ben');
  const guestId = await guest.room.ownId();
  expect(await (await message('peer-joined')).jsonValue()).toMatchObject({ peer: { clientId: guestId, name: 'Ben' } });
  await guest.room.leave();
  expect(await (await message('peer-left')).jsonValue()).toMatchObject({ clientId: guestId });

  await page.evaluate((roomId) => window.minimal?.send({ action: 'leave', roomId }), host.line.meetingId);
  await expect(member.room.tile(joined.clientId)).toHaveCount(0, { timeout: 2_000 });
});

/** Runs in the page. */
async function minimalClient({ address, roomId }: { address: string; roomId: string }): Promise<void> {
  const socket = new WebSocket(address);
  const opened = new Promise((resolve) => { socket.onopen = resolve; });
  const minimal: Minimal = { messages: [], state: 'new', frames: 0, send: (message) => { socket.send(JSON.stringify(message)); } };
  window.minimal = minimal;
  const links = new Map<string, { link: RTCPeerConnection; early: RTCIceCandidateInit[] }>();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });

  const linkTo = (id: string): { link: RTCPeerConnection; early: RTCIceCandidateInit[] } => {
    const known = links.get(id);
    if (known) return known;
    const link = new RTCPeerConnection();
    const made = { link, early: [] };
    links.set(id, made);
    for (const track of stream.getTracks()) link.addTrack(track, stream);
    link.onicecandidate = ({ candidate }) => {
      if (candidate) minimal.send({ action: 'signal', roomId, type: 'ice-candidate', data: candidate });
    };
    link.onconnectionstatechange = () => { minimal.state = link.connectionState; };
    link.ontrack = ({ track, streams }) => {
      if (track.kind !== 'video') return;
      const video = document.createElement('video');
      video.muted = true;
      video.srcObject = streams[0] ?? new MediaStream([track]);
      const count = (): void => {
        minimal.frames += 1;
        video.requestVideoFrameCallback(count);
      };
      video.requestVideoFrameCallback(count);
      document.body.append(video);
      void video.play();
    };
    return made;
  };

  const onSignal = async (message: { from: string; type: string; data: unknown }): Promise<void> => {
    const { link, early } = linkTo(message.from);
    if (message.type === 'offer') {
      await link.setRemoteDescription(message.data as RTCSessionDescriptionInit);
      for (const candidate of early.splice(0)) await link.addIceCandidate(candidate);
      await link.setLocalDescription(await link.createAnswer());
      minimal.send({ action: 'signal', roomId, type: 'answer', data: link.localDescription });
    } else if (message.type === 'ice-candidate') {
      const candidate = message.data as RTCIceCandidateInit;
      if (link.remoteDescription) await link.addIceCandidate(candidate);
      else early.push(candidate);
    } else if (message.type === 'hangup') {
      link.close();
      links.delete(message.from);
    }
  };

  let queue = Promise.resolve();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as Minimal['messages'][number];
    minimal.messages.push(message);
    if (message.action !== 'signal') return;
    queue = queue.then(() => onSignal(message as unknown as { from: string; type: string; data: unknown }));
  };
  await opened;
  minimal.send({ action: 'join', roomId, name: 'Minimal' });
}
