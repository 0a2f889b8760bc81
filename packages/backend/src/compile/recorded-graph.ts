import type * as tf from '@tensorflow/tfjs-core'
import type { NodeMessage } from './graph-messages.js'

/** A variable that a step reads or assigns. */
export interface RecordedVariable {
  readonly variable: tf.Variable
  /** Name of its resource handle in the graph; `<handle>/read` reads it. */
  readonly handle: string
  /** `producer:output` of what the step leaves in it; absent when it is only read. */
  readonly assigned?: string
}

/** What an optimizer did to a parameter and its slots, in operations that do it where the values lie. */
export interface RecordedUpdate {
  /** Handles of the variables that it changes. */
  readonly handles: readonly string[]
  /** `producer:output` of what each of them becomes, computed by recorded operations. */
  readonly next: readonly string[]
  /** Another variable, which it reads when the step has changed it, and where it was computed what that holds by then. Absent: none. */
  readonly after?: { readonly handle: string; readonly value: string }
  /** Does the same in place, one after the other. */
  readonly nodes: readonly NodeMessage[]
}

/** What a step did, as data. */
export interface RecordedGraph {
  /** Operations in the order they ran, variables' handles and reads among them. */
  readonly nodes: readonly NodeMessage[]
  /** Names of the placeholders, one an input. */
  readonly inputs: readonly string[]
  readonly variables: readonly RecordedVariable[]
  readonly updates: readonly RecordedUpdate[]
  /** `producer:output` of each result. */
  readonly outputs: readonly string[]
  /** TensorFlow's type number of each result. */
  readonly outputTypes: readonly number[]
  /** How many of the results, the last ones, are asides: computed where they are asked for. Default 0. */
  readonly asides?: number
  /** False when the step made variables of its own, which the next call will find there. */
  readonly isSteady: boolean
}

/** Whether a node checks a value: its result does not matter, but the step must not succeed when it fails. */
const isCheck = ({ op }: NodeMessage): boolean => op === 'CheckNumerics'

/** Why a step can't be captured. */
export interface Obstacle {
  /** What it did: `reads the result of Max on the host`. */
  readonly what: string
  /** Line of the caller's code, when it is known. */
  readonly where?: string
}

/** A variable that is assigned as it was recorded. */
export type AssignedVariable = RecordedVariable & { readonly assigned: string }

/** The variables that are assigned, other than those that are updated in place. */
export function assignedVariables({ variables, updates }: RecordedGraph): AssignedVariable[] {
  const inPlace = new Set(updates.flatMap(({ handles }) => handles))
  return variables.filter(
    (variable): variable is AssignedVariable => variable.assigned !== undefined && !inPlace.has(variable.handle),
  )
}

/** Names of the nodes that check a value, in their order. */
export function checksOf({ nodes }: RecordedGraph): string[] {
  return nodes.filter(isCheck).map(({ name }) => name)
}

/** Results, and asides. */
export function sortedOutputs({ outputs, asides = 0 }: RecordedGraph): { readonly results: readonly string[]; readonly asides: readonly string[] } {
  const results = outputs.length - asides
  return { results: outputs.slice(0, results), asides: outputs.slice(results) }
}

/** All that a step computes before it changes anything: results, what is assigned, what updates take, checks. */
export function neededSources(graph: RecordedGraph): string[] {
  const assigned = assignedVariables(graph).map((variable) => variable.assigned)
  return [...sortedOutputs(graph).results, ...assigned, ...operandsOf(graph.updates), ...checksOf(graph)]
}

/** What in-place updates take from the rest of the graph: neither handles nor what they compute themselves. */
function operandsOf(updates: readonly RecordedUpdate[]): string[] {
  return updates.flatMap(({ handles, nodes }) => {
    const own = new Set([...handles, ...nodes.map(({ name }) => `${name}:0`)])
    return nodes.flatMap(({ input }) => input.filter((source) => !own.has(source)))
  })
}
