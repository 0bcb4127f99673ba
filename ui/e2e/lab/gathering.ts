import { expect, type Lab, type Person } from './lab.ts';
import type { Capture } from './links.ts';
import { playwrightDriver } from './page-driver.ts';
import type { Machine } from './network.ts';
import { RoomDriver } from './room-driver.ts';

/** People with the app, in browser mode, each on a machine of its own. */

export interface Someone extends Person {
  machine: Machine;
}

/** Five browsers and their nodes share two cores. */
export const CAMERA: Capture = { width: 320, height: 180, framesPerSecond: 15 };

export const driver = ({ name, room }: Person): RoomDriver => new RoomDriver(name, playwrightDriver(room.page));

export async function someone(lab: Lab, name: string): Promise<Someone> {
  const machine = lab.machine(name.toLowerCase());
  return { ...(await lab.user(name, machine, { capture: CAMERA })), machine };
}

/** The first hosts, the others come in by their lists in this order. Gives the meeting's id. */
export async function gather(host: Someone, others: readonly Someone[]): Promise<string> {
  const { room } = host;
  await room.get('name-input').fill(host.name);
  await room.get('title-input').fill('Goes on');
  await room.get('host-button').click();
  await expect(room.get('leave-button')).toBeVisible();
  await room.ownId();
  let meetingId = '';
  for (const person of others) {
    const item = person.room.page.locator('[data-testid="meeting-item"]').first();
    await expect(item).toBeVisible({ timeout: 15_000 });
    meetingId = (await item.getAttribute('data-meeting-id')) ?? '';
    await person.room.chooseFromList(meetingId);
    await person.room.join(person.name);
  }
  for (const person of [host, ...others]) await person.room.expectCount(others.length + 1);
  return meetingId;
}
