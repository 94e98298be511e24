"""MariaDB on three hosts as a Galera cluster."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path
from typing import NamedTuple

from cluster.hosts import Host, from_own
from cluster.waiting import answer_of, wait_until

SQL_PORT, GROUP_PORT, IST_PORT, SST_PORT = 13306, 14567, 14568, 14444
DATABASE = "artifactd"
REQUIRED = ("mariadbd", "mariadb", "mariadb-install-db", "rsync", "wsrep_sst_rsync")
PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera/libgalera_smm.so")

ACCOUNTS = f"""
FLUSH PRIVILEGES;
CREATE DATABASE {DATABASE};
CREATE USER 'artifactd'@'%' IDENTIFIED BY '';
GRANT ALL ON *.* TO 'artifactd'@'%' WITH GRANT OPTION;
"""


class Timing(NamedTuple):
    """How soon the group drops a member that it does not hear, in seconds; Galera's own are 1, 5, 15 and 7.5."""

    keepalive_s: float = 0.5
    suspect_s: float = 2.5
    inactive_s: float = 5
    install_s: float = 5


def provider() -> str:
    """Galera's library, empty where there is none."""
    return next((path for path in PROVIDERS if Path(path).exists()), "")


def database_user() -> str:
    """Who runs MariaDB: this user, or Debian's, where this one is root."""
    return "mysql" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


