export { kafkaSettingsOf, replyTopicsOf } from './kafka-settings.js';
export { loadSettings, SettingsError } from './load-settings.js';
export { settingsOrExit } from './read-environment.js';
export type { Environment, SettingNote } from './setting.js';
export { fields as settingFields, type Settings } from './settings.js';
