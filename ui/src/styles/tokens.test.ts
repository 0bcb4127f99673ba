import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Guards readability: every pair of text and ground that views use has the contrast of WCAG 2.2, 1.4.3 and 1.4.11. */

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const [lightBlock = '', darkBlock = ''] = css.split("[data-theme='dark']");

function tokens(block: string): Map<string, string> {
  return new Map([...block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value]));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const text: [string, string][] = [
  ['text', 'ground'],
  ['text', 'raised'],
  ['text', 'sheet'],
  ['text', 'pressed'],
  ['text-quiet', 'ground'],
  ['text-quiet', 'raised'],
  ['text-quiet', 'sheet'],
  ['text-quiet', 'pressed'],
  ['accent', 'ground'],
  ['accent-strong', 'ground'],
  ['accent-strong', 'raised'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['danger', 'ground'],
  ['danger', 'raised'],
  ['on-danger', 'danger-ground'],
  ['on-danger', 'danger-ground-strong'],
  ['good', 'ground'],
];
/** Outlines of fields and the focus ring: 3:1. */
const shapes: [string, string][] = [
  ['edge-strong', 'ground'],
  ['accent', 'ground'],
  ['accent', 'raised'],
  ['edge-strong', 'sheet'],
];

describe.each([
  ['light', tokens(lightBlock)],
  ['dark', tokens(darkBlock)],
] as const)('%s colours', (_, values) => {
  const get = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no colour ${name}`);
    return value;
  };

  it.each(text)('%s can be read on %s', (front, ground) => {
    expect(contrast(get(front), get(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapes)('%s can be told from %s', (front, ground) => {
    expect(contrast(get(front), get(ground))).toBeGreaterThanOrEqual(3);
  });
});
