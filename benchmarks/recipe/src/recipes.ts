import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfiguration, type Experiment } from '@metric-learning/experiments'

export const RECIPES = ['emoji-resnet18', 'emoji-pretrained', 'glyphs-resnet18', 'glyphs-pretrained'] as const
export type RecipeName = (typeof RECIPES)[number]

/** The folder of the recipes, and of the programs of the other side. */
export const HOME = dirname(dirname(fileURLToPath(import.meta.url)))

/** @param weights of EfficientNet-Lite0, for the recipes that begin with them */
export const readRecipe = (name: RecipeName, weights?: string): Promise<Experiment> =>
  readConfiguration(join(HOME, `${name}.yaml`), weights === undefined ? {} : { 'trunk.pretrainedTrunk.file': weights })
