"""Browses for meetings with python-zeroconf, an implementation of mDNS that shares no code with ours.

Prints one JSON line for each service that appears (its TXT decoded) and for each that goes, until it is ended.
"""

import json
import sys
import threading

from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

RESOLVE_MS = 3000


class Printer(ServiceListener):
    def add_service(self, zc, kind, name):
        # Resolving blocks, and this is the thread that would hear the answer.
        threading.Thread(target=self.resolve, args=(zc, kind, name), daemon=True).start()

    def update_service(self, zc, kind, name):
        self.add_service(zc, kind, name)

    def remove_service(self, zc, kind, name):
        say({"event": "gone", "name": name})

    @staticmethod
    def resolve(zc, kind, name):
        info = zc.get_service_info(kind, name, RESOLVE_MS)
        if info is None:
            say({"event": "unresolved", "name": name})
            return
        txt = {key.decode(): (value or b"").decode() for key, value in info.properties.items()}
        say({"event": "found", "name": name, "port": info.port, "addresses": info.parsed_addresses(), "txt": txt})


def say(line):
    print(json.dumps(line), flush=True)


zeroconf = Zeroconf(interfaces=[sys.argv[1]])
ServiceBrowser(zeroconf, "_landline._tcp.local.", Printer())
threading.Event().wait()
