export { loadSettings, type Settings, SettingsError } from './load-settings.js';
export { settingsOrExit } from './read-environment.js';
export type { Environment, SettingNote } from './setting.js';
export { fields as settingFields } from './settings.js';
