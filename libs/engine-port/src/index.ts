export { CorkedJsonSocket } from './corked-json-socket.js';
