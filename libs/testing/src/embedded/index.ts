export { ServerProcess } from './child.js';
export { kafkaJars } from './kafka-jars.js';
export { type BrokerDoor, KafkaServer, type KafkaServerOptions } from './kafka-server.js';
export { freePort, isPortFree } from './ports.js';
export { PostgresServer, type PostgresServerOptions } from './postgres-server.js';
export { repositoryRoot } from './repository.js';
