import { DATA_TYPE } from '../native/data-types.js'
import { constantNode, scalarValue } from './constant-node.js'
import type { NodeMessage } from './graph-messages.js'
import { producer } from './producer.js'
import {
  assignedVariables,
  checksOf,
  neededSources,
  type RecordedGraph,
  type RecordedUpdate,
  type RecordedVariable,
} from './recorded-graph.js'

/** Names of what a session is asked for, beside the recorded operations. */
export const names = {
  output: (i: number) => `output${i}`,
  /** Fetched, in place of results, from a step that has none. */
  done: 'done',
  /** Fed with a new value of a variable. */
  value: ({ handle }: RecordedVariable) => `${handle}/value`,
  /** Fetched to have the fed value assigned. */
  pushed: ({ handle }: RecordedVariable) => `${handle}/pushed`,
  /** Fetched to read a variable. */
  read: ({ handle }: Pick<RecordedVariable, 'handle'>) => `${handle}/read`,
} as const

/**
 * The whole graph of a session: what was recorded; assignments, none of which happens before all that
 * is assigned or returned has been computed and all checks have passed, so that a step that fails changes
 * nothing; and a way to set each variable from outside.
 */
export function sessionGraph(graph: RecordedGraph): NodeMessage[] {
  const { nodes, variables, updates, outputs, outputTypes } = graph
  const assigned = assignedVariables(graph)
  const typeOf = (variable: RecordedVariable) => nodes.find(({ name }) => name === variable.handle)!.attr['dtype']!
  /** What changes each variable, by handles. */
  const changes = new Map([...assigned.map(({ handle }) => [handle, `${handle}/assign`] as const), ...updates.flatMap(({ handles, nodes: own }) => handles.map((handle) => [handle, own.at(-1)!.name] as const))])
  const done = [...new Set(changes.values())]
  return [
    ...withChecksInOrder(nodes, checksOf(graph)),
    node('computed', 'NoOp', [...new Set(neededSources(graph).map(producer))].map(after)),
    ...assigned.map((variable) =>
      node(
        `${variable.handle}/assign`,
        'AssignVariableOp',
        [variable.handle, variable.assigned, after('computed'), after(names.read(variable))],
        { dtype: typeOf(variable) },
      ),
    ),
    ...updates.flatMap((update) => inOrder(update, changes.get(update.after?.handle ?? ''))),
    ...outputs.map((source, i) =>
      node(names.output(i), 'Identity', [source, ...['computed', ...done].map(after)], { T: { type: outputTypes[i]! } }),
    ),
    constantNode('nothing', scalarValue(0)),
    node(names.done, 'Identity', ['nothing', ...['computed', ...done].map(after)], { T: { type: DATA_TYPE.float32 } }),
    ...variables.flatMap((variable) => [
      node(names.value(variable), 'Placeholder', [], { dtype: typeOf(variable) }),
      node(`${variable.handle}/push`, 'AssignVariableOp', [variable.handle, names.value(variable)], { dtype: typeOf(variable) }),
      node(names.pushed(variable), 'Identity', ['nothing', after(`${variable.handle}/push`)], { T: { type: DATA_TYPE.float32 } }),
    ]),
  ]
}

/** The same nodes, each check after the one before it, so that of several that fail the first is the one that is reported. */
function withChecksInOrder(nodes: readonly NodeMessage[], checks: readonly string[]): NodeMessage[] {
  return nodes.map((node) => {
    const before = checks[checks.indexOf(node.name) - 1]
    return before === undefined ? node : { ...node, input: [...node.input, after(before)] }
  })
}

/** The operations of an update, each after the one before and none before all is computed, and before the change of what it reads. */
const inOrder = (update: RecordedUpdate, change: string | undefined): NodeMessage[] =>
  update.nodes.map((operation, i) => {
    const before = i === 0 ? ['computed', ...update.handles.map((handle) => names.read({ handle })), ...(change === undefined ? [] : [change])] : [update.nodes[i - 1]!.name]
    return { ...operation, input: [...operation.input, ...before.map(after)] }
  })

const node = (name: string, op: string, input: readonly string[], attr: NodeMessage['attr'] = {}): NodeMessage => ({ name, op, input, attr })
const after = (name: string): string => `^${name}`
