import { CreatePluginError } from './create-plugin-error.js'

/** @throws {CreatePluginError} with the code `CPL_OPTION` when that are no options, or one is unknown. */
export function expectKnownOptions(who: string, options: unknown, known: readonly string[]): void {
  const fix = `Options are ${known.join(', ')}.`
  if (typeof options !== 'object' || options === null) throw new CreatePluginError('CPL_OPTION', { who, wanted: 'options', got: String(options), fix })
  const unknown = Object.keys(options).find((option) => !known.includes(option))
  if (unknown !== undefined) throw new CreatePluginError('CPL_OPTION', { who, wanted: 'known options alone', got: `\`${unknown}\``, fix })
}
