import { expect, test, vi } from 'vitest';

import type { Identity } from '../protocol/generated/Identity.ts';
import type { MeshPeer } from '../rtc/member.ts';
import { browserTimer } from '../shared/timer.ts';
import { makeIdentity } from '../trust/identity.ts';
import { generateKey } from '../trust/keys.ts';
import { signerOf } from '../trust/signer.ts';
import { Assurance } from './assurance.ts';

/** Guards what comparing a code is good for: the keys that the code covers, and no other. */

const FINGERPRINT = 'ab'.repeat(32);
const peer = (id: string, identity: Identity): MeshPeer => ({
  id,
  name: id,
  kind: null,
  away: false,
  media: null,
  link: 'connected',
  gone: false,
  identity,
  refused: false,
  role: 'participant',
  incoming: {},
});

test('a host that shows another key while people compare does not get it verified', async () => {
  const signers = await Promise.all(['ada', 'ben', 'eve'].map(async () => signerOf(await generateKey())));
  const [adas, bens, eves] = await Promise.all(signers.map((signer) => makeIdentity(signer, 'm', FINGERPRINT)));
  if (signers.length !== 3 || adas === undefined || bens === undefined || eves === undefined) throw new Error('three');
  const sides: Assurance[] = [];
  const side = (at: number): Assurance =>
    new Assurance({
      meetingId: 'm',
      signer: Promise.resolve(signers[at] as (typeof signers)[0]),
      certificate: Promise.resolve({ certificates: [], fingerprint: FINGERPRINT, release: () => undefined }),
      send: (data) => sides[1 - at]?.receive(at === 0 ? 'ada' : 'ben', JSON.parse(JSON.stringify(data))),
      meet: () => Promise.resolve([]),
      setTimer: browserTimer,
      now: () => performance.now(),
      onchange: () => undefined,
    });
  const [ada, ben] = [side(0), side(1)];
  sides.push(ada, ben);
  ada.joined('ada');
  ben.joined('ben');
  ada.peers([peer('ben', bens)]);
  ben.peers([peer('ada', adas)]);
  await vi.waitFor(() => {
    expect([ada.code().status, ben.code()]).toEqual(['code', ada.code()]);
  });

  ada.compare(true);
  ada.peers([peer('ben', eves)]);
  await vi.waitFor(() => {
    expect(ada.code()).toMatchObject({ status: 'code', current: false });
  });
  ada.judge(true);
  expect(ada.standing(peer('ben', eves))).toBe('proven');
  expect(ada.standing(peer('ben', bens))).toBe('verified');
  ada.close();
  ben.close();
});
