// A model's definition (yore/model/model.cc) as an ONNX graph. The rows of all sequences lie one under the
// other, [batch * n, width], so that every linear map is one Gemm on the weights as they are stored; only
// attention sees sequences.
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>

#include "yore/base/error.h"
#include "yore/mixers/attention/options.h"
#include "yore/onnx/metadata.h"
#include "yore/onnx/onnx.h"
#include "yore/onnx/places.h"

namespace yore::onnx {
namespace {

using arch::Activation;
using arch::NormKind;
using arch::NormPlace;
using ::onnx::TensorProto;

constexpr int kIrVersion = 8;  // the one that opset 17 came with
constexpr int kOpset = 17;
constexpr const char* kTokens = "tokens";
constexpr const char* kLogits = "logits";
/// A vocabulary longer than this is not spelled out in the graph's description.
constexpr std::size_t kFewNames = 64;

mixers::AttentionOptions attention_options(const arch::Model& model, const arch::Block& block) {
  return mixers::read_attention_options({model.embedding.width, block.mixer.options});
}

bool accepts(const arch::Model& model) {
  return model.read_out.kind == arch::ReadOutKind::Accept;
}

class Writer {
 public:
  Writer(const arch::ModelFile& file, Graph& graph)
      : file_(file), m_(file.model), g_(graph), places_(graph, m_.embedding, accepts(m_), kTokens) {
    rows_shape_ = g_.integers("rows.shape", {2}, {-1, m_.embedding.width});
    for (int i = 0; i < 3; ++i) part_[i] = g_.integers(fmt::format("part.{}", i), {}, {i});
    // Finite, so that a row that sees nothing is no 0/0; its weights are set to zero all the same.
    unseen_ = g_.real(std::numeric_limits<float>::lowest());
  }

  void write() {
    std::string x = g_.node("embedding", "Gather", {"embedding.weight", places_.words()});
    if (m_.embedding.scale != 1) x = g_.node("embedding.scaled", "Mul", {x, g_.real(m_.embedding.scale)});
    x = g_.node("rows", "Reshape", {places_.placed(x), rows_shape_});
    for (std::size_t l = 0; l < m_.blocks.size(); ++l)
      x = block(fmt::format("layers.{}", l), x, m_.blocks[l]);
    if (accepts(m_))
      answer(x);
    else
      answers(x);
  }

 private:
  /// "rows.shape" for rows of every sequence: [-1, n, last..].
  std::string with_length(const std::string& name, const std::vector<std::int64_t>& last) {
    const auto count = static_cast<std::int64_t>(last.size());
    return g_.node(name, "Concat",
                   {g_.integers(name + ".rest", {1}, {-1}), places_.length(),
                    g_.integers(name + ".fixed", {count}, last)},
                   {{"axis", 0}});
  }

  /// The map whose matrix and bias have these names; without a bias if the model has none.
  std::string linear(const std::string& name, const std::string& matrix, const std::string& bias,
                     const std::string& x) {
    std::vector<std::string> inputs = {x, matrix};
    if (file_.weights.arrays.contains(bias)) inputs.push_back(bias);
    return g_.node(name, "Gemm", inputs, {{"transB", 1}});
  }
  std::string linear(const std::string& name, const std::string& x) {
    return linear(name, name + ".weight", name + ".bias", x);
  }

  std::string norm(const std::string& name, const arch::Norm& norm, const std::string& x) {
    if (norm.kind == NormKind::None) return x;
    if (norm.kind == NormKind::Layer)
      return g_.node(name, "LayerNormalization", {x, name + ".weight", name + ".bias"},
                     {{"axis", -1}, {"epsilon", static_cast<float>(norm.epsilon)}});
    const std::string square = g_.node(name + ".square", "Mul", {x, x});
    const std::string mean =
        g_.node(name + ".mean", "ReduceMean", {square}, {{"axes", Graph::Shape{-1}}, {"keepdims", 1}});
    const std::string root =
        g_.node(name + ".root", "Sqrt", {g_.node(name + ".positive", "Add", {mean, g_.real(norm.epsilon)})});
    std::string factor = name + ".weight";
    if (norm.kind == NormKind::RmsPlusOne) factor = g_.node(name + ".factor", "Add", {factor, g_.real(1)});
    return g_.node(name, "Mul", {g_.node(name + ".unit", "Div", {x, root}), factor});
  }

  /// x (1 + erf(x / sqrt 2)) / 2.
  std::string gelu(const std::string& x) {
    const std::string erf =
        g_.node(x + ".erf", "Erf", {g_.node(x + ".scaled", "Div", {x, g_.real(std::sqrt(2.0))})});
    return half_of(x, erf);
  }
  /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
  std::string gelu_tanh(const std::string& x) {
    const std::string cube = g_.node(x + ".cube", "Mul", {g_.node(x + ".square", "Mul", {x, x}), x});
    const std::string bent =
        g_.node(x + ".bent", "Add", {x, g_.node(x + ".bend", "Mul", {cube, g_.real(0.044715)})});
    const std::string angle = g_.node(x + ".scaled", "Mul", {bent, g_.real(0.79788456080286536)});
    return half_of(x, g_.node(x + ".tanh", "Tanh", {angle}));
  }
  std::string half_of(const std::string& x, const std::string& sign) {
    const std::string gate = g_.node(x + ".gate", "Add", {sign, g_.real(1)});
    return g_.node(x + ".gelu", "Mul", {g_.node(x + ".gated", "Mul", {x, gate}), g_.real(0.5)});
  }

