// The baseline of `cargo xtask bench signaling`: a plain relay on Node's `ws`, as one writes it: join, leave, and signals that are given to one
// participant or to all others, with `from`. usage: node relay.mjs PORT; it says on which port it listens.
import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';

// The copy that the UI's lock file pins.
const { WebSocketServer } = createRequire(new URL('../../ui/package.json', import.meta.url))('ws');

const rooms = new Map();
const send = (ws, message) => { if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(message)); };
const others = (ws) => [...(rooms.get(ws.roomId) ?? [])].filter((peer) => peer !== ws);

function leave(ws) {
  const { roomId, clientId } = ws;
  if (!roomId) return;
  for (const peer of others(ws)) send(peer, { action: 'peer-left', roomId, clientId });
  const room = rooms.get(roomId);
  room.delete(ws);
  if (room.size === 0) rooms.delete(roomId);
  ws.roomId = null;
}

const server = new WebSocketServer({ port: Number(process.argv[2] ?? 0), host: '127.0.0.1', backlog: 1024, maxPayload: 256 * 1024 }, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
server.on('connection', (ws) => {
  ws.clientId = randomBytes(6).toString('hex');
  ws.on('message', (bytes) => {
    let m;
    try { m = JSON.parse(bytes); } catch { return; }
    if (m.action === 'join' && typeof m.roomId === 'string' && m.roomId.length >= 1 && m.roomId.length <= 64) {
      leave(ws);
      ws.roomId = m.roomId;
      ws.name = m.name;
      if (!rooms.has(m.roomId)) rooms.set(m.roomId, new Set());
      rooms.get(m.roomId).add(ws);
      const { roomId, clientId, name } = ws;
      send(ws, { action: 'joined', roomId, clientId, peers: others(ws).map((p) => ({ clientId: p.clientId, name: p.name })) });
      for (const peer of others(ws)) send(peer, { action: 'peer-joined', roomId, peer: { clientId, name } });
    } else if (m.action === 'signal' && ws.roomId && m.roomId === ws.roomId) {
      for (const peer of others(ws)) {
        if (!m.to || m.to === peer.clientId) send(peer, { action: 'signal', roomId: ws.roomId, from: ws.clientId, type: m.type, data: m.data });
      }
    } else if (m.action === 'leave') leave(ws);
  });
  ws.on('close', () => leave(ws));
  ws.on('error', () => leave(ws));
});
