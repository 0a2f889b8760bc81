import type { HookSet } from '../hooks/hook-set.js'
import type { Plugin } from '../plugins/plugin.js'
import type { Objective } from './objective.js'

/** What an objective is called in logs and parameter names. */
export const objectiveName = ({ name, loss }: Objective): string => name ?? loss.name

/** An objective is a plugin like any other: mines, lets the `mine` hook have its say, adds one term. */
export function objectivePlugin(objective: Objective, hooks: HookSet): Plugin {
  const { loss, miner, weight = 1 } = objective
  const name = objectiveName(objective)
  return {
    name: `objective ${name}`,
    apply(trainer) {
      trainer.hooks.loss.tap({ name: `objective ${name}` }, ({ embeddings, relations, add }) => {
        const mined = miner?.mine(embeddings, relations)
        const { selection } = hooks.mine.call({ objective: name, embeddings, relations, selection: mined })
        add(name, loss.compute(embeddings, relations, selection ? { selection } : {}), weight)
      })
    },
  }
}
