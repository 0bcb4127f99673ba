import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where things are. Everything that a test writes lies in a fresh folder of its own or in `ui/artifacts`. */

export const repository = resolve(import.meta.dirname, '../../..');

const target = process.env['CARGO_TARGET_DIR'] ?? join(repository, 'target');

/** What is measured is built as it is shipped; tests take the quicker build. */
const profile = process.env['LANDLINE_PROFILE'] ?? 'debug';

/** A program that cargo built, for example `landline-node`. */
export function built(name: string): string {
  const path = join(target, profile, process.platform === 'win32' ? `${name}.exe` : name);
  if (!existsSync(path)) throw new Error(`${path} is missing: build it first (cargo xtask test does)`);
  return path;
}

/** Where pictures and logs of a run are kept for people to look at. */
export function artifact(name: string): string {
  const folder = join(repository, 'ui/artifacts');
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

const scratched: string[] = [];

/** A fresh empty folder, gone when the run is over. */
export function scratch(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `ll-${purpose}-`));
  scratched.push(folder);
  return folder;
}

process.once('exit', () => {
  for (const folder of scratched) rmSync(folder, { recursive: true, force: true });
});
