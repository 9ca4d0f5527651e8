// The edges that a picture must have, counted again from the arrays' bytes and the manifest, and those that
// it has.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <tuple>

#include "yore/compiler/picture_test_models.h"

namespace yore::compiler {

/// From, to, sign of the weight.
using Edge = std::tuple<std::string, std::string, int>;
using Edges = std::multiset<Edge>;

inline int sign(float x) {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}

/// What the arrays say, without the code under test.
class Recount {
 public:
  explicit Recount(const Drawn& model)
      : model_(model), c_(arch::shorthand(model.file.model, "model", "the test")), width_(c_.width) {}

  Edges run() {
    writer_.assign(static_cast<std::size_t>(width_), 0);
    for (int b = 0; b < c_.layers; ++b) {
      attention(b);
      feed_forward(b);
    }
    const auto read_out = values("read_out.weight");
    for (int x = 0; x < width_; ++x)
      if (at(read_out, 0, x, width_) != 0) add(x, "read_out", at(read_out, 0, x, width_));
    return std::move(edges_);
  }

 private:
  std::vector<float> values(const std::string& name) const {
    const std::string& bytes = model_.file.weights.arrays.at(name).bytes;
    std::vector<float> list(bytes.size() / sizeof(float));
    std::memcpy(list.data(), bytes.data(), bytes.size());
    return list;
  }
  static float at(const std::vector<float>& m, int row, int column, int columns) {
    return m[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
             static_cast<std::size_t>(column)];
  }
  void add(int x, const std::string& to, float weight) {
    edges_.emplace(place(writer_[static_cast<std::size_t>(x)], x), to, sign(weight));
  }
  static std::string place(int stage, int x) { return fmt::format("s{}_x{}", stage, x); }
  /// The coordinates that the stage writes get it as their writer.
  void written(int stage, const std::vector<float>& weight, const std::vector<float>& bias) {
    const int columns = static_cast<int>(weight.size()) / width_;
    for (int x = 0; x < width_; ++x) {
      bool writes = bias[static_cast<std::size_t>(x)] != 0;
      for (int j = 0; j < columns; ++j) writes = writes || at(weight, x, j, columns) != 0;
      for (const Claim& claim : model_.manifest.stages[static_cast<std::size_t>(stage)])
        writes = writes || claim.coordinate == x;
      if (writes) writer_[static_cast<std::size_t>(x)] = stage;
    }
  }

  void attention(int b) {
    const std::string name = fmt::format("layers.{}.attention.", b);
    const auto qkv = values(name + "qkv.weight"), out = values(name + "out.weight");
    const int dim = c_.width_of_head(), mixed = c_.heads * dim;
    const auto head = [&](int d) { return fmt::format("b{}_h{}", b + 1, d / dim + 1); };
    for (int r = 0; r < 3 * mixed; ++r)
      for (int x = 0; x < width_; ++x)
        if (at(qkv, r, x, width_) != 0) add(x, head(r % mixed), at(qkv, r, x, width_));
    for (int x = 0; x < width_; ++x)
      for (int d = 0; d < mixed; ++d)
        if (at(out, x, d, mixed) != 0)
          edges_.emplace(head(d), place(2 * b + 1, x), sign(at(out, x, d, mixed)));
    written(2 * b + 1, out, values(name + "out.bias"));
  }

  void feed_forward(int b) {
    const std::string name = fmt::format("layers.{}.mlp.", b);
    const auto up = values(name + "up.weight"), down = values(name + "down.weight");
    const int units = c_.mlp_width;
    const auto row = [&](int j) {
      const auto first = up.begin() + std::ptrdiff_t{j} * width_;
      return std::vector<float>(first, first + width_);
    };
    const auto reads = [&](const std::vector<float>& sum, const std::string& to) {
      for (int x = 0; x < width_; ++x)
        if (sum[static_cast<std::size_t>(x)] != 0) add(x, to, sum[static_cast<std::size_t>(x)]);
    };
    int idle = 0;
    for (int j = 0; j < units; ++j) {
      bool writes = false, something = false;
      for (int x = 0; x < width_; ++x) writes = writes || at(down, x, j, units) != 0;
      for (const float w : row(j)) something = something || w != 0;
      if (!writes && something) reads(row(j), fmt::format("s{}_idle{}", 2 * b + 2, ++idle));
    }
    for (int x = 0; x < width_; ++x) {  // units of one sum are drawn as one
      std::set<std::vector<float>> sums;
      for (int j = 0; j < units; ++j)
        if (at(down, x, j, units) != 0) sums.insert(row(j));
      for (const auto& sum : sums) reads(sum, place(2 * b + 2, x));
    }
    written(2 * b + 2, down, values(name + "down.bias"));
  }

  const Drawn& model_;
  arch::ModelOptions c_;
  int width_;
  std::vector<int> writer_;
  Edges edges_;
};

/// The visible edges of a picture. A repeated coordinate counts as itself, and must stand with its reader.
inline Edges edges_of(const std::string& dot) {
  static const std::regex line(R"re(  (\w+)[\w:]* -> (\w+)[\w:]* \[comment="([^"]*)".*)re");
  static const std::regex repeated(R"re((s\d+_x\d+)_at(\d+))re");
  Edges edges;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = dot.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string text = dot.substr(begin, end - begin);
    if (text.find(" -> ") == std::string::npos || text.find("[label=<") != std::string::npos ||
        text.starts_with("  label=") || text.find("[style=invis") != std::string::npos)
      continue;
    std::smatch found, copy;
    EXPECT_TRUE(std::regex_match(text, found, line)) << text;
    std::string from = found[1];
    if (std::regex_match(from, copy, repeated)) {
      const std::string to = found[2], stage = copy[2];
      const bool own = to.starts_with(fmt::format("s{}_", stage)) || to == "read_out" ||
                       to.starts_with(fmt::format("b{}_h", (std::stoi(stage) + 1) / 2));
      EXPECT_TRUE(own) << text;
      from = copy[1];
    }
    edges.emplace(from, found[2], sign(std::stof(found[3])));
  }
  return edges;
}

}  // namespace yore::compiler
