// Joins a Unix socket to a TCP port of the network namespace in which this runs: node relay.mjs SOCKET PORT
import { createServer, connect } from 'node:net';

const [socket, port] = process.argv.slice(2);
createServer((near) => {
  const far = connect(Number(port), '127.0.0.1');
  for (const [one, other] of [
    [near, far],
    [far, near],
  ]) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}).listen(socket);
