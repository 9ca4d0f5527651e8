// The chunk scan and the short convolution beside ONNX Runtime's operators LinearAttention and
// CausalConvWithState (domain com.microsoft): outputs and final states for every update rule that it has,
// each held to the bound that the definition gives for float32.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "tests/onnx_runtime.h"
#include "yore/base/files.h"
#include "yore/base/random.h"
#include "yore/base/test_scratch.h"
#include "yore/mixers/common/scan.h"
#include "yore/mixers/common/scan_ref.h"
#include "yore/mixers/common/short_conv.h"
#include "yore/mixers/conformance/tolerance.h"

namespace yore::onnx {
namespace {

using base::Json;
using mixers::conformance::Judged;
using mixers::conformance::kUnit;
using mixers::conformance::Numbers;
using mixers::conformance::Worst;
namespace scan = mixers::scan;
namespace conv = mixers::conv;

using Shape = std::vector<std::int64_t>;
using Floats = std::vector<float>;

/// An input of the operator; without a name it is left out.
struct Input {
  std::string name;
  Shape shape;
  Floats data;
};

/// Models of one node each, and what is asked of them.
class Questions {
 public:
  void add(const std::string& op, const std::vector<Input>& inputs,
           const std::vector<std::pair<std::string, std::string>>& words,
           const std::vector<std::pair<std::string, std::int64_t>>& integers, float scale) {
    ::onnx::ModelProto model;
    model.set_ir_version(8);
    for (const auto& [domain, version] : {std::pair{"", 17}, std::pair{"com.microsoft", 1}}) {
      model.add_opset_import()->set_domain(domain);
      model.mutable_opset_import()->rbegin()->set_version(version);
    }
    ::onnx::GraphProto& graph = *model.mutable_graph();
    graph.set_name("one node");
    ::onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(op);
    node.set_domain("com.microsoft");
    Json feeds = Json::object();
    for (const Input& input : inputs) {
      node.add_input(input.name);
      if (input.name.empty()) continue;
      feeds[input.name] = {{"shape", input.shape}, {"data", input.data}};
      describe(*graph.add_input(), input.name, input.shape.size());
    }
    for (const char* name : {"out", "state"}) {
      node.add_output(name);
      describe(*graph.add_output(), name, name == std::string("out") ? 3 : inputs[3].shape.size());
    }
    const auto attribute = [&](const std::string& name, auto type) -> ::onnx::AttributeProto& {
      ::onnx::AttributeProto& a = *node.add_attribute();
      a.set_name(name);
      a.set_type(type);
      return a;
    };
    for (const auto& [name, word] : words) attribute(name, ::onnx::AttributeProto::STRING).set_s(word);
    for (const auto& [name, x] : integers) attribute(name, ::onnx::AttributeProto::INT).set_i(x);
    if (scale != 0) attribute("scale", ::onnx::AttributeProto::FLOAT).set_f(scale);
    const std::filesystem::path file = folder_.path() / (std::to_string(count_++) + ".onnx");
    base::write_file(file, model.SerializeAsString());
    text_ += Json{{"model", file.string()}, {"feeds", feeds}}.dump() + "\n";
  }

  /// The answers in order: "out" and "state" of each.
  std::vector<Json> ask() const {
    const base::ProcessResult result = ask_operators(text_);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::vector<Json> answers;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) answers.push_back(Json::parse(line));
    EXPECT_EQ(answers.size(), count_);
    return answers;
  }

 private:
  /// Of free shape: the runtime infers nothing from it that it does not see in the data.
  static void describe(::onnx::ValueInfoProto& value, const std::string& name, std::size_t dimensions) {
    value.set_name(name);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(::onnx::TensorProto::FLOAT);
    for (std::size_t d = 0; d < dimensions; ++d)
      tensor.mutable_shape()->add_dim()->set_dim_param(name + std::to_string(d));
  }

