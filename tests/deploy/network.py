"""Three hosts on one machine: network namespaces, a hub with a cable to each other; addresses exist inside only."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

HOSTS = ("near", "far")


@dataclass(frozen=True)
class Network:
    """`hub` runs the servers; each other host reaches it at an address of its own."""

    mark: str  # of this process, so that two runs do not meet

    def on(self, host: str, command: Sequence[str]) -> list[str]:
        """The command line that runs `command` on a host."""
        return ["ip", "netns", "exec", self._name(host), *command]

    def address_of_hub(self, host: str) -> str:
        return f"10.77.{HOSTS.index(host) + 1}.1"

    def cut(self, host: str) -> None:
        """Takes the cable out: what is on its way is lost, and nobody is told."""
        self._ip("-n", self._name("hub"), "link", "set", f"to-{host}", "down")

    def mend(self, host: str) -> None:
        self._ip("-n", self._name("hub"), "link", "set", f"to-{host}", "up")

    def build(self) -> None:
        for host in ("hub", *HOSTS):
            self._ip("netns", "add", self._name(host))
            self._ip("-n", self._name(host), "link", "set", "lo", "up")
        for number, host in enumerate(HOSTS, 1):
            hub, other = self._name("hub"), self._name(host)
            self._ip(
                *("link", "add", f"to-{host}", "netns", hub, "type", "veth"),
                *("peer", "name", "to-hub", "netns", other),
            )
            for namespace, device, last in ((hub, f"to-{host}", 1), (other, "to-hub", 2)):
                self._ip("-n", namespace, "address", "add", f"10.77.{number}.{last}/24", "dev", device)
                self._ip("-n", namespace, "link", "set", device, "up")

    def remove(self) -> None:
        for host in ("hub", *HOSTS):
            subprocess.run(["ip", "netns", "del", self._name(host)], capture_output=True, check=False)

    def _name(self, host: str) -> str:
        return f"assay-{self.mark}-{host}"

    def _ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@contextmanager
def network() -> Iterator[Network]:
    made = Network(str(os.getpid()))
    try:
        made.build()
        yield made
    finally:
        made.remove()
