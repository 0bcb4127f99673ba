import { describe, expect, it } from 'vitest';
import { problemOf } from './problem.ts';

describe('problemOf', () => {
  it('tells a person who said no from a system that does', () => {
    expect(problemOf(new DOMException('Permission denied', 'NotAllowedError'))).toBe('denied');
    expect(problemOf(new DOMException('Permission dismissed', 'NotAllowedError'))).toBe('denied');
    expect(problemOf(new DOMException('Permission denied by system', 'NotAllowedError'))).toBe('system-denied');
    const safari = 'The request is not allowed by the user agent or the platform in the current context, …';
    expect(problemOf(new DOMException(safari, 'NotAllowedError'))).toBe('denied');
  });

  it('knows a device that is missing, busy or out of reach', () => {
    expect(problemOf(new DOMException('', 'NotFoundError'))).toBe('no-device');
    expect(problemOf(new DOMException('', 'OverconstrainedError'))).toBe('no-device');
    expect(problemOf(new DOMException('', 'NotReadableError'))).toBe('busy');
    expect(problemOf(new DOMException('', 'SecurityError'))).toBe('unsupported');
    expect(problemOf(new TypeError('mediaDevices is undefined'))).toBe('unsupported');
  });

  it('calls everything else a failure', () => {
    expect(problemOf(new DOMException('', 'InvalidStateError'))).toBe('failed');
    expect(problemOf('what')).toBe('failed');
  });
});
