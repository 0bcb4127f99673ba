import { describe, expect, it } from 'vitest';

import { byName, withChosen } from './interfaces.ts';

const seen = [
  { name: 'wlan0', address: 'fe80::1' },
  { name: 'wlan0', address: '192.168.1.20' },
  { name: 'eth0', address: 'fd00::2' },
];

describe('interfaces', () => {
  it('appear once each, with their IPv4 address if they have one', () => {
    expect(byName(seen)).toEqual([
      { name: 'wlan0', address: '192.168.1.20' },
      { name: 'eth0', address: 'fd00::2' },
    ]);
  });

  it('stay in the list when they were chosen and are not there now', () => {
    expect(withChosen(seen, ['eth0', 'usb0']).map(({ name }) => name)).toEqual(['wlan0', 'eth0', 'usb0']);
  });
});
