import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadSettings, ToThread } from '../thread-messages.js';
import { endProcess } from './end-process.js';
import { Mesh } from './mesh.js';

const port = parentPort;
if (!port) throw new Error('this module runs in a worker thread only');
const settings = workerData as ThreadSettings;
const mesh = new Mesh(
  settings,
  (message) => port.postMessage(message),
  (loopAgeMs) => endProcess(loopAgeMs, settings),
);
port.on('message', (message: ToThread) => {
  if (message.type === 'watch') mesh.watch(message.memberId, message.peers);
  else if (message.type === 'departure') mesh.spread(message.departure);
  else {
    mesh.stop();
    port.close(); // nothing else keeps the thread alive once its sockets have closed
  }
});
await mesh.start();
