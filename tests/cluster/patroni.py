"""PostgreSQL on three hosts under Patroni, each host with a member of etcd, as it would be on real machines."""

from __future__ import annotations

import http.client
import json
import os
import pwd
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cluster.hosts import Host, from_own
from cluster.waiting import answer_of, wait_until

SQL_PORT, PATRONI_PORT, ETCD_PORT, ETCD_PEER_PORT = 15432, 18008, 12379, 12380
KEYS = "/service/artifactd/"
DATABASE = "artifactd"
REQUIRED = ("etcd", "patroni", "psql")


class Timing(NamedTuple):
    """How soon Patroni acts, in seconds.

    A leader that is not heard of for `ttl_s` is replaced. Patroni wants `loop_wait_s + 2 * retry_timeout_s <= ttl_s`.
    """

    ttl_s: int = 10
    loop_wait_s: int = 1
    retry_timeout_s: int = 4


def programs_of_postgresql() -> Path:
    """The folder of the newest PostgreSQL's programs."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    found = packaged[-1] if packaged else Path(shutil.which("postgres") or "postgres").resolve()
    return found.parent


def database_user() -> str:
    """Who runs PostgreSQL: this user, or Debian's, where this one is root."""
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


class PostgresCluster:
    """Three hosts, each with etcd, Patroni and PostgreSQL, which replicates synchronously to one of the others.

    Args:
        strict: writes wait when there is no synchronous standby, instead of going on without one.
        parameters: of PostgreSQL, beside those that keep it small.
    """

    def __init__(
        self,
        hosts: list[Host],
        *,
        strict: bool = True,
        timing: Timing | None = None,
        parameters: dict[str, str] | None = None,
    ) -> None:
        self.hosts = hosts
        self.timing = timing or Timing()
        self._strict = strict
        self._parameters = parameters or {}
        self._user = database_user()

    def url_from(self, host: Host) -> str:
        """The database's URL for a program on a host: its own server first, of all only the leader will do."""
        places = ",".join(f"{one.address}:{SQL_PORT}" for one in from_own(self.hosts, host))
        return f"postgresql://postgres@{places}/{DATABASE}"

    def doors(self) -> str:
        """The hosts as the test reaches them, as keywords of libpq."""
        hosts, ports = ",".join(host.door for host in self.hosts), ",".join([str(SQL_PORT)] * len(self.hosts))
        return f"host={hosts} port={ports} user=postgres dbname={DATABASE} target_session_attrs=read-write"

    @property
    def program(self) -> str:
        """The database's own program."""
        return "postgres"

    def roles(self) -> dict[str, list[Host]]:
        """The hosts by what they are: the leader, the synchronous standby, and the other."""
        leader, (synchronous, *others) = self.leader(), self.standbys()
        assert leader
        return {"leader": [leader], "synchronous standby": [synchronous], "asynchronous standby": others}

    def mend(self, host: Host) -> None:
        """Connects a host again that was cut off, and starts one that was killed; Patroni starts PostgreSQL itself."""
        if host.is_cut:
            host.heal()
        if host.is_down:
            self.start_on(host)

    def start(self) -> None:
        """Starts everything, and waits until it is healthy."""
        for host in self.hosts:
            self.start_on(host)
        self.wait_until_healthy(90)
        self.sql(f"CREATE DATABASE {DATABASE}", dbname="postgres")
        for host in self.hosts:
            # Whoever names several hosts stops at the first that says that there is no such database.
            wait_until(partial(self._has_database, host), 30, f"{host.name} to have the database")

    def _has_database(self, host: Host) -> bool:
        names = self.sql("SELECT datname FROM pg_database", on=host, dbname="postgres")
        return DATABASE in names.splitlines()

    def start_on(self, host: Host) -> None:
        """Starts a host's programs, for the first time or after it was killed."""
        host.start("etcd", self._etcd(host), user=self._user)
        data = host.own(host.folder / "postgresql", self._user)
        config = data / "patroni.json"  # JSON is YAML.
        config.write_text(json.dumps(self._patroni(host, data), indent=1))
        config.chmod(0o644)
        host.start("patroni", ["patroni", config], user=self._user)

    def _etcd(self, host: Host) -> list[str]:
        """The command of a host's etcd."""
        data = host.own(host.folder / "etcd", self._user)
        peers = ",".join(f"{one.name}=http://{one.address}:{ETCD_PEER_PORT}" for one in self.hosts)
        listen = [host.address] if host.address == host.door else [host.address, host.door]
        options = {
            "name": host.name,
            "data-dir": data / "data",
            "listen-peer-urls": f"http://{host.address}:{ETCD_PEER_PORT}",
            "initial-advertise-peer-urls": f"http://{host.address}:{ETCD_PEER_PORT}",
            "listen-client-urls": ",".join(f"http://{one}:{ETCD_PORT}" for one in listen),
            "advertise-client-urls": f"http://{host.address}:{ETCD_PORT}",
            "initial-cluster": peers,
            "initial-cluster-state": "new",
            "heartbeat-interval": 100,
            "election-timeout": 1000,
            # Patroni before 3.0.3 must speak etcd's older API. Through the newer one an old leader, cut off and healed,
            # reads its own member's old state and puts its lock over its successor's (patroni/patroni#2689): both have
            # led, and rows that the successor acknowledged are lost. This laboratory's first seed found it.
            "enable-v2": "true",
            "logger": "zap",
            "log-level": "warn",
        }
        return ["etcd", *(f"--{name}={value}" for name, value in options.items())]

    def _patroni(self, host: Host, data: Path) -> dict[str, Any]:
        """The settings of a host's Patroni."""
        everywhere = host.address if host.address == host.door else "0.0.0.0"
        return {
            "scope": "artifactd",
            "name": host.name,
            "restapi": {"listen": f"{everywhere}:{PATRONI_PORT}", "connect_address": f"{host.address}:{PATRONI_PORT}"},
            "etcd": {"hosts": [f"{one.address}:{ETCD_PORT}" for one in self.hosts]},
            "bootstrap": {
                "dcs": self._common(),
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, {"auth": "trust"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"{everywhere}:{SQL_PORT}",
                "connect_address": f"{host.address}:{SQL_PORT}",
                "data_dir": str(data / "data"),
                "bin_dir": str(programs_of_postgresql()),
                "pgpass": str(data / "pgpass"),
                "authentication": {"superuser": {"username": "postgres"}, "replication": {"username": "postgres"}},
                "parameters": {"unix_socket_directories": str(data)},
                "pg_hba": [
                    "local all all trust",
                    "host all all 0.0.0.0/0 trust",
                    "host replication all 0.0.0.0/0 trust",
                ],
                # A data directory that cannot be rewound is made anew, as a person would do it.
                "remove_data_directory_on_rewind_failure": True,
                "remove_data_directory_on_diverged_timelines": True,
            },
        }

    def _common(self) -> dict[str, Any]:
        """What all members have in common, and etcd keeps."""
        small = {
            "shared_buffers": "32MB",
            "max_connections": 100,
            "max_wal_size": "256MB",
            "wal_keep_size": "128MB",
            "checkpoint_timeout": "5min",
            # A standby whose primary has gone silent, and the other way round, must notice it.
            "wal_receiver_timeout": "5s",
            "wal_sender_timeout": "5s",
        }
        return {
            "ttl": self.timing.ttl_s,
            "loop_wait": self.timing.loop_wait_s,
            "retry_timeout": self.timing.retry_timeout_s,
            "synchronous_mode": True,
            "synchronous_mode_strict": self._strict,
            "maximum_lag_on_failover": 1048576,
            "postgresql": {"use_pg_rewind": True, "use_slots": True, "parameters": small | self._parameters},
        }

    def leader(self) -> Host | None:
        """Who holds the leader's key, as the majority of etcd knows it."""
        name = self.keys().get("leader")
        return next((host for host in self.hosts if host.name == name), None)

    def keys(self) -> dict[str, str]:
        """What Patroni keeps in etcd, by the names below its scope.

        Raises:
            OSError: no member of etcd has the majority behind it.
        """
        for host in self.hosts:
            # `quorum` makes it the majority's answer, not what one member remembers.
            answer = ask(host.door, ETCD_PORT, f"/v2/keys{KEYS}?recursive=true&quorum=true")
            if answer and "node" in answer:
                return dict(leaves(answer["node"]))
        raise OSError("no member of etcd has the majority behind it")

    def member(self, host: Host) -> dict[str, Any]:
        """What a host's Patroni says of its PostgreSQL; empty when it does not answer."""
        return ask(host.door, PATRONI_PORT, "/patroni") or {}

    def is_healthy(self) -> bool:
        """Whether there is a leader, to whom every other host that runs and is connected streams, one synchronously."""
        keys = self.keys()
        leader = next((host for host in self.hosts if host.name == keys.get("leader")), None)
        if not leader or not json.loads(keys.get("sync", "{}")).get("sync_standby"):
            return False
        about = self.member(leader)
        if about.get("state") != "running" or about.get("role") not in {"master", "primary"}:
            return False
        expected = {host.name for host in self.hosts if host.takes_part} - {leader.name}
        standbys = about.get("replication", [])
        streaming = {one["application_name"] for one in standbys if one["state"] == "streaming"}
        synchronous = {one["application_name"] for one in standbys if one["sync_state"] in {"sync", "quorum"}}
        return expected <= streaming and bool(synchronous)

    def wait_until_healthy(self, seconds: float = 60) -> None:
        """Waits for `is_healthy`."""
        wait_until(self.is_healthy, seconds, "a leader of PostgreSQL to whom the others stream")

    def wait_for_leader_other_than(self, old: Host, seconds: float = 60) -> Host:
        """Waits until another host leads, and gives it."""

        def another() -> Host | None:
            leader = self.leader()
            return leader if leader and leader is not old else None

        return wait_until(another, seconds, f"a leader other than {old.name}")

    def wait_until_replayed(self, host: Host, seconds: float = 30) -> None:
        """Waits until a host's database has everything that the leader has written by now."""
        position = self.sql("SELECT pg_current_wal_lsn()")
        behind = f"SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= '{position}' ELSE true END"
        wait_until(lambda: self.sql(behind, on=host) == "t", seconds, f"{host.name} to have all of the leader's rows")

    def standbys(self) -> list[Host]:
        """The hosts that do not lead, the synchronous one first."""
        keys = self.keys()
        synchronous = json.loads(keys.get("sync", "{}")).get("sync_standby") or ""
        others = [host for host in self.hosts if host.name != keys.get("leader")]
        return sorted(others, key=lambda host: host.name not in synchronous.split(","))

    def sql(self, statement: str, *, on: Host | None = None, dbname: str = DATABASE, seconds: float = 30) -> str:
        """What a statement gives, one row a line, on one host or on whichever leads.

        Raises:
            OSError: it was refused, or there was nobody to ask.
            TimeoutError: no answer within so many seconds.
        """
        where = f"host={on.door} port={SQL_PORT} user=postgres" if on else self.doors()
        command = [
            "psql",
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
            f"{where} connect_timeout=2 dbname={dbname}",
        ]
        return answer_of(command, seconds)


def ask(host: str, port: int, path: str) -> dict[str, Any] | None:
    """The JSON object that a server answers with, whatever its status; nothing when it does not answer."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else None


def leaves(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys below a folder of etcd's, by their names below Patroni's scope, and their values."""
    for one in node.get("nodes", []):
        if one.get("dir"):
            yield from leaves(one)
        else:
            yield one["key"].removeprefix(KEYS), one["value"]
