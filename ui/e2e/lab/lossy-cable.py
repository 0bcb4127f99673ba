"""A bad cable: two TAP devices, and between them delay, loss and a narrow place, each direction with a seed of its own.

Run in the namespace of the bridge as `lossy-cable.py NAMESPACE PORT`: makes PORT there and eth0 in NAMESPACE, and says "ready".
Each line of stdin is {"seed": n, "delayMs": x, "loss": 0..1, "kbits": n or 0}, for both directions from then on; the
answer is one line with what each direction did since the line before. Ends with its stdin.

Order is kept. What is lost depends on the seed, the direction, and how many packets of the same stream came before, and on nothing
else: the hundredth packet of sound is lost in each run or in none, whatever pictures came between. A stream is an SSRC (RFC 3550),
or whatever else goes from one address to another. The network's small talk (ARP, multicast) is never lost.
"""

import collections
import fcntl
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

# linux/if_tun.h
TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
ETHERNET_HEADER = 14
IP = (b"\x08\x00", b"\x86\xdd")
FRAME_MAX = 65_550
# A narrow place holds as much as it passes on in this time, like a router with a short queue; more is lost.
QUEUE_SECONDS = 0.2


# A stream that is not RTP.
OTHER = 0
# IPv4 and UDP without options; IPv6 is not looked into.
UDP_PAYLOAD = ETHERNET_HEADER + 20 + 8
RTP_HEADER = 12


def stream_of(frame):
    if len(frame) < UDP_PAYLOAD + RTP_HEADER or frame[14] != 0x45 or frame[23] != 17:
        return OTHER
    # RFC 7983: 128 to 191 is RTP or RTCP; RFC 5761: 64 to 95 of the second byte's lower bits is RTCP.
    if not 128 <= frame[UDP_PAYLOAD] <= 191 or 64 <= frame[UDP_PAYLOAD + 1] & 127 <= 95:
        return OTHER
    return frame[UDP_PAYLOAD + 8 : UDP_PAYLOAD + 12]


def tap(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return device


class Direction:
    def __init__(self, source, target, salt):
        self.source, self.target, self.salt = source, target, salt
        self.waiting = collections.deque()
        self.set({"seed": 0, "delayMs": 0, "loss": 0, "kbits": 0})

    def set(self, wanted):
        self.seed = wanted["seed"] * 2 + self.salt
        self.streams = {}
        self.delay = wanted["delayMs"] / 1000
        self.loss = wanted["loss"]
        self.bits_per_second = wanted["kbits"] * 1000
        self.free_at = 0.0
        self.passed = self.lost = self.squeezed = 0

    def take(self, now):
        while True:
            try:
                frame = os.read(self.source, FRAME_MAX)
            except BlockingIOError:
                return
            multicast = frame[0] & 1
            if frame[12:ETHERNET_HEADER] in IP and not multicast and self.loses(frame):
                self.lost += 1
                continue
            leaves = now
            if self.bits_per_second:
                leaves = max(now, self.free_at)
                if leaves - now > QUEUE_SECONDS:
                    self.squeezed += 1
                    continue
                leaves += len(frame) * 8 / self.bits_per_second
                self.free_at = leaves
            # Never before the one that came first, also when the delay was just made shorter.
            due = max(leaves + self.delay, self.waiting[-1][0] if self.waiting else 0)
            self.waiting.append((due, frame))

    def loses(self, frame):
        stream = stream_of(frame)
        # All streams of a direction have the same sequence: which of them comes first makes no difference.
        if stream not in self.streams:
            self.streams[stream] = random.Random(self.seed)
        return self.streams[stream].random() < self.loss

    def give(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            _, frame = self.waiting.popleft()
            try:
                os.write(self.target, frame)
                self.passed += 1
            except OSError:
                # The machine's interface is down.
                self.lost += 1

    def counters(self):
        return {"passed": self.passed, "lost": self.lost, "squeezed": self.squeezed}


def main():
    namespace, port = sys.argv[1:]
    try:
        # In time, also while browsers draw on all cores.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        pass
    near = tap(f"{port}m")
    subprocess.run(["ip", "link", "set", f"{port}m", "netns", namespace, "name", "eth0"], check=True)
    far = tap(port)
    directions = [Direction(near, far, 0), Direction(far, near, 1)]
    print("ready", flush=True)
    while True:
        dues = [direction.waiting[0][0] for direction in directions if direction.waiting]
        wait = max(0.0, min(dues) - time.monotonic()) if dues else None
        ready, _, _ = select.select([near, far, sys.stdin], [], [], wait)
        now = time.monotonic()
        for direction in directions:
            if direction.source in ready:
                direction.take(now)
            direction.give(now)
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return
            print(json.dumps({"out": directions[0].counters(), "in": directions[1].counters()}), flush=True)
            for direction in directions:
                direction.set(json.loads(line))


main()
