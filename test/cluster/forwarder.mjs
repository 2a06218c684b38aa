import { connect, createServer } from 'node:net';

/** `node forwarder.mjs FROM TO PORT,PORT…`: each port at FROM leads to the same port of TO. */
const [from, to, ports = ''] = process.argv.slice(2);
for (const port of ports.split(',').map(Number)) {
  createServer((near) => {
    const far = connect(port, to);
    for (const [source, sink] of [
      [near, far],
      [far, near],
    ]) {
      source.setNoDelay(true);
      source.pipe(sink);
      source.on('error', () => sink.destroy());
      source.on('close', () => sink.destroy());
    }
  }).listen(port, from);
}