class GaleraCluster:
    """Three hosts with MariaDB, each of which takes writes.

    Args:
        flush: `innodb_flush_log_at_trx_commit`. A cluster that outlives all of its members' crash at once needs 1.
        options: of MariaDB, beside those that keep it small.
    """

    def __init__(
        self, hosts: list[Host], *, flush: int = 1, timing: Timing | None = None, options: dict[str, str] | None = None
    ) -> None:
        self.hosts = hosts
        self.timing = timing or Timing()
        self._flush = flush
        self._options = options or {}
        self._user = database_user()

    def url_from(self, host: Host) -> str:
        """The database's URL for a program on a host: its own server first, and the others where that will not do."""
        places = ",".join(f"{one.address}:{SQL_PORT}" for one in from_own(self.hosts, host))
        return f"mysql://artifactd@{places}/{DATABASE}"

    @property
    def program(self) -> str:
        """The database's own program."""
        return "mariadbd"

    def roles(self) -> dict[str, list[Host]]:
        """The hosts by what they are: all are the same."""
        return {"member": self.hosts}

    def mend(self, host: Host) -> None:
        """Connects a host again that was cut off, and starts one whose server was killed."""
        if host.is_cut:
            host.heal()
        if not host.processes(self.program):
            self.start_on(host)

    def start(self) -> None:
        """Founds the cluster on the first host, lets the others join, and waits until it is healthy."""
        first, *others = self.hosts
        self._install(first)
        self.start_on(first, founds=True)
        wait_until(lambda: self.is_synced(first), 60, f"the founding member {first.name}")
        for host in others:
            self.start_on(host)
            wait_until(lambda host=host: self.is_synced(host), 60, f"{host.name} to join")  # type: ignore[misc]
        self.wait_until_healthy(30)

    def start_on(self, host: Host, *, founds: bool = False) -> None:
        """Starts a host's server, for the first time or after it was killed: then from where its log ends.

        Args:
            founds: it begins a new cluster instead of joining.
        """
        host.own(host.folder / "mariadb", self._user)
        options = self._settings(host)
        if founds:
            options |= {"wsrep-new-cluster": None}
        if position := self._recovered(host):
            options |= {"wsrep-start-position": position}
        host.start("mariadb", command_of(options), user=self._user)

    def _install(self, host: Host) -> None:
        """Makes the first member's empty databases; the others get theirs from it."""
        folder = host.own(host.folder / "mariadb", self._user)
        accounts = folder / "accounts.sql"
        accounts.write_text(ACCOUNTS)
        accounts.chmod(0o644)
        options = {
            "datadir": folder / "data",
            "auth-root-authentication-method": "normal",
            "extra-file": accounts,
            "skip-test-db": None,
            "innodb-log-file-size": "16M",
        }
        command = command_of(options, program="mariadb-install-db")
        if host.start("mariadb-install", command, user=self._user).wait(120):
            raise OSError(f"mariadb-install-db failed: {host.log('mariadb-install')}")

    def _recovered(self, host: Host) -> str:
        """Where a killed member's log ends, as `UUID:number`; empty for one that has not run yet."""
        if not (host.folder / "mariadb" / "data" / "grastate.dat").exists():
            return ""
        options = self._settings(host) | {"wsrep-recover": None}
        host.start("mariadb-recover", command_of(options), user=self._user).wait(60)
        found = re.findall(r"Recovered position:? *([0-9a-f-]{36}:-?\d+)", host.log("mariadb-recover"))
        return str(found[-1]) if found else ""

    def _settings(self, host: Host) -> dict[str, object]:
        """A server's options by name; those without a value stand alone."""
        folder = host.folder / "mariadb"
        (folder / "data").mkdir(exist_ok=True)
        host.own(folder / "data", self._user)
        everywhere = host.address if host.address == host.door else "0.0.0.0"
        sizes = {
            "innodb-buffer-pool-size": "64M",
            "innodb-log-file-size": "16M",
            "max-connections": 200,
            "max-allowed-packet": "64M",
        }
        return {
            "datadir": folder / "data",
            "socket": folder / "sock",
            "pid-file": folder / "pid",
            "bind-address": everywhere,
            "port": SQL_PORT,
            "skip-name-resolve": None,
            "character-set-server": "utf8mb4",
            "binlog-format": "ROW",
            "default-storage-engine": "InnoDB",
            "innodb-autoinc-lock-mode": 2,
            "innodb-flush-log-at-trx-commit": self._flush,
            "wsrep-on": "ON",
            "wsrep-provider": provider(),
            "wsrep-provider-options": self._provider_options(host),
            "wsrep-cluster-name": "artifactd",
            "wsrep-cluster-address": "gcomm://" + ",".join(f"{one.address}:{GROUP_PORT}" for one in self.hosts),
            "wsrep-node-name": host.name,
            "wsrep-node-address": f"{host.address}:{GROUP_PORT}",
            "wsrep-sst-method": "rsync",
            "wsrep-sst-receive-address": f"{host.address}:{SST_PORT}",
            "wsrep-slave-threads": 2,
            **sizes,
            **self._options,
        }

    def _provider_options(self, host: Host) -> str:
        """The options of Galera itself."""
        timing = self.timing
        options = {
            "gmcast.listen_addr": f"tcp://{host.address}:{GROUP_PORT}",
            "ist.recv_addr": f"{host.address}:{IST_PORT}",
            "gcache.size": "32M",
            "gcache.page_size": "32M",
            "gcache.recover": "yes",
            "pc.recovery": "yes",
            "evs.keepalive_period": f"PT{timing.keepalive_s}S",
            "evs.inactive_check_period": f"PT{timing.keepalive_s}S",
            "evs.suspect_timeout": f"PT{timing.suspect_s}S",
            "evs.inactive_timeout": f"PT{timing.inactive_s}S",
            "evs.install_timeout": f"PT{timing.install_s}S",
        }
        return ";".join(f"{name}={value}" for name, value in options.items())

    def status(self, host: Host) -> dict[str, str]:
        """What a member says of its cluster: its `wsrep_` variables without that prefix.

        Raises:
            OSError: it does not answer.
        """
        lines = self.sql("SHOW GLOBAL STATUS LIKE 'wsrep\\_%'", on=host, seconds=5).splitlines()
        return {name.removeprefix("wsrep_"): value for name, _, value in (line.partition("\t") for line in lines)}

    def is_synced(self, host: Host) -> bool:
        """Whether a member is in the majority's part and has everything."""
        status = self.status(host)
        return status.get("cluster_status") == "Primary" and status.get("local_state_comment") == "Synced"

    def is_healthy(self) -> bool:
        """Whether every host that runs and is connected is a member and has everything."""
        expected = [host for host in self.hosts if host.takes_part]
        size = str(len(expected))
        return all(self.is_synced(host) and self.status(host)["cluster_size"] == size for host in expected)

    def wait_until_healthy(self, seconds: float = 60) -> None:
        """Waits for `is_healthy`."""
        wait_until(self.is_healthy, seconds, "a cluster of MariaDB whose members are all synced")

    def bootstrap_again(self) -> Host:
        """Makes the member that has most the majority by itself, after the cluster has lost its majority for good."""
        reachable = [host for host in self.hosts if host.takes_part]
        most = max(reachable, key=lambda host: int(self.status(host)["last_committed"]))
        self.sql("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'", on=most)
        return most

    def sql(self, statement: str, *, on: Host, dbname: str = "", seconds: float = 30) -> str:
        """What a statement gives on one host, one row a line, columns apart by tabs.

        Raises:
            OSError: it was refused, or nobody answered.
            TimeoutError: no answer within so many seconds.
        """
        options = {"host": on.door, "port": SQL_PORT, "user": "artifactd", "connect-timeout": 2, "execute": statement}
        words = command_of(options, program="mariadb")
        return answer_of([*words, "--batch", "--raw", "--skip-column-names", "--protocol=tcp", dbname], seconds)


def command_of(options: dict[str, object], *, program: str = "mariadbd") -> list[str]:
    """A command line of MariaDB's; `--no-defaults` must come first."""
    words = [f"--{name}" if value is None else f"--{name}={value}" for name, value in options.items()]
    return [program, "--no-defaults", *words]