  base::Scratch folder_;
  std::string text_;
  std::size_t count_ = 0;
};

Floats draw(base::Random& random, std::int64_t count, double low, double high) {
  Floats x(static_cast<std::size_t>(count));
  for (float& y : x) y = static_cast<float>(low + (high - low) * random.uniform());
  return x;
}

/// The largest errors so far, as shares of what is allowed.
struct Most {
  double kernel = 0, runtime = 0;
  ~Most() { fmt::print("  measured/allowed {:.3f}, ONNX Runtime's {:.3f}\n", kernel, runtime); }
};

/// The kernel's numbers and the runtime's, each within what float32 may be off by.
void expect_both(Most& most, const std::string& what, const std::vector<Judged>& right, const Floats& ours,
                 const Floats& theirs) {
  ASSERT_EQ(right.size(), ours.size()) << what;
  ASSERT_EQ(right.size(), theirs.size()) << what;
  Worst kernel, runtime;
  for (std::size_t i = 0; i < right.size(); ++i) {
    kernel.see(right[i].value, ours[i], right[i].allowed(kUnit<float>), i);
    runtime.see(right[i].value, theirs[i], right[i].allowed(kUnit<float>), i);
  }
  most.kernel = std::max(most.kernel, kernel.ratio);
  most.runtime = std::max(most.runtime, runtime.ratio);
  EXPECT_LE(kernel.ratio, 1) << what << ", kernel: " << kernel.found << " for " << kernel.expected;
  EXPECT_LE(runtime.ratio, 1) << what << ", ONNX Runtime: " << runtime.found << " for " << runtime.expected;
}

Numbers in_double(const Floats& x) {
  return {x.begin(), x.end()};
}

/// Two sequences of one length through a scan.
struct ScanCase {
  std::string rule;
  scan::Setting setting;
  std::int64_t tokens = 0;
  Floats q, k, v, log_decay, beta, initial;
  static constexpr std::int64_t kBatch = 2;

  std::int64_t decays() const { return setting.decays(); }
  ScanCase(std::string name, const scan::Setting& s, std::int64_t length, std::uint64_t seed)
      : rule(std::move(name)), setting(s), tokens(length) {
    base::Random random(seed);
    const std::int64_t rows = kBatch * tokens;
    // Keys of length at most 1: the delta rule forgets along them, and never more than all.
    const double norm = 1 / std::sqrt(s.key_dim);
    q = draw(random, rows * s.key_heads * s.key_dim, -1, 1);
    k = draw(random, rows * s.key_heads * s.key_dim, -norm, norm);
    v = draw(random, rows * s.heads * s.value_dim, -1, 1);
    log_decay = draw(random, rows * s.heads * decays(), -0.3, 0);
    if (s.rule == scan::Rule::Delta) beta = draw(random, rows * s.heads, 0, 1);
    initial = draw(random, kBatch * s.heads * s.state_size(), -1, 1);
  }

  void ask(Questions& questions) const {
    const scan::Setting& s = setting;
    const auto row = [&](const char* name, std::int64_t width, const Floats& data) {
      return data.empty() ? Input{} : Input{name, {kBatch, tokens, width}, data};
    };
    questions.add("LinearAttention",
                  {row("q", s.key_heads * s.key_dim, q),
                   row("k", s.key_heads * s.key_dim, k),
                   row("v", s.heads * s.value_dim, v),
                   {"past", {kBatch, s.heads, s.key_dim, s.value_dim}, initial},
                   row("decay", s.heads * decays(), log_decay),
                   row("beta", s.heads, beta)},
                  {{"update_rule", rule}}, {{"q_num_heads", s.key_heads}, {"kv_num_heads", s.heads}},
                  static_cast<float>(s.scale));
  }

