import { config } from 'dotenv';
import { loadSettings, SettingsError } from './load-settings.js';
import type { Settings } from './settings.js';

/** Reads `.env` of the working directory under the process environment and parses it; prints every problem and exits 78 where it is not usable. */
export function settingsOrExit(): Settings {
  const file = config({ quiet: true, processEnv: {} }).parsed ?? {};
  try {
    return loadSettings({ ...file, ...process.env });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}
