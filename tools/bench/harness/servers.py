# Copyright 2026 The eventd authors.
# SPDX-License-Identifier: Apache-2.0
"""eventd and what it is compared with, each with a configuration of its own."""

import contextlib
import http.client
import json
import re
import shutil
import signal
import socket
import subprocess

from .stage import Failed, NotInstalled, free_port, wait_for

API = "/apis/messaging.knative.dev/v1/namespaces"


def program(name, package):
    """Path of a reference's program."""
    # Debian keeps servers where a user's PATH may not lead.
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not found:
        raise NotInstalled(f"not installed (apt-get install {package})")
    return found


def http_get(address, path):
    """Status and body; status 0 where nobody answers."""
    try:
        with contextlib.closing(
                http.client.HTTPConnection(address, timeout=10)) as link:
            link.request("GET", path)
            answer = link.getresponse()
            return answer.status, answer.read()
    except OSError:
        return 0, b""


class Server:
    """One process that listens at an address."""

    def __init__(self, stage, name, address, argv):
        self.stage, self.name, self.address = stage, name, address
        self.argv = argv
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        return f"http://{self.address}"

    def launch(self):
        self.process = self.stage.start(self.argv, f"{self.name}.log")

    def wait_ready(self):
        wait_for(self.name, self.is_ready,
                 lambda: self.process.poll() is None, limit_s=600,
                 pause_s=0.002)

    def start(self):
        self.launch()
        self.wait_ready()
        return self

    def is_ready(self):
        host, port = self.address.split(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def stop(self):
        self.stage.stop(self.process)

    def kill(self):
        self.stage.stop(self.process, signal.SIGKILL)


class Eventd(Server):
    def __init__(self, stage, bin_dir, io_threads=1, host="127.0.0.1",
                 name="eventd", more=()):
        self.bin_dir = bin_dir
        self.data = stage.path / f"{name}.data"
        address = f"{host}:{free_port(host)}"
        super().__init__(stage, name, address, [
            bin_dir / "eventd", "--listen", address, "--data-dir", self.data,
            "--log-level", "warn", "--io-threads", io_threads, *more])

    def is_ready(self):
        return http_get(self.address, "/readyz")[0] == 200

    def apply(self, manifests, lanes=1):
        """Applies Channels and Subscriptions, several at a time."""
        files = []
        for lane in range(lanes):
            part = manifests[lane::lanes]
            path = self.stage.path / f"manifests{lane}.yaml"
            # The mark makes it YAML: JSON is one document a file.
            path.write_text("".join(f"---\n{json.dumps(x)}\n" for x in part))
            files += [path] if part else []
        running = [self.stage.start(
            [self.bin_dir / "eventctl", "--server", self.url, "apply", "-f",
             file], "apply.log") for file in files]
        if any([child.wait() for child in running]):
            log = (self.stage.path / "apply.log").read_text().splitlines()
            wrong = [x for x in log if x.startswith("error")] or log[-1:]
            raise Failed("eventctl apply: " + " ".join(wrong[:1]))

    def leader(self, channel):
        """The node of the cluster that leads a channel; 0: none does."""
        namespace, name = channel.split("/")
        _, body = http_get(self.address,
                           f"{API}/{namespace}/channels/{name}")
        shard = json.loads(body)["status"]["eventd"]["shard"]
        _, body = http_get(self.address, "/v1/cluster")
        return next(x["leader"] for x in json.loads(body)["shards"]
                    if x["shard"] == shard)


def channel(name="bench"):
    return {"apiVersion": "messaging.knative.dev/v1", "kind": "Channel",
            "metadata": {"namespace": "default", "name": name}}


def subscription(name, of, uri):
    return {"apiVersion": "messaging.knative.dev/v1", "kind": "Subscription",
            "metadata": {"namespace": "default", "name": name},
            "spec": {"channel": {"apiVersion": "messaging.knative.dev/v1",
                                 "kind": "Channel", "name": of},
                     "subscriber": {"uri": uri}}}


def eventd(stage, bin_dir, io_threads=1):
    """A node that stands alone, with the channel default/bench."""
    server = Eventd(stage, bin_dir, io_threads).start()
    server.apply([channel()])
    return server


def cluster(stage, bin_dir, io_threads=1):
    """Three nodes with the channel default/bench; its leader comes first."""
    hosts = {n: f"127.0.0.{n}" for n in (1, 2, 3)}
    links = {n: f"{host}:{free_port(host)}" for n, host in hosts.items()}
    peers = ",".join(f"{n}={links[n]}" for n in links)
    nodes = {n: Eventd(stage, bin_dir, io_threads, hosts[n], f"eventd{n}",
                       ["--node-id", n, "--cluster-listen", links[n],
                        "--peers", peers]) for n in hosts}
    for node in nodes.values():
        node.launch()
    for node in nodes.values():
        node.wait_ready()
    nodes[1].apply([channel()])
    wait_for("the channel's leader",
             lambda: nodes[1].leader("default/bench") > 0, pause_s=0.1)
    first = nodes.pop(nodes[1].leader("default/bench"))
    return [first, *nodes.values()]


def nothing(stage, bin_dir, io_threads=1):
    address = f"127.0.0.1:{free_port()}"
    return Server(stage, "nothing", address, [
        bin_dir / "eventd-bench", "nothing", "--listen", address,
        "--threads", io_threads]).start()


NGINX = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  server {{ listen {address}; location / {{ return 204; }} }}
}}
"""


def nginx(stage):
    address = f"127.0.0.1:{free_port()}"
    file = stage.path / "nginx.conf"
    file.write_text(NGINX.format(folder=stage.path, address=address))
    return Server(stage, "nginx", address,
                  [program("nginx", "nginx-light"), "-c", file, "-e",
                   stage.path / "nginx.error.log"]).start()


class Redis(Server):
    """Redis that syncs its append-only file before it answers."""

    def __init__(self, stage):
        self.data = stage.path / "redis"
        self.data.mkdir()
        port = free_port()
        super().__init__(stage, "redis", f"127.0.0.1:{port}", [
            program("redis-server", "redis-server"), "--port", port,
            "--bind", "127.0.0.1", "--dir", self.data, "--save", "",
            "--appendonly", "yes", "--appendfsync", "always",
            "--auto-aof-rewrite-percentage", 0])

    def is_ready(self):
        host, port = self.address.split(":")
        try:
            with socket.create_connection((host, int(port)), 10) as link:
                link.sendall(b"PING\r\n")
                return link.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def redis(stage):
    return Redis(stage).start()


NATS = """listen: {address}
jetstream {{ store_dir: "{folder}/nats" {sync} }}
"""


class Nats(Server):
    """NATS JetStream; `synced` where its version can sync each message."""

    def __init__(self, stage):
        path = program("nats-server", "nats-server")
        self.data = stage.path / "nats"
        address = f"127.0.0.1:{free_port()}"
        file = stage.path / "nats.conf"
        for sync in (", sync_interval: always", ""):
            file.write_text(NATS.format(address=address, folder=stage.path,
                                        sync=sync))
            check = subprocess.run([path, "-t", "-c", str(file)], check=False,
                                   stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            if check.returncode == 0:
                break
        self.synced = bool(sync)
        super().__init__(stage, "nats", address, [path, "-c", file])


def nats(stage):
    return Nats(stage).start()


def versions():
    """What each reference says of itself, or how to install it."""
    asked = {"redis": ("redis-server", "redis-server", "--version"),
             "nats": ("nats-server", "nats-server", "--version"),
             "nginx": ("nginx", "nginx-light", "-v")}
    out = {}
    for name, (file, package, flag) in asked.items():
        try:
            said = subprocess.run([program(file, package), flag], check=False,
                                  capture_output=True, text=True)
            number = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
            out[name] = f"{file} {number[0] if number else '?'}"
        except NotInstalled as why:
            out[name] = f"{file} {why}"
    return out
