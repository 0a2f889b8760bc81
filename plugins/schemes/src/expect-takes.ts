import { OptionError, type Module } from '@metric-learning/contracts'

/**
 * Checks that a module takes as many numbers as it is given, where it says how many it takes.
 *
 * @param module by its name in the options
 * @param of whose numbers they are, such as `of an embedding`
 * @throws {OptionError} that names both sides.
 */
export function expectTakes(who: string, module: Readonly<Record<string, Module>>, of: string, size: number): void {
  for (const [option, { name, inputSize }] of Object.entries(module)) {
    if (inputSize === undefined || inputSize === size) continue
    throw new OptionError({ who, wanted: `a \`${option}\` for the ${size} numbers ${of}`, got: `${name} for ${inputSize}`, fix: `Pass ${size} as its \`inputSize\`.` })
  }
}
