// A Node-API addon that ranks embeddings on all cores: nearest references, ranks of matches, k-means. Its types are those of
// native-neighbours.ts in @metric-learning/ops.

#include "lloyd.h"
#include "nearest.h"
#include "node.h"
#include "ranks.h"
#include "ready-rows.h"

namespace neighbours {

namespace {

/** Arrays of JavaScript live as long as what looks at them. */
template <typename T>
std::shared_ptr<T> keeping(std::shared_ptr<T> held, Keeps keeps) {
  T *at = held.get();
  return std::shared_ptr<T>(at, [held = std::move(held), keeps = std::move(keeps)](T *) mutable { held.reset(); });
}

Rows rowsOf(const Given &given, const Numbers<double> &centre, double scale, Keeps &keeps) {
  const auto values = given.numbers<float>("values", keeps);
  const auto inverse = given.numbers<double>("inverseNorms", keeps);
  const size_t dim = centre.count;
  expect(dim > 0 && values.count % dim == 0 && values.count > 0, "values are not whole rows as wide as the centre");
  const size_t rows = values.count / dim;
  expect(rows < (size_t{1} << 31), "more rows than 2^31");
  expect(!inverse.at || inverse.count == rows, "inverseNorms are not one of each row");
  return {values.at, rows, dim, inverse.at, centre.at, scale};
}

napi_value MakeReferences(const Given &given) {
  Keeps keeps;
  const auto centre = given.numbers<double>("centre", keeps);
  const Measure measure = given.flag("isSquared") ? Measure::squaredEuclidean : Measure::dotProduct;
  const Rows rows = rowsOf(given, centre, given.number("scale"), keeps);
  auto made = std::make_shared<References>();
  made->measure = measure;
  made->side = Side(measure, rows, given.threads());
  double square = 0;
  for (size_t i = 0; i < centre.count; i++) square += centre.at[i] * rows.scale * (centre.at[i] * rows.scale);
  made->centreLength = std::sqrt(square);
  return external(given.env, keeping(std::shared_ptr<References>(std::move(made)), std::move(keeps)));
}

napi_value MakeQueries(const Given &given) {
  Keeps keeps;
  const auto references = given.shared<References>("references");
  const Rows &others = references->side.rows;
  const Rows rows = rowsOf(given, {const_cast<double *>(others.centre), others.dim}, others.scale, keeps);
  auto made = std::make_shared<Side>(references->measure, rows, given.threads());
  // They look at the centre of the references.
  Side *at = made.get();
  return external(given.env, keeping(std::shared_ptr<Side>(at, [made = std::move(made), references](Side *) mutable { made.reset(); }), std::move(keeps)));
}

/** The queries of a call, which are the references themselves where none are given. */
std::shared_ptr<const Side> queriesOf(const Given &given, const std::shared_ptr<const References> &references) {
  if (given.has("queries")) {
    auto queries = given.shared<Side>("queries");
    expect(queries->rows.dim == references->side.rows.dim, "queries are not as wide as the references");
    return queries;
  }
  return std::shared_ptr<const Side>(references, &references->side);
}

Itself itselfOf(const Given &given, const Side &queries, size_t references, Keeps &keeps) {
  const auto itself = given.numbers<int32_t>("itself", keeps);
  expect(!itself.at || itself.count == queries.rows.rows, "itself is not one of each query");
  for (size_t i = 0; i < itself.count; i++) expect(itself.at[i] >= -1 && itself.at[i] < static_cast<int64_t>(references), "itself is no reference");
  return {itself.at};
}

napi_value MakeNearest(const Given &given) {
  Keeps keeps;
  const auto references = given.shared<References>("references");
  const auto queries = queriesOf(given, references);
  const size_t first = given.count("first"), count = given.count("count"), k = given.count("k");
  expect(k > 0 && count > 0 && first + count <= queries->rows.rows, "no such queries, or no neighbours");
  const bool isMutual = !given.has("queries") && count == references->side.rows.rows;
  const Itself itself = itselfOf(given, *queries, references->side.rows.rows, keeps);
  auto made = std::make_shared<NearestSearch>(references, queries, first, count, itself, isMutual, k);
  napi_value search, steps, isInRange;
  napi_create_double(given.env, static_cast<double>(made->steps()), &steps);
  napi_get_boolean(given.env, made->isInRange(), &isInRange);
  search = external(given.env, keeping(std::move(made), std::move(keeps)));
  return objectOf(given.env, {{"search", search}, {"steps", steps}, {"isInRange", isInRange}});
}

napi_value RunNearest(const Given &given) {
  const auto search = given.shared<NearestSearch>("search");
  const size_t from = given.count("from"), to = given.count("to"), threads = given.threads();
  expect(from <= to && to <= search->steps(), "no such steps");
  auto task = std::make_unique<Task>();
  task->work = [=] { search->run(from, to, threads); };
  task->result = undefinedOf;
  return promise(given.env, std::move(task));
}

napi_value FinishNearest(const Given &given) {
  const auto search = given.shared<NearestSearch>("search");
  const size_t threads = given.threads();
  int32_t *rows;
  double *scores = nullptr;
  auto task = std::make_unique<Task>();
  const auto rowsKept = std::make_shared<Kept>(given.env, newNumbers(given.env, search->found(), &rows));
  std::shared_ptr<Kept> scoresKept;
  if (given.flag("scores")) scoresKept = std::make_shared<Kept>(given.env, newNumbers(given.env, search->found(), &scores));
  task->work = [=] { search->finish(rows, scores, threads); };
  task->result = [=](napi_env env) { return objectOf(env, {{"rows", rowsKept->value()}, {"scores", scoresKept ? scoresKept->value() : nullptr}}); };
  return promise(given.env, std::move(task));
}

napi_value MakeRanks(const Given &given) {
  Keeps keeps;
  const auto references = given.shared<References>("references");
  const auto classOf = given.numbers<int32_t>("classOf", keeps);
  const size_t classes = given.count("classes"), k = given.count("k");
  expect(k > 0, "no ranks");
  expect(classOf.count == references->side.rows.rows, "classOf is not one of each reference");
  for (size_t i = 0; i < classOf.count; i++) expect(classOf.at[i] >= 0 && static_cast<size_t>(classOf.at[i]) < classes, "a class is none of them");
  const size_t blockRows = std::max<size_t>(1, std::min<size_t>(BLOCK_ROWS, given.count("blockRows")));
  auto made = std::make_shared<RankSearch>(references, classOf.at, classes, k, blockRows);
  return external(given.env, keeping(std::move(made), std::move(keeps)));
}

napi_value RunRanks(const Given &given) {
  auto task = std::make_unique<Task>();
  const auto search = given.shared<RankSearch>("search");
  const auto references = given.shared<References>("references");
  // Rows are looked up in memory of their size.
  expect(search->isOf(*references), "references are not those of the search");
  const auto queries = queriesOf(given, references);
  const size_t first = given.count("first"), count = given.count("count"), threads = given.threads();
  expect(first + count <= queries->rows.rows, "no such queries");
  const Itself itself = itselfOf(given, *queries, references->side.rows.rows, task->keeps);
  const auto offsets = given.numbers<int32_t>("offsets", task->keeps);
  const auto matching = given.numbers<int32_t>("matching", task->keeps);
  expect(offsets.count == count + 1 && offsets.at[0] == 0, "offsets are not one of each query and one");
  for (size_t i = 0; i < count; i++) expect(offsets.at[i] <= offsets.at[i + 1], "offsets fall");
  expect(static_cast<size_t>(offsets.at[count]) == matching.count, "offsets do not end where matching does");
  for (size_t i = 0; i < matching.count; i++) expect(matching.at[i] >= 0, "a class is none");
  const auto ranks = std::make_shared<std::vector<std::vector<int32_t>>>();
  task->work = [=] { *ranks = search->run(*queries, first, count, itself, {offsets.at, matching.at}, threads); };
  task->result = [=](napi_env env) {
    int32_t *ends, *all;
    const napi_value offsets = newNumbers(env, count + 1, &ends);
    ends[0] = 0;
    for (size_t i = 0; i < count; i++) ends[i + 1] = ends[i] + static_cast<int32_t>((*ranks)[i].size());
    const napi_value joined = newNumbers(env, ends[count], &all);
    for (const auto &one : *ranks) all = std::copy(one.begin(), one.end(), all);
    return objectOf(env, {{"offsets", offsets}, {"ranks", joined}});
  };
  return promise(given.env, std::move(task));
}

napi_value RunNearestRows(const Given &given) {
  auto task = std::make_unique<Task>();
  const auto points = given.numbers<float>("points", task->keeps);
  const auto directions = given.numbers<float>("directions", task->keeps);
  const size_t dim = given.count("dim"), threads = given.threads();
  expect(dim > 0 && points.count % dim == 0 && directions.count % dim == 0 && directions.count > 0, "no whole rows");
  NearestRows work{points.at, dim, nullptr, points.count / dim, nullptr, directions.count / dim, nullptr, nullptr, nullptr, nullptr};
  const auto nearest = std::make_shared<Kept>(given.env, newNumbers(given.env, work.count, &work.nearest));
  const auto products = std::make_shared<Kept>(given.env, newNumbers(given.env, work.count, &work.products));
  task->work = [=] {
    PackedRows packed;
    packed.pack(directions.at, dim, nullptr, work.columns);
    NearestRows ready = work;
    ready.groups = packed.groups;
    findNearestRows(ready, threads);
  };
  task->result = [=](napi_env env) { return objectOf(env, {{"rows", nearest->value()}, {"products", products->value()}}); };
  return promise(given.env, std::move(task));
}

napi_value RunReadyRows(const Given &given) {
  auto task = std::make_unique<Task>();
  const auto values = given.numbers<float>("values", task->keeps);
  const size_t dim = given.count("dim"), threads = given.threads();
  expect(dim > 0 && values.count > 0 && values.count % dim == 0, "no whole rows");
  const size_t count = values.count / dim;
  float *points;
  double *norms;
  const auto pointsKept = std::make_shared<Kept>(given.env, newNumbers(given.env, values.count + count, &points));
  const auto normsKept = std::make_shared<Kept>(given.env, newNumbers(given.env, count, &norms));
  task->work = [=] { readyRows(values.at, count, dim, points, norms, threads); };
  task->result = [=](napi_env env) { return objectOf(env, {{"points", pointsKept->value()}, {"norms", normsKept->value()}}); };
  return promise(given.env, std::move(task));
}

napi_value RunLloyd(const Given &given) {
  auto task = std::make_unique<Task>();
  const auto points = given.numbers<float>("points", task->keeps);
  const auto centroids = given.numbers<float>("centroids", task->keeps);
  const size_t dim = given.count("dim"), iterations = given.count("iterations"), exchanges = given.count("exchanges"), threads = given.threads();
  expect(dim > 1 && points.count % dim == 0 && centroids.count % dim == 0 && centroids.count > 0, "no whole rows");
  expect(centroids.count <= points.count && points.count / dim < (size_t{1} << 31), "more centroids than points, or more points than 2^31");
  int32_t *clusters;
  const auto kept = std::make_shared<Kept>(given.env, newNumbers(given.env, points.count / dim, &clusters));
  task->work = [=] { Lloyd(points.at, points.count / dim, dim, centroids.at, centroids.count / dim, clusters, threads).run(iterations, exchanges); };
  task->result = [=](napi_env) { return kept->value(); };
  return promise(given.env, std::move(task));
}

template <napi_value (*FUNCTION)(const Given &)>
napi_value Called(napi_env env, napi_callback_info info) {
  try {
    return FUNCTION(Given(env, info));
  } catch (const std::exception &error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

template <napi_value (*FUNCTION)(const Given &)>
void put(napi_env env, napi_value exports, const char *name) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, Called<FUNCTION>, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

}  // namespace neighbours

NAPI_MODULE_INIT() {
  using namespace neighbours;
  put<MakeReferences>(env, exports, "references");
  put<MakeQueries>(env, exports, "queries");
  put<MakeNearest>(env, exports, "nearest");
  put<RunNearest>(env, exports, "runNearest");
  put<FinishNearest>(env, exports, "finishNearest");
  put<MakeRanks>(env, exports, "ranks");
  put<RunRanks>(env, exports, "runRanks");
  put<RunNearestRows>(env, exports, "nearestRows");
  put<RunReadyRows>(env, exports, "readyRows");
  put<RunLloyd>(env, exports, "lloyd");
  return exports;
}
