"""Another implementation of multicast DNS (python-zeroconf), to show that ours is understood and understands.

`foreign.py browse`: prints each service of our type, one JSON object a line: added, updated, removed.
`foreign.py register ID`: advertises a meeting until standard input ends.
`foreign.py answer NAME`: answers for the name of a host, as a browser does, until standard input ends.
`foreign.py hold`: holds UDP port 5353 without sharing it, until standard input ends.
"""

import json
import socket
import sys

TYPE = "_landline._tcp.local."


def say(**line):
    print(json.dumps(line), flush=True)


def browse():
    from zeroconf import ServiceBrowser, Zeroconf

    class Listener:
        def tell(self, event, zc, kind, name):
            info = zc.get_service_info(kind, name)
            if info is None:
                return
            txt = {k.decode(): (v or b"").decode() for k, v in info.properties.items()}
            say(
                event=event,
                name=name,
                server=info.server,
                port=info.port,
                txt=txt,
                addresses=sorted(info.parsed_addresses()),
            )

        def add_service(self, zc, kind, name):
            self.tell("added", zc, kind, name)

        def update_service(self, zc, kind, name):
            self.tell("updated", zc, kind, name)

        def remove_service(self, zc, kind, name):
            say(event="removed", name=name)

    zc = Zeroconf()
    ServiceBrowser(zc, TYPE, Listener())
    say(event="started")
    sys.stdin.read()
    zc.close()


def register(meeting_id):
    from zeroconf import ServiceInfo, Zeroconf

    zc = Zeroconf()
    info = ServiceInfo(
        TYPE,
        "foreign host." + TYPE,
        addresses=[socket.inet_aton("10.77.0.1")],
        port=4711,
        properties={
            "v": "1",
            "id": meeting_id,
            "title": "Besprechung",
            "host": "Zoë",
            "fp": "cd" * 32,
            "n": "2",
            "lock": "1",
            "t": "1760000000",
        },
        server="foreign.local.",
    )
    zc.register_service(info)
    say(event="started")
    sys.stdin.read()
    zc.unregister_service(info)
    zc.close()


def answer(name):
    from zeroconf import ServiceInfo, Zeroconf

    zc = Zeroconf()
    # Addresses are answered for where they belong to a service.
    kind = "_landline-test._tcp.local."
    zc.register_service(
        ServiceInfo(
            kind,
            "browser." + kind,
            addresses=[socket.inet_aton("10.77.0.1")],
            port=9,
            server=name + ".",
        )
    )
    say(event="started")
    sys.stdin.read()
    zc.close()


def hold():
    held = []
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        sock = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, 5353))
        held.append(sock)
    say(event="started")
    sys.stdin.read()


if sys.argv[1] == "browse":
    browse()
elif sys.argv[1] == "register":
    register(sys.argv[2])
elif sys.argv[1] == "answer":
    answer(sys.argv[2])
else:
    hold()
