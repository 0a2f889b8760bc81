// Euclidean distances between some rows and others, and their gradient, without copies of the rows.
//
// Included once for each kind of processor, within a namespace of its own, after rows.h.

class DistancesAt {
public:
  explicit DistancesAt(const PairsAt &pairs) : of(pairs), pool(WorkerPool::shared()) {}

  void find(float *distances) const {
    eachRow(of.n, [&](int i, float *row) {
      scaledInto(row, x(i));
      for (int t = 0; t < of.perRow; t++) {
        const int64_t pair = int64_t(i) * of.perRow + t;
        const float *other = y(of.index[pair]);
        distances[pair] = std::sqrt(squaredDistance(row, other, inverseNorm(other, of.dim, of.normalized), of.dim));
      }
    });
  }

  /** What comes back to the rows of x, or of y; to both where they are one set. Each row adds up its pairs in their order. */
  void gradient(const float *along, bool ofReferences, bool isOneSet, float *into) const {
    const bool isReferred = ofReferences || isOneSet;
    // The pairs of each row of y, row after row, and where they end.
    std::vector<int64_t> end(isReferred ? of.m + 1 : 0, 0), pairs(isReferred ? int64_t(of.n) * of.perRow : 0);
    for (size_t pair = 0; pair < pairs.size(); pair++) end[of.index[pair] + 1]++;
    for (size_t j = 1; j < end.size(); j++) end[j] += end[j - 1];
    for (size_t pair = 0; pair < pairs.size(); pair++) pairs[end[of.index[pair]]++] = pair;
    eachRow(ofReferences ? of.m : of.n, [&](int i, float *row) {
      const float inverse = scaledInto(row, ofReferences ? y(i) : x(i));
      float *const to = into + int64_t(i) * of.dim;
      std::fill(to, to + of.dim, 0.0f);
      const auto add = [&](const float *partner, float weight) {
        if (weight == 0) return;
        const float scale = inverseNorm(partner, of.dim, of.normalized);
        const float distance = std::sqrt(squaredDistance(row, partner, scale, of.dim));
        if (distance != 0) addDifference(row, partner, scale, weight / distance, of.dim, to);
      };
      if (!ofReferences) {
        for (int64_t pair = int64_t(i) * of.perRow; pair < int64_t(i + 1) * of.perRow; pair++) add(y(of.index[pair]), along[pair]);
      }
      if (isReferred) {
        for (int64_t at = i == 0 ? 0 : end[i - 1]; at < end[i]; at++) add(x(pairs[at] / of.perRow), along[pairs[at]]);
      }
      if (!of.normalized) return;
      // Of rows that are divided by their norm what lies along them is lost; one without a direction has none to turn.
      const float lost = productOf(to, row, of.dim);
      const float scale = inverse < 1e12f ? inverse : 0;
      for (int k = 0; k < of.dim; k++) to[k] = (to[k] - lost * row[k]) * scale;
    });
  }

private:
  const float *x(int64_t i) const { return of.x + i * of.dim; }
  const float *y(int64_t j) const { return of.y + j * of.dim; }

  /** A row as it is compared; what it was multiplied by. */
  float scaledInto(float *into, const float *row) const {
    const float inverse = inverseNorm(row, of.dim, of.normalized);
    for (int k = 0; k < of.dim; k++) into[k] = row[k] * inverse;
    return inverse;
  }

  /** Calls f(row, a buffer) for each row. */
  template <typename F> void eachRow(int rows, const F &f) const {
    const int share = 32;
    pool.run((rows + share - 1) / share, [&](int task, int) {
      std::vector<float> buffer(of.dim);
      for (int i = task * share; i < std::min(rows, (task + 1) * share); i++) f(i, buffer.data());
    });
  }

  const PairsAt of;
  WorkerPool &pool;
};
