// Operations of our own for TensorFlow, on the CPU: loaded as a Node-API addon beside that of tfjs-node, it registers them with the
// TensorFlow library that this one has loaded. Shapes, types and rules: FusedKernel in @metric-learning/ops.

#include <mutex>
#include <string>

#include <node_api.h>

#include "tensorflow-kernels.h"
#include "tensorflow/c/ops.h"

#include "hardest-pairs-of.h"

namespace {

/** A tensor that is given up at the end of a block. */
class Held {
public:
  explicit Held(TF_Tensor *tensor) : tensor(tensor) {}
  Held(const Held &) = delete;
  ~Held() {
    if (tensor) TF_DeleteTensor(tensor);
  }
  template <typename T> T *data() const { return static_cast<T *>(TF_TensorData(tensor)); }
  int rows() const { return static_cast<int>(TF_Dim(tensor, 0)); }
  int columns() const { return static_cast<int>(TF_Dim(tensor, 1)); }
  int dimensions() const { return TF_NumDims(tensor); }
  int64_t size() const { return TF_TensorElementCount(tensor); }

private:
  TF_Tensor *tensor;
};

struct Attributes {
  bool normalized, byProduct, plainly;
};

TF_Tensor *input(TF_OpKernelContext *context, int i, TF_Status *status) {
  TF_Tensor *tensor = nullptr;
  TF_GetInput(context, i, &tensor, status);
  return tensor;
}

TF_Tensor *column(TF_OpKernelContext *context, int i, TF_DataType type, int rows, TF_Status *status) {
  const int64_t shape[] = {rows, 1};
  return TF_AllocateOutput(context, i, type, shape, 2, rows * 4, status);
}

bool flag(TF_OpKernelConstruction *construction, const char *name, TF_Status *status) {
  unsigned char value = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, name, &value, status);
  return value != 0;
}

void *createHardestPairs(TF_OpKernelConstruction *construction) {
  TF_Status *status = TF_NewStatus();
  auto *attributes = new Attributes{flag(construction, "normalized", status), flag(construction, "by_product", status), flag(construction, "plainly", status)};
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return attributes;
}

void deleteHardestPairs(void *attributes) { delete static_cast<Attributes *>(attributes); }

void hardestPairs(TF_OpKernelContext *context, TF_Status *status, const Attributes &attributes) {
  const Held x(input(context, 0, status)), y(input(context, 1, status)), labels(input(context, 2, status));
  const Held otherLabels(input(context, 3, status)), ownRows(input(context, 4, status)), isFilled(input(context, 5, status));
  if (TF_GetCode(status) != TF_OK) return;
  if (x.dimensions() != 2 || y.dimensions() != 2 || x.columns() != y.columns() || labels.size() != x.rows() || otherLabels.size() != y.rows() ||
      (ownRows.size() != 0 && ownRows.size() != x.rows()) || (isFilled.size() != 0 && isFilled.size() != y.rows())) {
    TF_SetStatus(status, TF_INVALID_ARGUMENT, "MetricLearningHardestPairs: x [n, dim], y [m, dim], labels [n] and [m], own_rows [n] or [0], is_filled [m] or [0]");
    return;
  }
  const int n = x.rows();
  const Held positives(column(context, 0, TF_INT32, n, status)), negatives(column(context, 1, TF_INT32, n, status)), exists(column(context, 2, TF_FLOAT, n, status));
  if (TF_GetCode(status) != TF_OK) return;
  metric_learning::findHardestPairs({
      x.data<float>(), y.data<float>(), n, y.rows(), x.columns(), labels.data<int32_t>(), otherLabels.data<int32_t>(),
      ownRows.size() ? ownRows.data<int32_t>() : nullptr, isFilled.size() ? isFilled.data<float>() : nullptr,
      attributes.normalized, attributes.byProduct,
  }, {positives.data<int32_t>(), negatives.data<int32_t>(), exists.data<float>()}, attributes.plainly);
}

void computeHardestPairs(void *attributes, TF_OpKernelContext *context) {
  TF_Status *status = TF_NewStatus();
  hardestPairs(context, status, *static_cast<Attributes *>(attributes));
  if (TF_GetCode(status) != TF_OK) TF_OpKernelContext_Failure(context, status);
  TF_DeleteStatus(status);
}

void unknownShapes(TF_ShapeInferenceContext *context, TF_Status *status) { TF_ShapeInferenceContextSetUnknownShape(context, status); }

/** Registers all; what went wrong, or nothing. */
std::string registerOperations() {
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder("MetricLearningHardestPairs");
  for (const char *given : {"x: float", "y: float", "labels: int32", "other_labels: int32", "own_rows: int32", "is_filled: float"}) TF_OpDefinitionBuilderAddInput(definition, given);
  for (const char *result : {"positives: int32", "negatives: int32", "exists: float"}) TF_OpDefinitionBuilderAddOutput(definition, result);
  for (const char *attribute : {"normalized: bool", "by_product: bool", "plainly: bool = false"}) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, unknownShapes);
  TF_Status *status = TF_NewStatus();
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder *kernel = TF_NewKernelBuilder("MetricLearningHardestPairs", "CPU", createHardestPairs, computeHardestPairs, deleteHardestPairs);
    TF_RegisterKernelBuilder("MetricLearningHardestPairs", kernel, status);
  }
  const std::string failure = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  return failure;
}

} // namespace

NAPI_MODULE_INIT() {
  // Once a process: each worker of Node loads the addon anew.
  static std::once_flag once;
  static std::string failure;
  std::call_once(once, [] { failure = registerOperations(); });
  if (!failure.empty()) napi_throw_error(env, nullptr, failure.c_str());
  return exports;
}
