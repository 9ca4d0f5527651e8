#include "yore/compiler/forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/compiler/forward_recurrent.h"
#include "yore/mixers/attention/options.h"

namespace yore::compiler {
namespace {

class ForwardPass {
 public:
  ForwardPass(const arch::ModelFile& file, const logic::Word& word) : file_(file) {
    check_kind();
    const Matrix table = matrix_of(file.weights, "embedding.weight"),
                 places = file.model.embedding.has_table() ? matrix_of(file.weights, "positions.weight")
                                                           : zeros(1, table.columns);
    now_ = zeros(static_cast<std::int64_t>(word.size()) + 1, table.columns);
    for (std::int64_t i = 0; i < now_.rows; ++i) {
      const bool end = i + 1 == now_.rows;
      const std::int64_t token = end ? table.rows - 1 : word[static_cast<std::size_t>(i)];
      if (token < 0 || (!end && token + 1 >= table.rows))
        throw std::invalid_argument("forward: a letter outside the model's alphabet");
      for (std::int64_t c = 0; c < now_.columns; ++c)
        now_.at(i, c) = table.at(token, c) + places.at(i % places.rows, c);
    }
  }

  Forward run() {
    Forward result;
    result.stages.push_back(now_);
    for (std::size_t b = 0; b < file_.model.blocks.size(); ++b) {
      const arch::Block& block = file_.model.blocks[b];
      const std::string name = fmt::format("layers.{}.", b);
      const bool attends = block.mixer.name == "attention";
      add(attends ? attention(block, name)
                  : forward_recurrence(file_, b, normed(block.norm, name + block.mixer.name + ".norm")));
      result.stages.push_back(now_);
      if (block.feed_forward.activation != arch::Activation::None) add(feed_forward(block, name));
      result.stages.push_back(now_);
    }
    const Matrix last = normed(file_.model.final_norm, "final_norm");
    result.logit = times(linear_of(file_.weights, "read_out"), last).at(last.rows - 1, 0);
    return result;
  }

 private:
  void check_kind() const {
    const arch::Model& model = file_.model;
    const auto plain = [](const arch::Norm& norm) {
      return norm.kind == arch::NormKind::None || norm.kind == arch::NormKind::Rms;
    };
    bool known = model.read_out.kind == arch::ReadOutKind::Accept && model.read_out.soft_cap == 0 &&
                 (model.embedding.positions == arch::Positions::None ||
                  model.embedding.positions == arch::Positions::Periodic) &&
                 model.embedding.scale == 1 && plain(model.final_norm);
    for (const arch::Block& block : model.blocks)
      known = known && plain(block.norm) && block.norm_place == arch::NormPlace::Pre &&
              (block.feed_forward.activation == arch::Activation::Relu ||
               block.feed_forward.activation == arch::Activation::None);
    if (!known) throw base::InputError("model", "expected one that was compiled; yore run asks any other");
  }

  Matrix normed(const arch::Norm& norm, const std::string& name) const {
    Matrix x = now_;
    if (norm.kind == arch::NormKind::None) return x;
    const Matrix weight = matrix_of(file_.weights, name + ".weight");
    for (std::int64_t i = 0; i < x.rows; ++i) {
      float square = 0;
      for (const float v : x.row(i)) square += v * v;
      const float scale =
          1 / std::sqrt(square / static_cast<float>(x.columns) + static_cast<float>(norm.epsilon));
      for (std::int64_t c = 0; c < x.columns; ++c) x.at(i, c) *= scale * weight.at(0, c);
    }
    return x;
  }

  void add(const Matrix& more) {
    for (std::size_t i = 0; i < now_.values.size(); ++i) now_.values[i] += more.values[i];
  }

  Matrix attention(const arch::Block& block, const std::string& name) const {
    const mixers::AttentionOptions options =
        mixers::read_attention_options({file_.model.embedding.width, block.mixer.options});
    const std::int64_t dim = options.head_width, mixed = options.mixed_width();
    const Matrix qkv =
        times(linear_of(file_.weights, name + "attention.qkv"), normed(block.norm, name + "attention.norm"));
    const auto scale =
        static_cast<float>(options.params.scale.value_or(1 / std::sqrt(static_cast<double>(dim))));
    const std::vector<int>& lookbacks = options.params.lookback;
    Matrix out = zeros(qkv.rows, mixed);
    std::vector<float> weights;
    for (int h = 0; h < options.heads; ++h) {
      const std::int64_t lookback = lookbacks.empty() ? -1 : lookbacks[static_cast<std::size_t>(h)];
      const std::int64_t at = h * dim;
      for (std::int64_t i = 0; i < qkv.rows; ++i) {
        const std::int64_t first = lookback < 0 ? 0 : std::max<std::int64_t>(0, i - lookback);
        const std::int64_t end = options.params.strict ? i : i + 1;
        if (first >= end) continue;  // nothing is seen, and 0 handed on
        weights.clear();
        for (std::int64_t j = first; j < end; ++j) {
          float score = 0;
          for (std::int64_t d = 0; d < dim; ++d) score += qkv.at(i, at + d) * qkv.at(j, mixed + at + d);
          weights.push_back(score * scale);
        }
        const float top = *std::max_element(weights.begin(), weights.end());
        float sum = 0;
        for (float& w : weights) sum += w = std::exp(w - top);
        for (std::int64_t j = first; j < end; ++j)
          for (std::int64_t d = 0; d < dim; ++d)
            out.at(i, at + d) +=
                weights[static_cast<std::size_t>(j - first)] / sum * qkv.at(j, 2 * mixed + at + d);
      }
    }
    return times(linear_of(file_.weights, name + "attention.out"), out);
  }

  Matrix feed_forward(const arch::Block& block, const std::string& name) const {
    Matrix hidden = times(linear_of(file_.weights, name + "mlp.up"), normed(block.norm, name + "mlp.norm"));
    for (float& x : hidden.values) x = std::max(x, 0.0F);
    return times(linear_of(file_.weights, name + "mlp.down"), hidden);
  }

  const arch::ModelFile& file_;
  Matrix now_;  // the residual stream
};

}  // namespace

Forward forward(const arch::ModelFile& file, const logic::Word& word) {
  return ForwardPass(file, word).run();
}

Trace trace(const arch::ModelFile& file, const Manifest& manifest, const logic::Word& word) {
  const Forward numbers = forward(file, word);
  const auto number = [&](int stage, int coordinate, std::size_t position) {
    return numbers.stages[static_cast<std::size_t>(stage)].at(static_cast<std::int64_t>(position),
                                                              coordinate);
  };
  return read_trace(manifest, word, number, numbers.logit);
}

}  // namespace yore::compiler
