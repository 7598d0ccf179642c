/** A process of the lab's internet that receives TCP streams and forgets them: `UPLOAD-SERVER ADDRESS PORT`. */
import { createServer } from 'node:net';

const [address, port] = process.argv.slice(2);
const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
server.listen(Number(port), address, () => process.stdout.write('ready\n'));