  /// By the definition: outputs of both sequences, then final states.
  std::vector<Judged> judged() const {
    const auto function = [&](const std::vector<Numbers>& in) {
      Numbers out, state;
      for (std::size_t b = 0; b < kBatch; ++b) {
        const auto part = [&](const Numbers& x) {
          const auto size = static_cast<std::ptrdiff_t>(x.size() / kBatch);
          const auto first = x.begin() + static_cast<std::ptrdiff_t>(b) * size;
          return scan::ref::Numbers(first, first + size);
        };
        const scan::ref::Output o = scan::ref::scan(
            setting, {tokens, part(in[0]), part(in[1]), part(in[2]), part(in[3]), part(in[4]), part(in[5])});
        for (const auto& x : o.out) out.push_back(x.real());
        for (const auto& x : o.state) state.push_back(x.real());
      }
      out.insert(out.end(), state.begin(), state.end());
      return out;
    };
    const double operations = static_cast<double>(tokens) + 2.0 * setting.key_dim + 32;
    return mixers::conformance::judge(
        function,
        {in_double(q), in_double(k), in_double(v), in_double(log_decay), in_double(beta), in_double(initial)},
        operations);
  }

  /// By the kernel, in the same order.
  Floats run() const {
    const scan::Setting& s = setting;
    const std::int64_t starts[] = {0, tokens, 2 * tokens};
    const auto rows = [](auto& data, std::int64_t heads, std::int64_t dim) {
      return scan::Rows<const float>{data.empty() ? nullptr : data.data(), heads * dim, dim};
    };
    scan::Problem<float> p;
    p.setting = s;
    p.batch = kBatch;
    p.starts = starts;
    p.q = rows(q, s.key_heads, s.key_dim);
    p.k = rows(k, s.key_heads, s.key_dim);
    p.v = rows(v, s.heads, s.value_dim);
    p.log_decay = rows(log_decay, s.heads, decays());
    p.beta = rows(beta, s.heads, 1);
    p.initial = initial.data();
    Floats out(v.size() + initial.size());
    scan::forward<float>(p, {out.data(), std::int64_t{s.heads} * s.value_dim, s.value_dim},
                         out.data() + v.size(), nullptr);
    return out;
  }
};

Floats together(const Json& answer) {
  auto all = answer.at("out").get<Floats>();
  const auto state = answer.at("state").get<Floats>();
  all.insert(all.end(), state.begin(), state.end());
  return all;
}

TEST(OnnxRuntimeScan, OutputsAndStatesOfEveryRule) {
  if (const std::string missing = runtime_missing(); !missing.empty()) GTEST_SKIP() << missing;
  const struct {
    const char* name;
    scan::Rule rule;
    scan::Decay decay;
  } rules[] = {{"linear", scan::Rule::Add, scan::Decay::None},
               {"gated", scan::Rule::Add, scan::Decay::Head},
               {"gated", scan::Rule::Add, scan::Decay::Key},
               {"delta", scan::Rule::Delta, scan::Decay::None},
               {"gated_delta", scan::Rule::Delta, scan::Decay::Head},
               {"gated_delta", scan::Rule::Delta, scan::Decay::Key}};
  const std::pair<int, int> sizes[] = {{8, 8}, {5, 19}, {33, 3}, {64, 64}};
  std::vector<ScanCase> cases;
  Questions questions;
  for (const auto& rule : rules)
    for (const auto& [keys, values] : sizes)
      for (const int key_heads : {2, 1})
        for (const std::int64_t tokens : {1, 7, 130}) {
          scan::Setting s{2, key_heads, keys, values, rule.decay, rule.rule, 0.7};
          // The definition costs too much where there is more of everything.
          if (keys == 64 && (tokens > 100 || key_heads == 1)) continue;
          cases.emplace_back(rule.name, s, tokens, cases.size());
          cases.back().ask(questions);
        }
  const std::vector<Json> answers = questions.ask();
  ASSERT_EQ(answers.size(), cases.size());
  Most most;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const ScanCase& c = cases[i];
    std::ostringstream what;
    what << c.rule << ", " << c.decays() << " decays a head, " << c.setting.key_heads << " key heads, "
         << c.setting.key_dim << " x " << c.setting.value_dim << ", " << c.tokens << " tokens";
    expect_both(most, what.str(), c.judged(), c.run(), together(answers[i]));
  }
}

