// Operations of our own for TensorFlow, on the CPU: loaded as a Node-API addon beside that of tfjs-node, it registers them with the
// TensorFlow library that this one has loaded. Shapes, types and rules: FusedKernel in @metric-learning/ops.

#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <node_api.h>

#include "tensorflow-kernels.h"
#include "tensorflow/c/ops.h"

#include "kernels.h"

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

/** Flags that an operation may have, by name; those that it has not are false. */
struct Attributes {
  bool normalized = false, byProduct = false, ofReferences = false, isOneSet = false, withoutGradient = false, plainly = false;
};

TF_Tensor *input(TF_OpKernelContext *context, int i, TF_Status *status) {
  TF_Tensor *tensor = nullptr;
  TF_GetInput(context, i, &tensor, status);
  return tensor;
}

TF_Tensor *output(TF_OpKernelContext *context, int i, TF_DataType type, const std::vector<int64_t> &shape, TF_Status *status) {
  int64_t size = 4;
  for (const int64_t each : shape) size *= each;
  return TF_AllocateOutput(context, i, type, shape.data(), static_cast<int>(shape.size()), size, status);
}

bool flag(TF_OpKernelConstruction *construction, const char *name, TF_Status *status) {
  unsigned char value = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, name, &value, status);
  return value != 0;
}

bool refuse(TF_Status *status, const char *wanted) {
  TF_SetStatus(status, TF_INVALID_ARGUMENT, wanted);
  return false;
}

/** Whether pairs by label are what they should be; an input of which there is none is empty. */
bool arePairs(const char *who, const Held &x, const Held &y, const Held &labels, const Held &otherLabels, const Held &ownRows, const Held &isFilled, TF_Status *status) {
  if (x.dimensions() == 2 && y.dimensions() == 2 && x.columns() == y.columns() && labels.size() == x.rows() && otherLabels.size() == y.rows() &&
      (ownRows.size() == 0 || ownRows.size() == x.rows()) && (isFilled.size() == 0 || isFilled.size() == y.rows())) {
    return true;
  }
  return refuse(status, (std::string(who) + ": x [n, dim], y [m, dim], labels [n] and [m], own_rows [n] or [0], is_filled [m] or [0]").c_str());
}

metric_learning::PairsOf pairsOf(const Held &x, const Held &y, const Held &labels, const Held &otherLabels, const Held &ownRows, const Held &isFilled, const Attributes &attributes) {
  return {
      x.data<float>(), y.data<float>(), x.rows(), y.rows(), x.columns(), labels.data<int32_t>(), otherLabels.data<int32_t>(),
      ownRows.size() ? ownRows.data<int32_t>() : nullptr, isFilled.size() ? isFilled.data<float>() : nullptr,
      attributes.normalized, attributes.byProduct,
  };
}

void hardestPairs(TF_OpKernelContext *context, TF_Status *status, const Attributes &attributes) {
  const Held x(input(context, 0, status)), y(input(context, 1, status)), labels(input(context, 2, status));
  const Held otherLabels(input(context, 3, status)), ownRows(input(context, 4, status)), isFilled(input(context, 5, status));
  if (TF_GetCode(status) != TF_OK || !arePairs("MetricLearningHardestPairs", x, y, labels, otherLabels, ownRows, isFilled, status)) return;
  const int n = x.rows();
  const Held positives(output(context, 0, TF_INT32, {n, 1}, status)), negatives(output(context, 1, TF_INT32, {n, 1}, status)), exists(output(context, 2, TF_FLOAT, {n, 1}, status));
  if (TF_GetCode(status) != TF_OK) return;
  metric_learning::findHardestPairs(pairsOf(x, y, labels, otherLabels, ownRows, isFilled, attributes), {positives.data<int32_t>(), negatives.data<int32_t>(), exists.data<float>()}, attributes.plainly);
}

