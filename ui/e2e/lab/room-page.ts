import { expect, type Locator, type Page } from '@playwright/test';

import { linksMade, traffic, type Traffic } from './links.ts';
import { playwrightDriver } from './page-driver.ts';

/** Landline's page as a person uses it, by its `data-testid`s alone. */
export class RoomPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  // Home.

  meeting(meetingId: string): Locator {
    return this.page.locator(`[data-testid="meeting-item"][data-meeting-id="${meetingId}"]`);
  }

  /** Chooses a meeting from the list; the row itself or the button in it. */
  async chooseFromList(meetingId: string): Promise<void> {
    const item = this.meeting(meetingId);
    await expect(item).toBeVisible();
    const button = item.getByRole('button').first();
    await ((await button.count()) > 0 ? button : item).click();
  }

  async chooseByAddress(address: string): Promise<void> {
    await this.get('address-input').fill(address);
    await this.get('address-join-button').click();
  }

  // Preview.

  /** From the preview into the room. */
  async join(name: string): Promise<void> {
    await expect(this.get('join-button')).toBeVisible();
    const input = this.get('name-input');
    if ((await input.count()) > 0) await input.fill(name);
    await expect(this.get('join-button')).toBeEnabled();
    await this.get('join-button').click();
    await expect(this.get('leave-button')).toBeVisible();
    await expect(this.ownTile()).toBeVisible();
  }

  // Room.

  tile(participantId: string, source: 'camera' | 'screen' = 'camera'): Locator {
    return this.page.locator(
      `[data-testid="tile"][data-participant-id="${participantId}"][data-source="${source}"]`,
    );
  }

  ownTile(): Locator {
    return this.page.locator('[data-testid="tile"][data-self="true"][data-source="camera"]');
  }

  others(source: 'camera' | 'screen' = 'camera'): Locator {
    return this.page.locator(`[data-testid="tile"][data-self="false"][data-source="${source}"]`);
  }

  async ownId(): Promise<string> {
    const tile = this.ownTile();
    // Before the answer to `join` there is no id.
    await expect(tile).toHaveAttribute('data-participant-id', /.+/);
    return (await tile.getAttribute('data-participant-id')) ?? '';
  }

  async expectCount(count: number): Promise<void> {
    await expect(this.get('participant-count')).toContainText(String(count));
  }

  async expectConnectedTo(participantId: string): Promise<void> {
    await expect(this.tile(participantId)).toHaveAttribute('data-link-state', 'connected', { timeout: 15_000 });
  }

  traffic(participantId: string, source: 'camera' | 'screen' = 'camera'): Promise<Traffic | null> {
    return traffic(playwrightDriver(this.page), participantId, source);
  }

  linksMade(): Promise<number> {
    return linksMade(playwrightDriver(this.page));
  }

  /** Presses a button that is a switch, unless it stands as wanted. */
  async press(button: 'mic-button' | 'camera-button' | 'share-button', pressed: boolean): Promise<void> {
    const wanted = String(pressed);
    if ((await this.get(button).getAttribute('aria-pressed')) !== wanted) await this.get(button).click();
    await expect(this.get(button)).toHaveAttribute('aria-pressed', wanted);
  }

  async openChat(): Promise<void> {
    if ((await this.get('chat-input').count()) === 0) await this.get('chat-button').click();
    await expect(this.get('chat-input')).toBeVisible();
  }

  async say(text: string): Promise<void> {
    await this.openChat();
    await this.get('chat-input').fill(text);
    await this.get('chat-input').press('Enter');
  }

  async leave(): Promise<void> {
    await this.get('leave-button').click();
    await expect(this.get('leave-button')).toBeHidden();
  }
}
