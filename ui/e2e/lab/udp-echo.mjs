// Sends back each datagram: node udp-echo.mjs PORT. Or asks an echo so many times and prints the round trips in milliseconds
// as JSON, null for what was lost: node udp-echo.mjs PORT ADDRESS COUNT
import { createSocket } from 'node:dgram';

const EVERY_MS = 4;
const LAST_MS = 500;

const [port, address, count] = process.argv.slice(2);
const socket = createSocket('udp4');
if (address === undefined) {
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  socket.bind(Number(port), () => console.log('ready'));
} else {
  const sent = [];
  const trips = Array(Number(count)).fill(null);
  socket.on('message', (message) => {
    const index = message.readUInt32BE(0);
    trips[index] = performance.now() - sent[index];
  });
  const timer = setInterval(() => {
    const message = Buffer.alloc(1_000);
    message.writeUInt32BE(sent.length, 0);
    sent.push(performance.now());
    socket.send(message, Number(port), address);
    if (sent.length < trips.length) return;
    clearInterval(timer);
    setTimeout(() => {
      console.log(JSON.stringify(trips));
      socket.close();
    }, LAST_MS);
  }, EVERY_MS);
}
