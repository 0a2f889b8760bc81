import { CreatePluginError } from './create-plugin-error.js'

/** @throws {CreatePluginError} with the code `CPL_OPTION` when that are no options, or one is unknown. */
export function expectKnownOptions(who: string, options: unknown, known: readonly string[]): void {
  const fix = `Options are ${known.join(', ')}.`
  if (typeof options !== 'object' || options === null) throw new CreatePluginError('CPL_OPTION', { who, wanted: 'options', got: String(options), fix })
  const unknown = Object.keys(options).find((option) => !known.includes(option))
  if (unknown !== undefined) throw new CreatePluginError('CPL_OPTION', { who, wanted: 'known options alone', got: `\`${unknown}\``, fix })
}

/** @throws {CreatePluginError} with the code `CPL_OPTION` when one of these, which may be left out, is there and no text. */
export function expectTexts(who: string, texts: Readonly<Record<string, unknown>>): void {
  for (const [option, value] of Object.entries(texts)) {
    if (value === undefined || (typeof value === 'string' && value.trim() !== '')) continue
    throw new CreatePluginError('CPL_OPTION', { who, wanted: `\`${option}\` to be a text`, got: JSON.stringify(value), fix: 'Leave it out for the default.' })
  }
}
