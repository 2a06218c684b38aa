export { type AppName, AppProcess, type AppProcessOptions } from './app-process.js';
export { LocalCluster, type LocalClusterOptions } from './local-cluster.js';
