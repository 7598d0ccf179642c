/**
 * Nexthop groups with more members than `ip` can write: its message buffer holds 1048 bytes (iproute2 6.1,
 * ipnexthop.c), eight for each member. We write those to the kernel in a netlink message of our own (linux
 * include/uapi/linux/nexthop.h).
 */
import { constants, endianness } from 'node:os';
import type { NexthopGroup, Operation } from '../../models/route.ts';
import { ourProtocol } from '../../models/route.ts';
import { closeDescriptor, netlinkSocket, requestNetlink } from './libc.ts';

const mostByIp = 100;

const RTM_NEWNEXTHOP = 104;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLM_F_REPLACE = 0x100;
const NLM_F_EXCL = 0x200;
const NLM_F_CREATE = 0x400;
const NLA_F_NESTED = 0x8000;
const NHA_ID = 1;
const NHA_GROUP = 2;
const NHA_GROUP_TYPE = 3;
const NHA_RES_GROUP = 12;
const NHA_RES_GROUP_BUCKETS = 1;
const NHA_RES_GROUP_IDLE_TIMER = 2;
const NHA_RES_GROUP_UNBALANCED_TIMER = 3;
const NEXTHOP_GRP_TYPE_RES = 1;
const ticksPerSecond = 100; // USER_HZ

/** The group that an operation writes, if it is too large for `ip`; undefined for every other operation. */
export function largeGroup(operation: Operation): NexthopGroup | undefined {
  if (!('nexthop' in operation) || operation.action === 'delete') return undefined;
  const { nexthop } = operation;
  return 'members' in nexthop && nexthop.members.length > mostByIp ? nexthop : undefined;
}

/** Creates a group, or atomically replaces the one with its id. Returns the kernel's objection. @throws {LibcError} */
export function writeGroup(group: NexthopGroup, action: Operation['action']): string | undefined {
  const fd = netlinkSocket();
  try {
    const answer = requestNetlink(fd, message(group, action));
    const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
    const error = view.getUint16(4, little) === NLMSG_ERROR ? -view.getInt32(16, little) : 0;
    return error === 0 ? undefined : `RTNETLINK answers: ${nameOf(error)}`;
  } finally {
    closeDescriptor(fd);
  }
}

const little = endianness() === 'LE';

function message(group: NexthopGroup, action: Operation['action']): Buffer {
  const how = action === 'replace' ? NLM_F_REPLACE : NLM_F_EXCL;
  const header = Buffer.alloc(24); // nlmsghdr, nhmsg
  const timers = [
    attribute(NHA_RES_GROUP_BUCKETS, number16(group.buckets)),
    attribute(NHA_RES_GROUP_IDLE_TIMER, number32(group.idleSeconds * ticksPerSecond)),
    attribute(NHA_RES_GROUP_UNBALANCED_TIMER, number32(group.unbalancedSeconds * ticksPerSecond)),
  ];
  const whole = Buffer.concat([
    header,
    attribute(NHA_ID, number32(group.id)),
    attribute(NHA_GROUP, Buffer.concat(group.members.map(member))),
    attribute(NHA_GROUP_TYPE, number16(NEXTHOP_GRP_TYPE_RES)),
    attribute(NHA_RES_GROUP | NLA_F_NESTED, Buffer.concat(timers)),
  ]);
  const view = new DataView(whole.buffer, whole.byteOffset, whole.length);
  view.setUint32(0, whole.length, little);
  view.setUint16(4, RTM_NEWNEXTHOP, little);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | how, little);
  view.setUint8(18, ourProtocol);
  return whole;
}

/** `struct nexthop_grp`: the kernel stores the weight minus one. */
function member({ id, weight }: NexthopGroup['members'][number]): Buffer {
  const bytes = Buffer.alloc(8);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, id, little);
  bytes.writeUInt8(weight - 1, 4);
  return bytes;
}

function attribute(type: number, value: Buffer): Buffer {
  const length = 4 + value.length;
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint16(0, length, little);
  view.setUint16(2, type, little);
  value.copy(bytes, 4);
  return bytes;
}

function number16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(0, value, little);
  return bytes;
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, value, little);
  return bytes;
}

function nameOf(error: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === error)?.[0] ?? `errno ${error}`;
}
