import protobuf from 'protobufjs'

/** Of TensorFlow's SavedModel, with its published field numbers, what is read here; the rest is skipped. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message NodeDef { string op = 2; }
  message GraphDef { repeated NodeDef node = 1; }
  message MetaGraphDef { GraphDef graph_def = 2; }
  message SavedModel { repeated MetaGraphDef meta_graphs = 2; }
  `,
  { keepCase: true },
)

interface SavedModelMessage {
  readonly meta_graphs: readonly { readonly graph_def?: { readonly node: readonly { readonly op: string }[] } }[]
}

/** What computes nothing: constants, inputs, variables and what only orders or renames. */
const PASSIVE = new Set(['Const', 'Placeholder', 'VarHandleOp', 'ReadVariableOp', 'AssignVariableOp', 'Identity', 'NoOp'])

/** The types of the operations that compute something in the graphs of a SavedModel, each as often as it is there. */
export function operationsOf(savedModel: Uint8Array): string[] {
  const message = root.lookupType('SavedModel').decode(savedModel) as unknown as SavedModelMessage
  return message.meta_graphs
    .flatMap(({ graph_def }) => graph_def?.node ?? [])
    .map(({ op }) => op)
    .filter((op) => !PASSIVE.has(op))
}
