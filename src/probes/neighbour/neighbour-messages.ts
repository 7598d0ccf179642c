/** The netlink messages about a neighbour (linux include/uapi/linux/neighbour.h), in host byte order. */
import { endianness } from 'node:os';
import type { Family } from '../../../models/path.ts';
import { addressBytes } from '../../reach/address-bytes.ts';

/** The neighbour that a message is about. */
export interface Neighbour {
  readonly family: Family;
  readonly interfaceIndex: number;
  readonly address: string;
}

/** NUD states: what the kernel believes about a neighbour. */
export const state = {
  none: 0,
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noArp: 0x40,
  permanent: 0x80,
} as const;

const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLM_F_REPLACE = 0x100;
const NLM_F_CREATE = 0x400;
const NDA_DST = 1;
const NTF_USE = 1;
const headerLength = 28; // nlmsghdr and ndmsg
const little = endianness() === 'LE';

/** Queries the state of a neighbour. */
export function readRequest(neighbour: Neighbour): Buffer {
  return message(neighbour, { type: RTM_GETNEIGH, flags: NLM_F_REQUEST, state: 0, use: false });
}

/** Puts a known neighbour into a state. */
export function setRequest(neighbour: Neighbour, next: number): Buffer {
  const flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE;
  return message(neighbour, { type: RTM_NEWNEIGH, flags, state: next, use: false });
}

/** Makes the kernel resolve a neighbour, as if it had a packet for it. */
export function useRequest(neighbour: Neighbour): Buffer {
  const flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE | NLM_F_CREATE;
  return message(neighbour, { type: RTM_NEWNEIGH, flags, state: 0, use: true });
}

/** The error number in an answer; 0 if it is not an error. */
export function errorIn(answer: Buffer): number {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  return view.getUint16(4, little) === NLMSG_ERROR ? -view.getInt32(16, little) : 0;
}

/** The state in an answer to `readRequest`. */
export function stateIn(answer: Buffer): number {
  return new DataView(answer.buffer, answer.byteOffset, answer.length).getUint16(24, little);
}

interface Parts {
  readonly type: number;
  readonly flags: number;
  readonly state: number;
  readonly use: boolean;
}

function message({ family, interfaceIndex, address }: Neighbour, parts: Parts): Buffer {
  const bytes = addressBytes(address);
  const buffer = Buffer.alloc(headerLength + 4 + bytes.length);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  view.setUint32(0, buffer.length, little);
  view.setUint16(4, parts.type, little);
  view.setUint16(6, parts.flags, little);
  view.setUint8(16, family === 4 ? 2 : 10);
  view.setInt32(20, interfaceIndex, little);
  view.setUint16(24, parts.state, little);
  view.setUint8(26, parts.use ? NTF_USE : 0);
  view.setUint16(headerLength, 4 + bytes.length, little);
  view.setUint16(headerLength + 2, NDA_DST, little);
  buffer.set(bytes, headerLength + 4);
  return buffer;
}
