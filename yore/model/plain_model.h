// The judge of models: what a description means (arch/model.h), spelled out one sequence and one number at a
// time, in double and without the shortcut of the last layer.
#pragma once
#include <cmath>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "yore/mixers/attention/ref.h"
#include "yore/model/test_models.h"

namespace yore::model {

/// A model of attention layers with the weights of `model`, which is of doubles.
class Plain {
 public:
  using Rows = std::vector<std::vector<double>>;

  /// Called with a layer's number and the rows that enter its attention: who stands for each (itself, or an
  /// earlier row). Keys of rows that do not stand for themselves are hidden, and they take what their proxy
  /// gets.
  using Proxies = std::function<std::vector<std::size_t>(std::size_t layer, const Rows& rows)>;

  explicit Plain(const Model& model, Proxies proxies = {})
      : m_(model.description()), width_(m_.embedding.width), proxies_(std::move(proxies)) {
    for (const Parameter& p : model.parameters().all()) {
      const at::Tensor value = p.value.detach().contiguous();
      named_[p.name] = {value.data_ptr<double>(), value.data_ptr<double>() + value.numel()};
    }
  }

  /// What the read-out reads, a row a token.
  Rows hidden(const Word& tokens) const {
    Rows x(tokens.size());
    for (std::size_t t = 0; t < tokens.size(); ++t)
      for (std::size_t c = 0; c < idx(width_); ++c) x[t].push_back(embedding(tokens[t], t, c));
    for (std::size_t l = 0; l < m_.blocks.size(); ++l) x = block(l, x);
    return norm("final_norm", m_.final_norm, x);
  }

  /// The logits, a row a token.
  Rows logits(const Word& tokens) const {
    const Rows x = hidden(tokens);
    const std::string matrix = m_.read_out.tied ? "embedding.weight" : "read_out.weight";
    Rows y = linear(matrix, "read_out.bias", x);
    if (const double cap = m_.read_out.soft_cap; cap > 0)
      for (auto& row : y)
        for (double& logit : row) logit = cap * std::tanh(logit / cap);
    return y;
  }

 private:
  template <class Int>
  static std::size_t idx(Int i) {
    return static_cast<std::size_t>(i);
  }

  double embedding(std::int32_t token, std::size_t t, std::size_t c) const {
    double value = named_.at("embedding.weight")[idx(token) * idx(width_) + c] * m_.embedding.scale;
    if (m_.embedding.positions == arch::Positions::Learned)
      value += named_.at("positions.weight")[t * idx(width_) + c];
    if (m_.embedding.positions == arch::Positions::Periodic)
      value += named_.at("positions.weight")[t % idx(m_.embedding.max_positions) * idx(width_) + c];
    if (m_.embedding.positions == arch::Positions::Sinusoidal) {
      const double angle = static_cast<double>(t) /
                           std::pow(10000.0, static_cast<double>(c - c % 2) / static_cast<double>(width_));
      value += c % 2 == 0 ? std::sin(angle) : std::cos(angle);
    }
    return value;
  }

  Rows block(std::size_t l, Rows x) const {
    const arch::Block& b = m_.blocks[l];
    const std::string at = "layers." + std::to_string(l) + ".";
    const auto around = [&](const std::string& name, const auto& part) {
      const bool before = b.norm_place != arch::NormPlace::Post;
      Rows y = part(before ? norm(name + "norm", b.norm, x) : x);
      if (b.norm_place == arch::NormPlace::Both) y = norm(name + "norm_after", b.norm, y);
      x = add(x, y);
      if (!before) x = norm(name + "norm", b.norm, x);
    };
    around(at + "attention.",
           [&](const Rows& seen) { return attention(at + "attention.", l, seen, b.mixer.options); });
    if (b.feed_forward.activation != arch::Activation::None)
      around(at + "mlp.",
             [&](const Rows& seen) { return feed_forward(at + "mlp.", seen, b.feed_forward.activation); });
    return x;
  }

  static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
  static double gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }
  /// Hendrycks & Gimpel 2016, the approximation by tanh.
  static double gelu_tanh(double x) {
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
  }

  Rows feed_forward(const std::string& name, const Rows& x, arch::Activation activation) const {
    using arch::Activation;
    Rows hidden = linear(name + "up", x);
    const bool gated = activation == Activation::Swiglu || activation == Activation::Geglu ||
                       activation == Activation::Arithmetic;
    const Rows gate = gated ? linear(name + "gate", x) : Rows();
    for (std::size_t t = 0; t < hidden.size(); ++t)
      for (std::size_t c = 0; c < hidden[t].size(); ++c) {
        double& h = hidden[t][c];
        if (activation == Activation::Relu) h = h > 0 ? h : 0;
        if (activation == Activation::Gelu) h = gelu(h);
        if (activation == Activation::GeluTanh) h = gelu_tanh(h);
        if (activation == Activation::Swiglu) h *= gate[t][c] * sigmoid(gate[t][c]);
        if (activation == Activation::Geglu) h *= gelu_tanh(gate[t][c]);
        if (activation == Activation::Arithmetic) {
          const double g = gate[t][c];
          h *= 2 * c < hidden[t].size() ? g : g > 0 ? 1 : g < 0 ? -1 : 0;
        }
      }
    return linear(name + "down", hidden);
  }

