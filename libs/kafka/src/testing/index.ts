export { type ProduceFault, ProduceProxy, produceFaults } from './produce-proxy.js';