  std::string feed_forward(const std::string& name, Activation activation, const std::string& x) {
    std::string up = linear(name + ".up", x);
    switch (activation) {
      case Activation::Gelu:
        up = gelu(up);
        break;
      case Activation::GeluTanh:
        up = gelu_tanh(up);
        break;
      case Activation::Swiglu: {
        const std::string gate = linear(name + ".gate", x);
        const std::string silu =
            g_.node(gate + ".silu", "Mul", {gate, g_.node(gate + ".sigmoid", "Sigmoid", {gate})});
        up = g_.node(up + ".gated", "Mul", {silu, up});
        break;
      }
      case Activation::Geglu:
        up = g_.node(up + ".gated", "Mul", {gelu_tanh(linear(name + ".gate", x)), up});
        break;
      default:
        up = g_.node(up + ".relu", "Relu", {up});
    }
    return linear(name + ".down", up);
  }

  // Queries, keys and values are [batch, heads, n, dim].
  std::string attention(const std::string& name, const std::string& x, const mixers::AttentionOptions& o) {
    const std::string split =
        g_.node(name + ".split", "Reshape",
                {linear(name + ".qkv", x), with_length(name + ".heads.shape", {3, o.heads, o.head_width})});
    const std::string heads =
        g_.node(name + ".heads", "Transpose", {split}, {{"perm", Graph::Shape{2, 0, 3, 1, 4}}});
    const auto part = [&](const char* which, int i) {
      return g_.node(name + which, "Gather", {heads, part_[i]});
    };
    const std::string queries = places_.turned(part(".queries", 0), o),
                      keys = places_.turned(part(".keys", 1), o), values = part(".values", 2);
    const std::string across =
        g_.node(name + ".across", "Transpose", {keys}, {{"perm", Graph::Shape{0, 1, 3, 2}}});
    const std::string products = g_.node(name + ".products", "MatMul", {queries, across});
    const std::string scores =
        places_.penalised(g_.node(name + ".scores", "Mul", {products, g_.real(*o.params.scale)}), o);
    const std::string visible = places_.visible(name + ".visible", o);
    const std::string seen = g_.node(name + ".seen", "Where", {visible, scores, unseen_});
    const std::string shares = g_.node(name + ".shares", "Softmax", {seen}, {{"axis", -1}});
    const std::string weights = g_.node(name + ".weights", "Where", {visible, shares, g_.real(0)});
    const std::string mixed = g_.node(name + ".mixed", "MatMul", {weights, values});
    const std::string beside =
        g_.node(name + ".beside", "Transpose", {mixed}, {{"perm", Graph::Shape{0, 2, 1, 3}}});
    const std::string flat = g_.integers(name + ".rows.shape", {2}, {-1, o.mixed_width()});
    return linear(name + ".out", g_.node(name + ".rows", "Reshape", {beside, flat}));
  }

  /// x and a part of the block, with the norms where the block has them.
  template <class Part>
  std::string around(const std::string& name, const std::string& x, const arch::Block& block,
                     const Part& part) {
    const std::string of = name + ".norm";
    std::string y = part(block.norm_place == NormPlace::Post ? x : norm(of, block.norm, x));
    if (block.norm_place == NormPlace::Both) y = norm(name + ".norm_after", block.norm, y);
    const std::string sum = g_.node(name + ".sum", "Add", {x, y});
    return block.norm_place == NormPlace::Post ? norm(of, block.norm, sum) : sum;
  }

  std::string block(const std::string& name, std::string x, const arch::Block& block) {
    const std::string mixing = name + ".attention", net = name + ".mlp";
    const mixers::AttentionOptions options = attention_options(m_, block);
    x = around(mixing, x, block, [&](const std::string& seen) { return attention(mixing, seen, options); });
    if (block.feed_forward.activation == Activation::None) return x;
    return around(net, x, block, [&](const std::string& seen) {
      return feed_forward(net, block.feed_forward.activation, seen);
    });
  }

  /// Logits of rows as they leave the blocks.
  std::string read_out(const std::string& x) {
    const std::string matrix = m_.read_out.tied ? "embedding.weight" : "read_out.weight";
    const std::string logits =
        linear("read_out", matrix, "read_out.bias", norm("final_norm", m_.final_norm, x));
    if (m_.read_out.soft_cap == 0) return logits;
    const std::string cap = g_.real(m_.read_out.soft_cap);
    const std::string bent =
        g_.node("read_out.bent", "Tanh", {g_.node("read_out.share", "Div", {logits, cap})});
    return g_.node("read_out.capped", "Mul", {bent, cap});
  }

