// Run by `tauri build` before it compiles the app: builds the UI if its sources are newer than what is built, and the program
// without a window, and puts the latter where tauri.conf.json takes it into the packages.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const ui = join(root, 'ui');
const windows = process.platform === 'win32';

/** When the newest file below `path` was changed; 0 if there is none. */
function newest(path) {
  const about = statSync(path, { throwIfNoEntry: false });
  if (about === undefined) return 0;
  if (!about.isDirectory()) return about.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function run(program, args, options = {}) {
  const { status, error, stdout } = spawnSync(program, args, { cwd: root, stdio: 'inherit', encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

const sources = ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json'].map((name) => newest(join(ui, name)));
const page = statSync(join(ui, 'dist/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (page < Math.max(...sources)) {
  // npm is a script on Windows, which only a shell starts.
  run('npm', ['run', 'build'], { cwd: ui, shell: windows });
}

const debug = process.env.TAURI_ENV_DEBUG === 'true';
const messages = run('cargo', ['build', '--package', 'landline-node', '--message-format=json-render-diagnostics', ...(debug ? [] : ['--release'])], {
  stdio: ['inherit', 'pipe', 'inherit'],
});
const program = messages
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line))
  .find((message) => message.reason === 'compiler-artifact' && message.target.name === 'landline-node' && message.executable)?.executable;
if (!program) throw new Error('cargo built no landline-node');
const staged = join(root, 'target/staged');
mkdirSync(staged, { recursive: true });
copyFileSync(program, join(staged, windows ? 'landline-node.exe' : 'landline-node'));
