import { connect, createServer } from 'node:net';

/** `node forwarder.mjs HOST PORT,PORT…`: each port on loopback leads to the same port of HOST. */
const [host, ports = ''] = process.argv.slice(2);
for (const port of ports.split(',').map(Number)) {
  createServer((near) => {
    const far = connect(port, host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }).listen(port, '127.0.0.1');
}
