import { decodeSavedModel } from '../compile/graph-messages.js'

/** What computes nothing: constants, inputs, variables and what only orders or renames. */
const PASSIVE = new Set(['Const', 'Placeholder', 'VarHandleOp', 'ReadVariableOp', 'AssignVariableOp', 'Identity', 'NoOp'])

/** The types of the operations that compute something in the graphs of a SavedModel, each as often as it is there. */
export function operationsOf(savedModel: Uint8Array): string[] {
  return decodeSavedModel(savedModel)
    .map(({ op }) => op)
    .filter((op) => !PASSIVE.has(op))
}