  // The logit at each word's end.
  void answer(const std::string& x) {
    const std::string words =
        g_.node("words.rows", "Reshape", {x, with_length("words.shape", {m_.embedding.width})});
    const std::string at =
        g_.node("end.index", "Unsqueeze", {places_.end(), g_.integers("end.index.axis", {1}, {1})});
    const std::string last = g_.node("last_rows", "GatherND", {words, at}, {{"batch_dims", 1}});
    const std::string logit =
        g_.node("read_out.column", "Squeeze", {read_out(last), g_.integers("read_out.axis", {1}, {1})});
    g_.node(kLogits, "Where", {places_.has_end(), logit, g_.real(std::numeric_limits<float>::quiet_NaN())});
  }

  // The logits at every token.
  void answers(const std::string& x) {
    g_.node(kLogits, "Reshape", {read_out(x), with_length("logits.shape", {m_.read_out.outputs})});
  }

  const arch::ModelFile& file_;
  const arch::Model& m_;
  Graph& g_;
  Places places_;
  std::string rows_shape_, part_[3], unseen_;
};

// What the graph is written for: layers of attention, with the options that are known here. Options that came
// later may stand at their defaults.
void check_exportable(const arch::Model& model) {
  const std::set<std::string> known = {"heads", "head_width", "lookback", "strict", "positions", "bias"};
  for (std::size_t l = 0; l < model.blocks.size(); ++l) {
    const arch::Mixer& mixer = model.blocks[l].mixer;
    const auto refuse = [&](const std::string& what) {
      throw base::InputError("model", fmt::format("ONNX export has no graph for {} (block {})", what, l));
    };
    if (mixer.name != "attention") refuse("the mixer " + mixer.name);
    base::Json plain = base::Json::object();
    for (const auto& [name, value] : mixer.options.items())
      if (known.contains(name)) plain[name] = value;
    plain = mixers::find_spec(mixer.name).complete(model.embedding.width, plain);
    for (const auto& [name, value] : mixer.options.items())
      if (!known.contains(name) && value != plain.value(name, base::Json()))
        refuse(fmt::format("attention with {} = {}", name, value.dump()));
  }
}

std::string explanation(const arch::ModelFile& file) {
  const arch::Model& m = file.model;
  const bool named = !file.alphabet.empty() && file.alphabet.size() <= kFewNames;
  std::string names;
  for (std::size_t i = 0; named && i < file.alphabet.size(); ++i)
    names += fmt::format("{}{} = {}", i == 0 ? "" : ", ", file.alphabet[i], i);
  const std::string blocks =
      fmt::format("{} block{} of attention", m.blocks.size(), m.blocks.size() == 1 ? "" : "s");
  const std::string task = file.task.value("name", "?");
  const auto language = file.task.find("language");
  if (accepts(m))
    return fmt::format(
        "Recogniser of {}: {}. tokens [batch, length]: {}EOS = {}; a row is a word, EOS, and EOS again up to "
        "the "
        "longest row. logits [batch]: > 0 accepts; NaN for a row without EOS.",
        language != file.task.end() && language->is_string() ? language->get<std::string>() : task, blocks,
        named ? names + ", " : "", m.embedding.vocabulary - 1);
  return fmt::format(
      "Model of the task {}: {}. tokens [batch, length]: 0 .. {}{}; what follows a token changes nothing at "
      "it. "
      "logits [batch, length, {}]: at every token, of {}.",
      task, blocks, m.embedding.vocabulary - 1, named ? " (" + names + ")" : "", m.read_out.outputs,
      m.read_out.kind == arch::ReadOutKind::Tags ? "its label" : "the token after it");
}

}  // namespace

std::string to_onnx(const arch::ModelFile& file) {
  arch::check_weights(file, "model");
  check_exportable(file.model);
  ::onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("yore");
  model.set_producer_version(YORE_VERSION);
  ::onnx::OperatorSetIdProto& operators = *model.add_opset_import();
  operators.set_domain("");
  operators.set_version(kOpset);
  ::onnx::StringStringEntryProto& description = *model.add_metadata_props();
  description.set_key(kDescription);
  description.set_value(arch::model_json(file));

  ::onnx::GraphProto& proto = *model.mutable_graph();
  const bool recogniser = accepts(file.model);
  proto.set_name(recogniser ? "recogniser" : "model");
  proto.set_doc_string(explanation(file));
  Graph graph(proto);
  graph.input(kTokens, TensorProto::INT64, {"batch", "length"});
  std::vector<Graph::Dimension> logits = {"batch"};
  if (!recogniser) logits.insert(logits.end(), {"length", file.model.read_out.outputs});
  graph.output(kLogits, TensorProto::FLOAT, logits);
  for (const mixers::ParameterSpec& parameter : arch::parameters(file.model))
    graph.initializer(parameter.name, file.weights.arrays.at(parameter.name));
  Writer(file, graph).write();
  if (model.ByteSizeLong() > kMaxBytes)
    throw base::InputError(
        "model",
        fmt::format("its {} bytes do not go into one ONNX file, which holds 2 GiB", model.ByteSizeLong()));
  return model.SerializeAsString();
}

}  // namespace yore::onnx