void pairHinges(TF_OpKernelContext *context, TF_Status *status, const Attributes &attributes) {
  const Held x(input(context, 0, status)), y(input(context, 1, status)), labels(input(context, 2, status)), otherLabels(input(context, 3, status));
  const Held ownRows(input(context, 4, status)), isFilled(input(context, 5, status)), margins(input(context, 6, status));
  if (TF_GetCode(status) != TF_OK || !arePairs("MetricLearningPairHinges", x, y, labels, otherLabels, ownRows, isFilled, status)) return;
  if (margins.size() != 2 || (attributes.isOneSet && x.rows() != y.rows())) {
    refuse(status, "MetricLearningPairHinges: margins [2]; of one set as many rows of x as of y");
    return;
  }
  const int rows = attributes.withoutGradient ? 0 : attributes.ofReferences ? y.rows() : x.rows();
  const Held sums(output(context, 0, TF_FLOAT, {2, 2}, status)), gradients(output(context, 1, TF_FLOAT, {2, rows, x.columns()}, status));
  if (TF_GetCode(status) != TF_OK) return;
  const float *of = margins.data<float>();
  metric_learning::findPairHinges(pairsOf(x, y, labels, otherLabels, ownRows, isFilled, attributes), {of[0], of[1]}, attributes.ofReferences, attributes.isOneSet,
                                  {sums.data<float>(), attributes.withoutGradient ? nullptr : gradients.data<float>()}, attributes.plainly);
}

/** Whether pairs by row numbers are what they should be. */
bool isPairsAt(const Held &x, const Held &y, const Held &index, TF_Status *status) {
  if (x.dimensions() != 2 || y.dimensions() != 2 || index.dimensions() != 2 || x.columns() != y.columns() || index.rows() != x.rows()) {
    return refuse(status, "MetricLearningEuclideanDistancesAt: x [n, dim], y [m, dim], index [n, t]");
  }
  const int32_t *rows = index.data<int32_t>();
  for (int64_t at = 0; at < index.size(); at++) {
    if (rows[at] < 0 || rows[at] >= y.rows()) return refuse(status, "MetricLearningEuclideanDistancesAt: index in [0, m)");
  }
  return true;
}

metric_learning::PairsAt pairsAt(const Held &x, const Held &y, const Held &index, const Attributes &attributes) {
  return {x.data<float>(), y.data<float>(), x.rows(), y.rows(), x.columns(), index.columns(), index.data<int32_t>(), attributes.normalized};
}

void distancesAt(TF_OpKernelContext *context, TF_Status *status, const Attributes &attributes) {
  const Held x(input(context, 0, status)), y(input(context, 1, status)), index(input(context, 2, status));
  if (TF_GetCode(status) != TF_OK || !isPairsAt(x, y, index, status)) return;
  const Held distances(output(context, 0, TF_FLOAT, {index.rows(), index.columns()}, status));
  if (TF_GetCode(status) != TF_OK) return;
  metric_learning::findDistancesAt(pairsAt(x, y, index, attributes), distances.data<float>(), attributes.plainly);
}

void distancesAtGradient(TF_OpKernelContext *context, TF_Status *status, const Attributes &attributes) {
  const Held along(input(context, 0, status)), x(input(context, 1, status)), y(input(context, 2, status)), index(input(context, 3, status));
  if (TF_GetCode(status) != TF_OK || !isPairsAt(x, y, index, status)) return;
  if (along.size() != index.size() || (attributes.isOneSet && x.rows() != y.rows())) {
    refuse(status, "MetricLearningEuclideanDistancesAtGrad: dy [n, t]; of one set as many rows of x as of y");
    return;
  }
  const Held gradient(output(context, 0, TF_FLOAT, {attributes.ofReferences ? y.rows() : x.rows(), x.columns()}, status));
  if (TF_GetCode(status) != TF_OK) return;
  metric_learning::findDistancesAtGradient(pairsAt(x, y, index, attributes), along.data<float>(), attributes.ofReferences, attributes.isOneSet, gradient.data<float>(), attributes.plainly);
}

// How TensorFlow calls them.

using Kernel = void (*)(TF_OpKernelContext *context, TF_Status *status, const Attributes &attributes);

struct Operation {
  const char *name;
  std::vector<const char *> inputs, outputs;
  std::vector<std::pair<const char *, bool Attributes::*>> flags;
};