/// x [kBatch, rows, columns] with rows and columns exchanged in each.
Floats exchanged(const Floats& x, std::int64_t batch, std::int64_t rows, std::int64_t columns) {
  Floats y;
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t c = 0; c < columns; ++c)
      for (std::int64_t r = 0; r < rows; ++r)
        y.push_back(x[static_cast<std::size_t>((b * rows + r) * columns + c)]);
  return y;
}

TEST(OnnxRuntimeScan, OutputsAndHistoriesOfTheShortConvolution) {
  if (const std::string missing = runtime_missing(); !missing.empty()) GTEST_SKIP() << missing;
  constexpr std::int64_t kBatch = 2;
  struct Case {
    std::int64_t channels, width, tokens;
    Floats x, weight, bias, history;
  };
  std::vector<Case> cases;
  Questions questions;
  base::Random random(4);
  for (const std::int64_t channels : {1, 67})
    for (const std::int64_t width : {2, 3, 4})
      for (const std::int64_t tokens : {1, 2, 40})
        for (const bool bias : {true, false}) {
          const Case c{channels,
                       width,
                       tokens,
                       draw(random, kBatch * tokens * channels, -1, 1),
                       draw(random, width * channels, -1, 1),
                       bias ? draw(random, channels, -1, 1) : Floats(),
                       draw(random, kBatch * (width - 1) * channels, -1, 1)};
          questions.add(
              "CausalConvWithState",
              {{"x", {kBatch, channels, tokens}, exchanged(c.x, kBatch, tokens, channels)},
               {"weight", {channels, 1, width}, exchanged(c.weight, 1, width, channels)},
               bias ? Input{"bias", {channels}, c.bias} : Input{},
               {"past", {kBatch, channels, width - 1}, exchanged(c.history, kBatch, width - 1, channels)}},
              {{"activation", "none"}}, {}, 0);
          cases.push_back(c);
        }
  const std::vector<Json> answers = questions.ask();
  ASSERT_EQ(answers.size(), cases.size());
  Most most;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    const std::int64_t starts[] = {0, c.tokens, 2 * c.tokens}, past = c.width - 1;
    conv::Problem<float> p;
    p.batch = kBatch;
    p.starts = starts;
    p.channels = c.channels;
    p.width = c.width;
    p.x = c.x.data();
    p.x_row = c.channels;
    p.weight = c.weight.data();
    p.bias = c.bias.empty() ? nullptr : c.bias.data();
    p.history = c.history.data();
    Floats ours(c.x.size()), last(c.history.size());
    conv::forward<float>(p, ours.data(), c.channels, last.data());
    const auto function = [&](const std::vector<Numbers>& in) {
      Numbers out;
      for (std::int64_t b = 0; b < kBatch; ++b)
        for (std::int64_t t = 0; t < c.tokens; ++t)
          for (std::int64_t channel = 0; channel < c.channels; ++channel) {
            double sum = in[2].empty() ? 0 : in[2][static_cast<std::size_t>(channel)];
            for (std::int64_t w = 0; w < c.width; ++w) {
              const std::int64_t at = t + w - past;
              const double x =
                  at >= 0 ? in[0][static_cast<std::size_t>((b * c.tokens + at) * c.channels + channel)]
                          : in[3][static_cast<std::size_t>((b * past + past + at) * c.channels + channel)];
              sum += x * in[1][static_cast<std::size_t>(w * c.channels + channel)];
            }
            out.push_back(sum);
          }
      return out;
    };
    const std::vector<Judged> right = mixers::conformance::judge(
        function, {in_double(c.x), in_double(c.weight), in_double(c.bias), in_double(c.history)},
        static_cast<double>(c.width) + 1);
    std::ostringstream what;
    what << c.channels << " channels, " << c.width << " wide, " << c.tokens << " tokens";
    expect_both(most, what.str(), right, ours,
                exchanged(answers[i].at("out").get<Floats>(), kBatch, c.channels, c.tokens));
    // Histories are copies.
    EXPECT_EQ(last, exchanged(answers[i].at("state").get<Floats>(), kBatch, c.channels, past)) << what.str();
  }
}

}  // namespace
}  // namespace yore::onnx
