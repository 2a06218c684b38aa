import { readFileSync } from 'node:fs';
import net from 'node:net';

// Loaded into each process of a chaos run, before anything else (`--import`): it stands where the network between two processes and the
// system's clock would be. Which links are cut or silent, and by how much a clock is off, stands in a file that the run writes. The
// product knows nothing of it.

const { MILLRACE_TEST_SURROUNDINGS: file, MILLRACE_TEST_PEER_HOSTS: hosts, MILLRACE_ENGINE_HOST: ownHost } = process.env;
const known = new Set((hosts ?? '').split(','));
const lookEveryMs = 100;
const systemNow = Date.now;
let clockOffMs = 0;
/** Sockets that lead to another process, with the state that each was last put into. */
const sockets = new Map();

function statesNow() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {}; // not written yet
  }
}

const stateOf = (states, host) => states[[ownHost, host].sort().join(' ')] ?? 'open';

function hostOf(args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) return first.host;
  return typeof second === 'string' ? second : undefined;
}

function obey(socket, entry, state) {
  if (state === 'shut') socket.destroy(Object.assign(new Error('the link was cut'), { code: 'ECONNRESET' }));
  if (state === entry.state) return;
  if (state === 'silent') {
    socket.cork();
    socket.pause();
  } else if (entry.state === 'silent') {
    socket.uncork();
    socket.resume();
  }
  entry.state = state;
}

function look() {
  const states = statesNow();
  clockOffMs = states[`clock ${ownHost}`] ?? 0;
  for (const [socket, entry] of sockets) obey(socket, entry, stateOf(states, entry.host));
}

function follow(socket, host) {
  sockets.set(socket, { host, state: 'open' });
  socket.once('close', () => sockets.delete(socket));
}

/** The wall clock as the run has stepped it; timers do not follow a step, as with a real one. */
Date.now = () => systemNow() + clockOffMs;

look();
setInterval(look, lookEveryMs).unref();

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function connectOverLink(...args) {
  const host = hostOf(args);
  if (!known.has(host) || host === ownHost) return connect.apply(this, args);
  const state = stateOf(statesNow(), host);
  if (state === 'shut') {
    process.nextTick(() => this.destroy(Object.assign(new Error(`connect ECONNREFUSED ${host}`), { code: 'ECONNREFUSED' })));
    return this;
  }
  if (state === 'silent') return this; // nothing answers, and nothing refuses
  follow(this, host);
  return connect.apply(this, args);
};
