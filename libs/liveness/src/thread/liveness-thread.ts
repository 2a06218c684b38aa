import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadSettings, ToThread } from '../thread-messages.js';
import { Mesh } from './mesh.js';

const port = parentPort;
if (!port) throw new Error('this module runs in a worker thread only');
const mesh = new Mesh(workerData as ThreadSettings, (message) => port.postMessage(message));
port.on('message', (message: ToThread) => {
  if (message.type === 'watch') mesh.watch(message.memberId, message.peers);
  else if (message.type === 'departure') mesh.spread(message.departure);
  else {
    mesh.stop();
    port.close(); // nothing else keeps the thread alive once its sockets have closed
  }
});
await mesh.start();
