/** Sends one ICMPv6 packet to all hosts of a link: `ADVERTISER INDEX ADDRESS HEX`, from that address of `customer`. */
import { bytesOf } from '../../models/address.ts';
import { boundSocket, check, load } from '../../src/kernel/libc.ts';
import { socketAddress } from '../../src/kernel/socket-address.ts';

const SOL_IPV6 = 41;
const IPV6_MULTICAST_HOPS = 18;

const [index = '', address = '', hex = ''] = process.argv.slice(2);
const local = { interfaceName: 'customer', address: bytesOf(address), scopeId: Number(index) };
const socket = boundSocket('raw icmp', 6, local);
const hops = Buffer.from(Uint32Array.of(255).buffer); // hosts believe no other (RFC 4861 6.1.2)
check('setsockopt', load().setsockopt(socket, SOL_IPV6, IPV6_MULTICAST_HOPS, hops, hops.length));
const packet = Buffer.from(hex, 'hex');
const everyone = socketAddress(6, bytesOf('ff02::1'), Number(index));
check('sendto', load().sendto(socket, packet, packet.length, 0, everyone, everyone.length));
