// A mesh as it is usually made: express and socket.io for presence, PeerServer and PeerJS for media. What Landline is measured beside.
// usage: node server.mjs PORT ; pages at http://localhost:PORT/?room=R
import express from 'express';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { ExpressPeerServer } from 'peer';
const port = Number(process.argv[2] ?? 3900);
const here = path.dirname(fileURLToPath(import.meta.url));
const app = express();
const server = http.createServer(app);
const io = new Server(server);
app.use('/peer', ExpressPeerServer(server, { path: '/' }));
app.use('/lib/peerjs.js', express.static(path.join(here, 'node_modules/peerjs/dist/peerjs.min.js')));
app.use(express.static(here));
const rooms = new Map();
io.on('connection', (s) => {
  s.on('join-room', (room, id) => {
    s.join(room);
    const members = rooms.get(room) ?? new Set();
    rooms.set(room, members);
    s.emit('members', [...members]);
    members.add(id);
    s.to(room).emit('user-connected', id);
    s.on('disconnect', () => { members.delete(id); s.to(room).emit('user-disconnected', id); });
  });
});
// On this computer alone. Port 0 takes any.
server.listen(port, 'localhost', () => console.log(`listening ${server.address().port}`));
