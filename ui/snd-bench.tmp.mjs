import { chromium } from '@playwright/test';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
const N = Number(process.argv[2] ?? 4), seconds = Number(process.argv[3] ?? 10);
const server = http.createServer((_, r) => { r.setHeader('content-type', 'text/html'); r.end('<!doctype html><body></body>'); }).listen(0, '127.0.0.1');
await new Promise((r) => server.on('listening', r));
const url = `http://127.0.0.1:${server.address().port}/`;
function tree(root) { const kids = {}; for (const d of readdirSync('/proc')) { if (!/^\d+$/.test(d)) continue; try { const s = readFileSync(`/proc/${d}/stat`, 'utf8'); const f = s.slice(s.lastIndexOf(')') + 2).split(' '); (kids[f[1]] ??= []).push([+d, +f[11] + +f[12]]); } catch {} } 
  const out = {}; const walk = (p) => { for (const [k, t] of kids[p] ?? []) { const cmd = readFileSync(`/proc/${k}/cmdline`, 'utf8'); const type = /--utility-sub-type=([\w.]+)/.exec(cmd)?.[1] ?? /--type=([\w-]+)/.exec(cmd)?.[1] ?? 'browser'; out[type] = (out[type] ?? 0) + t; walk(k); } }; walk(root); return out; }
const variants = process.argv[4]?.split(',') ?? ['bare', 'elements', 'webaudio', 'sync'];
for (const variant of variants) {
  const srv = await chromium.launchServer({ executablePath: '/usr/bin/chromium', args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns', '--no-sandbox', '--disable-background-networking', '--autoplay-policy=no-user-gesture-required', ...(variant.includes('+big') ? ['--audio-buffer-size=2048'] : [])] });
  const browser = await chromium.connect(srv.wsEndpoint());
  const pages = [];
  for (let i = 0; i < N; i++) { const c = await browser.newContext(); const p = await c.newPage(); await p.goto(url); await p.evaluate(async (variant) => {
    const raw = /\+raw/.test(variant);
    window.stream = await navigator.mediaDevices.getUserMedia({ audio: raw ? { echoCancellation: false, noiseSuppression: false, autoGainControl: false } : true });
    window.pcs = {}; window.ctx = null;
    window.mk = (id) => { const pc = new RTCPeerConnection(); pc.cands = []; pc.onicecandidate = (e) => e.candidate && pc.cands.push(e.candidate.toJSON());
      pc.addTrack(stream.getAudioTracks()[0], stream);
      pc.ontrack = (e) => { 
        if (/\+nolisten/.test(variant)) return;
        if (/elements|webaudio|sync/.test(variant)) { const a = document.createElement('audio'); a.autoplay = true; a.srcObject = new MediaStream([e.track]); document.body.append(a); a.play(); }
        if (/webaudio/.test(variant)) { ctx ??= new AudioContext(); const s = ctx.createMediaStreamSource(new MediaStream([e.track])); const an = ctx.createAnalyser(); an.fftSize = 2048; s.connect(an); const buf = new Float32Array(2048); setInterval(() => an.getFloatTimeDomainData(buf), 100); }
        if (/sync/.test(variant)) { setInterval(() => { window.lv = e.receiver.getSynchronizationSources()[0]; }, 100); }
      };
      pcs[id] = pc; return pc; };
    if (/webaudio/.test(variant)) { ctx = new AudioContext(/\+none/.test(variant) ? { latencyHint: 'playback', sinkId: { type: 'none' } } : {}); const s = ctx.createMediaStreamSource(stream); const an = ctx.createAnalyser(); s.connect(an); const buf = new Float32Array(2048); setInterval(() => an.getFloatTimeDomainData(buf), 100); }
    if (/\+own/.test(variant)) { ctx = new AudioContext(/\+none/.test(variant) ? { latencyHint: 'playback', sinkId: { type: 'none' } } : {}); const s = ctx.createMediaStreamSource(stream); const an = ctx.createAnalyser(); s.connect(an); const buf = new Float32Array(2048); setInterval(() => an.getFloatTimeDomainData(buf), 100); }
  }, variant); pages.push(p); }
  const mung = (d) => ({ type: d.type, sdp: d.sdp.replace(/useinbandfec=1/g, `useinbandfec=1${/\+dtx/.test(variant) ? ';usedtx=1' : ''}${/\+low/.test(variant) ? ';maxaveragebitrate=32000' : ''}`).replace(/a=rtpmap:111 opus\/48000\/2/g, (m) => /\+p40/.test(variant) ? m + '\r\na=ptime:40' : /\+p60/.test(variant) ? m + '\r\na=ptime:60' : m) });
  if (!variant.includes('idle')) for (let i = 0; i < N; i++) for (let j = i + 1; j < N; j++) {
    const offer = await pages[i].evaluate(async (j) => { const pc = mk(j); await pc.setLocalDescription(); while (pc.iceGatheringState !== 'complete') await new Promise((r) => setTimeout(r, 50)); return { type: 'offer', sdp: pc.localDescription.sdp }; }, j);
    const answer = await pages[j].evaluate(async ([i, o]) => { const pc = mk(i); await pc.setRemoteDescription(o); await pc.setLocalDescription(); while (pc.iceGatheringState !== 'complete') await new Promise((r) => setTimeout(r, 50)); return { type: 'answer', sdp: pc.localDescription.sdp }; }, [i, mung(offer)]);
    await pages[i].evaluate(async ([j, a]) => { await pcs[j].setRemoteDescription(a); }, [j, mung(answer)]);
  }
  await new Promise((r) => setTimeout(r, 3000));
  const a = tree(srv.process().pid), root0 = readFileSync(`/proc/${srv.process().pid}/stat`, 'utf8').split(' ');
  const t0 = performance.now();
  await new Promise((r) => setTimeout(r, seconds * 1000));
  const b = tree(srv.process().pid), root1 = readFileSync(`/proc/${srv.process().pid}/stat`, 'utf8').split(' ');
  const s = (performance.now() - t0) / 1000;
  const parts = Object.fromEntries(Object.keys(b).map((k) => [k, +((b[k] - (a[k] ?? 0)) / 100 / s).toFixed(3)]));
  parts.main = +(((+root1[13] + +root1[14]) - (+root0[13] + +root0[14])) / 100 / s).toFixed(3);
  const rx = await pages[0].evaluate(async () => { let n = 0, c = 0, sam = 0, lv = window.lv ?? null; for (const pc of Object.values(pcs)) for (const x of (await pc.getStats()).values()) if (x.type === 'inbound-rtp') { n += x.packetsReceived; c += x.concealedSamples; sam += x.totalSamplesReceived; } return { n, c: sam ? (c / sam).toFixed(4) : 0, lv: lv && lv.audioLevel }; });
  console.log(variant.padEnd(28), 'total', Object.values(parts).reduce((x, y) => x + y, 0).toFixed(3), JSON.stringify(parts), JSON.stringify(rx));
  await browser.close(); await srv.close();
}
server.close();
