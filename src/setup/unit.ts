import { secretsFolder } from '../../models/secret.ts';
import { compiledProgram, daemonFlags } from '../process/program.ts';

/** Where the program is installed, on every machine. */
export const home = '/etc/failover';

/** The unit's name. */
export const unitName = 'failover.service';

/**
 * The text of `failover.service`. `node`: the program that runs what was compiled, without the launcher;
 * where it is not known, the launcher finds it. `groups`: those it must be in to use other programs' sockets;
 * systemd does not start the unit when one is missing.
 *
 * What stays open, as `systemd-analyze security` counts: the two capabilities, sockets of every kind the
 * daemon uses and the machine's network (its work); writable and executable memory (the engine compiles);
 * `/proc/sys/net` writable (settings of the providers' devices).
 */
export function unitText({
  node,
  groups = [],
}: {
  readonly node?: string | undefined;
  readonly groups?: readonly string[];
} = {}): string {
  return `[Unit]
Description=failover, keeps this machine online through several internet providers
Documentation=file:${home}/docs/operations.md
After=network-pre.target systemd-sysctl.service
# Whatever keeps it from running may pass: it never gives up.
StartLimitIntervalSec=0

[Service]
Type=notify
# Also from its children: where libc cannot be called, systemd-notify sends the messages.
NotifyAccess=all
WorkingDirectory=${home}
ExecStart=${node === undefined ? `${home}/failover` : [node, ...daemonFlags, compiledProgram(home)].join(' ')} run
ExecReload=/bin/sh -c 'kill -HUP "$MAINPID"'
Environment=TSX_DISABLE_CACHE=1 HOME=%S/failover
Restart=on-failure
RestartSec=1
# Retrying does not help a configuration with mistakes.
RestartPreventExitStatus=78
WatchdogSec=15
TimeoutStartSec=60
TimeoutStopSec=10
# Its ip sessions must outlive the signal: they may have routes to remove.
KillMode=mixed
# It takes 50 MB and some 15 tasks with a few providers. A daemon that needs more than this
# is leaking: it is killed and restarted.
MemoryMax=512M
TasksMax=512
# When memory runs out, the internet connection must not be the first to go.
OOMScoreAdjust=-500
StateDirectory=failover
RuntimeDirectory=failover
# What "failover secret set" keeps. The second line lets it start where the folder is missing.
LoadCredential=secrets:${secretsFolder}
SetCredential=secrets:none

DynamicUser=yes
${groups.length === 0 ? '' : `SupplementaryGroups=${groups.join(' ')}\n`}AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW
${hardening}
[Install]
WantedBy=multi-user.target
`;
}

const hardening = `LockPersonality=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
ReadWritePaths=-/proc/sys/net
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# For ping(8), which drops privileges, and for giving the control socket to a group.
SystemCallFilter=capset @setuid @chown
UMask=0077
`;
