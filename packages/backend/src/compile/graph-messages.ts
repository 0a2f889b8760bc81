import protobuf from 'protobufjs'

/** TensorFlow's messages for graphs, with their published field numbers; only the fields that are written. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Dim { int64 size = 1; }
  message TensorShape { repeated Dim dim = 2; }
  message Tensor { int32 dtype = 1; TensorShape tensor_shape = 2; bytes tensor_content = 4; }
  message ListValue {
    repeated bytes s = 2; repeated int64 i = 3 [packed = true]; repeated float f = 4 [packed = true];
    repeated bool b = 5 [packed = true]; repeated int32 type = 6 [packed = true]; repeated TensorShape shape = 7;
  }
  message AttrValue {
    oneof value {
      ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; TensorShape shape = 7;
      Tensor tensor = 8;
    }
  }
  message NodeDef { string name = 1; string op = 2; repeated string input = 3; string device = 4; map<string, AttrValue> attr = 5; }
  message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
  message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
  message MetaInfoDef { repeated string tags = 4; }
  message TensorInfo { string name = 1; int32 dtype = 2; TensorShape tensor_shape = 3; }
  message SignatureDef { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; string method_name = 3; }
  message MetaGraphDef {
    MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; map<string, SignatureDef> signature_def = 5;
  }
  message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
  `,
  { keepCase: true },
)

/** A shape as TensorFlow writes it. */
export interface ShapeMessage {
  readonly dim: readonly { readonly size: number }[]
}

/** The value of an attribute: exactly one field is there. */
export interface AttributeMessage {
  readonly list?: {
    readonly s?: readonly Uint8Array[]
    readonly i?: readonly number[]
    readonly f?: readonly number[]
    readonly b?: readonly boolean[]
    readonly type?: readonly number[]
    readonly shape?: readonly ShapeMessage[]
  }
  readonly s?: Uint8Array
  readonly i?: number
  readonly f?: number
  readonly b?: boolean
  readonly type?: number
  readonly shape?: ShapeMessage
  readonly tensor?: { readonly dtype: number; readonly tensor_shape: ShapeMessage; readonly tensor_content: Uint8Array }
}

/** One operation of a graph. */
export interface NodeMessage {
  readonly name: string
  readonly op: string
  /** `producer:output`, or `^producer` for "not before". */
  readonly input: readonly string[]
  readonly attr: Readonly<Record<string, AttributeMessage>>
}

/** The graph version that TensorFlow 2.21 writes. */
const producer = 2200

/** A tensor of a signature. */
export interface TensorInfoMessage {
  /** `producer:output`. */
  readonly name: string
  /** TensorFlow's number of the type. */
  readonly dtype: number
  /** A free extent is -1. */
  readonly tensor_shape: ShapeMessage
}

/** How a SavedModel is called: its inputs and outputs by the names that callers use. */
export interface SignatureMessage {
  readonly inputs: Readonly<Record<string, TensorInfoMessage>>
  readonly outputs: Readonly<Record<string, TensorInfoMessage>>
  readonly method_name: string
}

/** A SavedModel of one graph, with the tag `serve` and nothing restored; signatures by name. */
export function encodeSavedModel(
  nodes: readonly NodeMessage[],
  signatures: Readonly<Record<string, SignatureMessage>> = {},
): Uint8Array {
  const graph = { node: nodes, versions: { producer } }
  const metaGraph = { meta_info_def: { tags: ['serve'] }, graph_def: graph, signature_def: signatures }
  return root.lookupType('SavedModel').encode({ saved_model_schema_version: 1, meta_graphs: [metaGraph] }).finish()
}

/** The nodes of a SavedModel's graphs. */
export function decodeSavedModel(savedModel: Uint8Array): readonly NodeMessage[] {
  const { meta_graphs } = root.lookupType('SavedModel').decode(savedModel) as unknown as {
    readonly meta_graphs: readonly { readonly graph_def?: { readonly node: readonly NodeMessage[] } }[]
  }
  return meta_graphs.flatMap(({ graph_def }) => graph_def?.node ?? [])
}

/** A free extent is -1. */
export const shapeMessage = (shape: readonly number[]): ShapeMessage => ({ dim: shape.map((size) => ({ size })) })
