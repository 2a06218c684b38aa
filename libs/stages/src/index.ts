export { type StageLoad, StageRunner } from './runner/stage-runner.js';
export type { StageObserver, StageRunnerSettings } from './runner/stage-settings.js';
export type { LoopBlocked } from './tasks/loop-watch.js';
export { TaskRunner, type TaskRunnerSettings } from './tasks/task-runner.js';
export { createWorkRunner } from './tasks/work-runner.js';
