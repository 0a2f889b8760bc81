// Euclidean distances between some rows and others, and their gradient, without copies of the rows.
//
// Included once for each kind of processor, within a namespace of its own, after rows.h.

class DistancesAt {
public:
  explicit DistancesAt(const PairsAt &pairs) : of(pairs), width(widthOf(pairs.dim)), pool(WorkerPool::shared()) {}

  void find(float *distances) const {
    eachRow(of.n, [&](int i, double *row, double *other) {
      loadRow(of.x + int64_t(i) * of.dim, of.dim, of.normalized, row);
      for (int t = 0; t < of.perRow; t++) {
        const int64_t pair = int64_t(i) * of.perRow + t;
        loadRow(of.y + int64_t(of.index[pair]) * of.dim, of.dim, of.normalized, other);
        distances[pair] = float(std::sqrt(squaredDistance(row, other, width)));
      }
    });
  }

  /** What comes back to the rows of x, or of y; to both where they are one set. Each row adds up its pairs in their order. */
  void gradient(const float *along, bool ofReferences, bool isOneSet, float *into) const {
    const int count = ofReferences ? of.m : of.n;
    // The pairs of each row of y, row after row.
    std::vector<int64_t> end;
    std::vector<int64_t> pairs;
    if (ofReferences || isOneSet) {
      const int64_t all = int64_t(of.n) * of.perRow;
      std::vector<int64_t> next(of.m + 1, 0);
      for (int64_t pair = 0; pair < all; pair++) next[of.index[pair] + 1]++;
      for (int j = 0; j < of.m; j++) next[j + 1] += next[j];
      pairs.resize(all);
      for (int64_t pair = 0; pair < all; pair++) pairs[next[of.index[pair]]++] = pair;
      end = std::move(next);
    }
    const float *rows = ofReferences ? of.y : of.x;
    eachRow(count, [&](int i, double *row, double *other) {
      const double inverse = loadRow(rows + int64_t(i) * of.dim, of.dim, of.normalized, row);
      std::vector<double> sum(width, 0);
      const auto add = [&](const float *partner, float weight) {
        if (weight == 0) return;
        loadRow(partner, of.dim, of.normalized, other);
        const double distance = std::sqrt(squaredDistance(row, other, width));
        if (distance == 0) return;
        const double slope = weight / distance;
        for (int k = 0; k < width; k++) sum[k] += slope * (row[k] - other[k]);
      };
      if (!ofReferences) {
        for (int64_t pair = int64_t(i) * of.perRow; pair < int64_t(i + 1) * of.perRow; pair++) add(of.y + int64_t(of.index[pair]) * of.dim, along[pair]);
      }
      if (ofReferences || isOneSet) {
        for (int64_t at = i == 0 ? 0 : end[i - 1]; at < end[i]; at++) add(of.x + pairs[at] / of.perRow * of.dim, along[pairs[at]]);
      }
      float *to = into + int64_t(i) * of.dim;
      // Of rows that are divided by their norm what lies along them is lost; one without a direction has none to turn.
      const double lost = of.normalized ? productOf(sum.data(), row, width) : 0;
      const double scale = inverse < 1e12 ? inverse : of.normalized ? 0 : 1;
      for (int k = 0; k < of.dim; k++) to[k] = float((sum[k] - lost * row[k]) * scale);
    });
  }

private:
  /** Calls f(row, buffer, buffer) for each row. */
  template <typename F> void eachRow(int rows, const F &f) const {
    const int share = 32;
    pool.run((rows + share - 1) / share, [&](int task, int) {
      std::vector<double> first(width), second(width);
      for (int i = task * share; i < std::min(rows, (task + 1) * share); i++) f(i, first.data(), second.data());
    });
  }

  const PairsAt of;
  const int width;
  WorkerPool &pool;
};