/** TensorFlow is built without exceptions: none may reach it. */
template <const Operation &operation, Kernel kernel> void compute(void *attributes, TF_OpKernelContext *context) {
  TF_Status *status = TF_NewStatus();
  try {
    kernel(context, status, *static_cast<Attributes *>(attributes));
  } catch (const std::bad_alloc &) {
    TF_SetStatus(status, TF_RESOURCE_EXHAUSTED, (std::string(operation.name) + ": out of memory. Pass fewer rows or columns at a time.").c_str());
  } catch (const std::exception &error) {
    TF_SetStatus(status, TF_INTERNAL, (std::string(operation.name) + ": " + error.what()).c_str());
  }
  if (TF_GetCode(status) != TF_OK) TF_OpKernelContext_Failure(context, status);
  TF_DeleteStatus(status);
}

const Operation hardestPairsOperation = {
    "MetricLearningHardestPairs",
    {"x: float", "y: float", "labels: int32", "other_labels: int32", "own_rows: int32", "is_filled: float"},
    {"positives: int32", "negatives: int32", "exists: float"},
    {{"normalized", &Attributes::normalized}, {"by_product", &Attributes::byProduct}, {"plainly", &Attributes::plainly}},
};

const Operation pairHingesOperation = {
    "MetricLearningPairHinges",
    {"x: float", "y: float", "labels: int32", "other_labels: int32", "own_rows: int32", "is_filled: float", "margins: float"},
    {"sums: float", "gradients: float"},
    {{"normalized", &Attributes::normalized}, {"by_product", &Attributes::byProduct}, {"of_references", &Attributes::ofReferences},
     {"is_one_set", &Attributes::isOneSet}, {"without_gradient", &Attributes::withoutGradient}, {"plainly", &Attributes::plainly}},
};

const Operation distancesAtOperation = {
    "MetricLearningEuclideanDistancesAt",
    {"x: float", "y: float", "index: int32"},
    {"distances: float"},
    {{"normalized", &Attributes::normalized}, {"plainly", &Attributes::plainly}},
};

const Operation distancesAtGradientOperation = {
    "MetricLearningEuclideanDistancesAtGrad",
    {"dy: float", "x: float", "y: float", "index: int32"},
    {"gradient: float"},
    {{"normalized", &Attributes::normalized}, {"of_references", &Attributes::ofReferences}, {"is_one_set", &Attributes::isOneSet}, {"plainly", &Attributes::plainly}},
};

template <const Operation &operation> void *create(TF_OpKernelConstruction *construction) {
  TF_Status *status = TF_NewStatus();
  auto *attributes = new Attributes;
  for (const auto &[name, member] : operation.flags) attributes->*member = flag(construction, name, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return attributes;
}

void destroy(void *attributes) { delete static_cast<Attributes *>(attributes); }

void unknownShapes(TF_ShapeInferenceContext *context, TF_Status *status) { TF_ShapeInferenceContextSetUnknownShape(context, status); }

/** What went wrong, or nothing. */
template <const Operation &operation, Kernel kernel> std::string registerOperation() {
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder(operation.name);
  for (const char *given : operation.inputs) TF_OpDefinitionBuilderAddInput(definition, given);
  for (const char *result : operation.outputs) TF_OpDefinitionBuilderAddOutput(definition, result);
  for (const auto &[name, member] : operation.flags) TF_OpDefinitionBuilderAddAttr(definition, (std::string(name) + ": bool").c_str());
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, unknownShapes);
  TF_Status *status = TF_NewStatus();
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_RegisterKernelBuilder(operation.name, TF_NewKernelBuilder(operation.name, "CPU", create<operation>, compute<operation, kernel>, destroy), status);
  }
  const std::string failure = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  return failure;
}

std::string registerOperations() {
  return registerOperation<hardestPairsOperation, hardestPairs>() + registerOperation<pairHingesOperation, pairHinges>() +
         registerOperation<distancesAtOperation, distancesAt>() + registerOperation<distancesAtGradientOperation, distancesAtGradient>();
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