  static Rows add(Rows a, const Rows& b) {
    for (std::size_t t = 0; t < a.size(); ++t)
      for (std::size_t c = 0; c < a[t].size(); ++c) a[t][c] += b[t][c];
    return a;
  }

  Rows linear(const std::string& name, const Rows& x) const {
    return linear(name + ".weight", name + ".bias", x);
  }
  /// No bias where the model has none of that name.
  Rows linear(const std::string& matrix, const std::string& vector, const Rows& x) const {
    const auto& weight = named_.at(matrix);
    const auto bias = named_.find(vector);
    Rows out;
    for (const auto& row : x) {
      std::vector<double> y(weight.size() / row.size(), 0.0);
      if (bias != named_.end()) y = bias->second;
      for (std::size_t o = 0; o < y.size(); ++o)
        for (std::size_t c = 0; c < row.size(); ++c) y[o] += weight[o * row.size() + c] * row[c];
      out.push_back(y);
    }
    return out;
  }

  Rows norm(const std::string& name, const arch::Norm& kind, Rows x) const {
    if (kind.kind == arch::NormKind::None) return x;
    const auto& weight = named_.at(name + ".weight");
    for (auto& row : x) {
      const double n = static_cast<double>(row.size());
      double mean = 0, square = 0;
      if (kind.kind == arch::NormKind::Layer)
        for (double v : row) mean += v / n;
      for (double v : row) square += (v - mean) * (v - mean) / n;
      for (std::size_t c = 0; c < row.size(); ++c) {
        const double factor = kind.kind == arch::NormKind::RmsPlusOne ? 1 + weight[c] : weight[c];
        row[c] = (row[c] - mean) / std::sqrt(square + kind.epsilon) * factor;
        if (kind.kind == arch::NormKind::Layer) row[c] += named_.at(name + ".bias")[c];
      }
    }
    return x;
  }

  /// mixers::ref::attention of one head among the rows that stand for themselves.
  static std::vector<double> among(const std::vector<double> (&qkv)[3], const mixers::ref::Head& head,
                                   const std::vector<std::size_t>& proxy) {
    std::vector<double> out(qkv[2].size(), 0.0);
    for (int i = 0; i < head.queries; ++i) {
      double total = 0;
      for (int j = 0; j < head.keys; ++j) {
        if (proxy[idx(j)] != idx(j) || !mixers::ref::visible(head, i, j)) continue;
        double score = 0;
        for (int d = 0; d < head.dim; ++d)
          score += qkv[0][idx(i * head.dim + d)] * qkv[1][idx(j * head.dim + d)];
        const double weight = std::exp(score * *head.scale - head.slope * (i - j));
        total += weight;
        for (int d = 0; d < head.dim; ++d)
          out[idx(i * head.dim + d)] += weight * qkv[2][idx(j * head.dim + d)];
      }
      for (int d = 0; d < head.dim; ++d) out[idx(i * head.dim + d)] /= total == 0 ? 1 : total;
    }
    return out;
  }

  Rows attention(const std::string& at, std::size_t layer, const Rows& x, const base::Json& options) const {
    const std::vector<std::size_t> proxy = proxies_ ? proxies_(layer, x) : std::vector<std::size_t>();
    const int length = static_cast<int>(x.size()), heads = options.at("heads").get<int>(),
              dim = options.at("head_width").get<int>();
    const auto lookback = options.at("lookback").get<std::vector<int>>();
    const bool rotary = options.at("positions") == "rotary", alibi = options.at("positions") == "alibi";
    const int mixed_width = heads * dim;
    const Rows qkv = linear(at + "qkv", x);
    Rows out(x.size(), std::vector<double>(idx(mixed_width)));
    for (int h = 0; h < heads; ++h) {
      std::vector<double> part[3];
      for (int which = 0; which < 3; ++which)
        for (int t = 0; t < length; ++t)
          for (int d = 0; d < dim; ++d) {
            const auto value = [&](int e) { return qkv[idx(t)][idx(which * mixed_width + h * dim + e)]; };
            double turned = value(d);
            if (rotary && which < 2) {
              const int half = dim / 2, pair = d < half ? d : d - half;
              const double angle = t / std::pow(10000.0, 2.0 * pair / dim);
              turned = d < half ? value(pair) * std::cos(angle) - value(pair + half) * std::sin(angle)
                                : value(pair) * std::sin(angle) + value(pair + half) * std::cos(angle);
            }
            part[which].push_back(turned);
          }
      const double slope = alibi ? std::pow(2.0, -8.0 * (h + 1) / heads) : 0;
      const mixers::ref::Head head{length,
                                   length,
                                   dim,
                                   dim,
                                   lookback[idx(h)],
                                   options.at("strict").get<bool>(),
                                   0,
                                   1 / std::sqrt(static_cast<double>(dim)),
                                   slope};
      const auto mixed =
          proxies_ ? among(part, head, proxy) : mixers::ref::attention(part[0], part[1], part[2], head);
      for (int t = 0; t < length; ++t)
        for (int d = 0; d < dim; ++d) out[idx(t)][idx(h * dim + d)] = mixed[idx(t * dim + d)];
    }
    for (std::size_t t = 0; t < proxy.size(); ++t) out[t] = out[proxy[t]];
    return linear(at + "out", out);
  }

  arch::Model m_;
  std::int64_t width_;
  Proxies proxies_;
  std::map<std::string, std::vector<double>> named_;
};

}  // namespace yore::model
