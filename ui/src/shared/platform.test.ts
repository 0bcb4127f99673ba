import { describe, expect, it } from 'vitest';

import { platformOf } from './platform.ts';

describe('platformOf', () => {
  it.each([
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15', 0, 'macos'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15', 5, 'ios'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64)', 0, 'windows'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 0, 'linux'],
    ['Mozilla/5.0 (Linux; Android 15)', 5, 'android'],
    ['something else', 0, 'other'],
  ])('reads %s with %i touch points as %s', (agent, touch, platform) => {
    expect(platformOf(agent, touch)).toBe(platform);
  });
});
