// A model's definition (yore/model/model.cc) as an ONNX graph. The rows of all sequences lie one under the
// other, [batch * n, width], so that every linear map is one Gemm on the weights as they are stored; only
// mixers see sequences, and write themselves (yore/mixers/graph.h).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/onnx/metadata.h"
#include "yore/onnx/onnx.h"
#include "yore/onnx/places.h"
#include "yore/version.h"

namespace yore::onnx {
namespace {

using arch::Activation;
using arch::NormKind;
using arch::NormPlace;
using ::onnx::TensorProto;

constexpr const char* kTokens = "tokens";
constexpr const char* kLogits = "logits";
/// A vocabulary longer than this is not spelled out in the graph's description.
constexpr std::size_t kFewNames = 64;

bool accepts(const arch::Model& model) {
  return model.read_out.kind == arch::ReadOutKind::Accept;
}

class Writer {
 public:
  Writer(const arch::ModelFile& file, Graph& graph)
      : file_(file), m_(file.model), g_(graph), places_(graph, m_.embedding, accepts(m_), kTokens) {
    rows_shape_ = g_.integers("rows.shape", {2}, {-1, m_.embedding.width});
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
    const std::string mean = g_.reduce(name + ".mean", "ReduceMean", square, -1, true);
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
      case Activation::Arithmetic: {
        const std::string gate = linear(name + ".gate", x);
        const auto columns = file_.weights.arrays.at(name + ".up.weight").shape.at(0);
        const auto slice = [&](const std::string& part, std::int64_t from, std::int64_t to) {
          return g_.node(
              gate + part, "Slice",
              {gate, g_.integers(gate + part + ".from", {1}, {from}),
               g_.integers(gate + part + ".to", {1}, {to}), g_.integers(gate + part + ".axis", {1}, {-1})});
        };
        const std::string factor =
            g_.node(gate + ".factor", "Concat",
                    {slice(".products", 0, columns / 2),
                     g_.node(gate + ".signs", "Sign", {slice(".signed", columns / 2, columns)})},
                    {{"axis", -1}});
        up = g_.node(up + ".gated", "Mul", {factor, up});
        break;
      }
      default:
        up = g_.node(up + ".relu", "Relu", {up});
    }
    return linear(name + ".down", up);
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
    const std::string mixing = name + "." + block.mixer.name, net = name + ".mlp";
    x = around(mixing, x, block, [&](const std::string& seen) {
      return mixers::write_graph(block.mixer.name, {m_.embedding.width, block.mixer.options}, mixing,
                                 places_.sequences(), seen, g_);
    });
    if (block.feed_forward.activation == Activation::None) return x;
    return around(net, x, block, [&](const std::string& seen) {
      return feed_forward(net, block.feed_forward.activation, seen);
    });
  }

  /// Logits of rows as they leave the blocks.
  std::string read_out(const std::string& x) {
    const std::string matrix = m_.read_out.tied ? "embedding.weight" : "read_out.weight";
    std::string logits = linear("read_out", matrix, "read_out.bias", norm("final_norm", m_.final_norm, x));
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
  std::string rows_shape_;
};

std::string explanation(const arch::ModelFile& file) {
  const arch::Model& m = file.model;
  const bool named = !file.alphabet.empty() && file.alphabet.size() <= kFewNames;
  std::string names;
  for (std::size_t i = 0; named && i < file.alphabet.size(); ++i)
    names += fmt::format("{}{} = {}", i == 0 ? "" : ", ", file.alphabet[i], i);
  std::vector<std::string> mixers;  // each once
  for (const arch::Block& block : m.blocks)
    if (std::find(mixers.begin(), mixers.end(), block.mixer.name) == mixers.end())
      mixers.push_back(block.mixer.name);
  const std::string blocks =
      fmt::format("{} of {}", base::counted(std::ssize(m.blocks), "block"), fmt::join(mixers, ", "));
  const std::string task = arch::task_name(file);
  const auto language = file.task.find("language");
  if (accepts(m))
    return fmt::format(
        "Recogniser of {}: {}. tokens [batch, length]: {}EOS = {}; a row is a word, EOS, and EOS again up to "
        "the "
        "longest row. logits [batch]: > 0 accepts; NaN for a row without EOS.",
        language != file.task.end() && language->is_string() ? language->get<std::string>() : task, blocks,
        named ? names + ", " : "", m.embedding.vocabulary - 1);
  return fmt::format(
      "Model of {}: {}. tokens [batch, length]: 0 .. {}{}; what follows a token changes nothing at "
      "it. "
      "logits [batch, length, {}]: at every token, of {}.",
      file.task.empty() ? "next tokens" : "the task " + task, blocks, m.embedding.vocabulary - 1,
      named ? " (" + names + ")" : "", m.read_out.outputs,
      m.read_out.kind == arch::ReadOutKind::Tags ? "its label" : "the token after it");
}

}  // namespace

std::string to_onnx(const arch::ModelFile& file, Operators operators) {
  if (file.model.embedding.reads_numbers())
    throw base::InputError("model", "it reads rows of numbers, expected one that reads tokens for ONNX");
  arch::check_weights(file, "model");
  ::onnx::ModelProto model;
  model.set_ir_version(ir_version(operators));
  model.set_producer_name("yore");
  model.set_producer_version(YORE_VERSION);
  const auto import = [&](const char* domain, int version) {
    ::onnx::OperatorSetIdProto& set = *model.add_opset_import();
    set.set_domain(domain);
    set.set_version(version);
  };
  import("", opset(operators));
  ::onnx::StringStringEntryProto& description = *model.add_metadata_props();
  description.set_key(kDescription);
  description.set_value(arch::model_json(file));
  if (!file.tokenizer.empty()) {
    ::onnx::StringStringEntryProto& tokenizer = *model.add_metadata_props();
    tokenizer.set_key(kTokenizer);
    tokenizer.set_value(file.tokenizer);
  }

  ::onnx::GraphProto& proto = *model.mutable_graph();
  const bool recogniser = accepts(file.model);
  proto.set_name(recogniser ? "recogniser" : "model");
  proto.set_doc_string(explanation(file));
  Graph graph(proto, operators);
  graph.input(kTokens, TensorProto::INT64, {"batch", "length"});
  std::vector<Graph::Dimension> logits = {"batch"};
  if (!recogniser) logits.insert(logits.end(), {"length", file.model.read_out.outputs});
  graph.output(kLogits, TensorProto::FLOAT, logits);
  for (const mixers::ParameterSpec& parameter : arch::parameters(file.model))
    graph.initializer(parameter.name, file.weights.arrays.at(parameter.name));
  Writer(file, graph).write();
  if (graph.has_stateful() && operators == Operators::Microsoft) import(kMicrosoft, 1);
  if (model.ByteSizeLong() > kMaxBytes)
    throw base::InputError(
        "model",
        fmt::format("its {} bytes do not go into one ONNX file, which holds 2 GiB", model.ByteSizeLong()));
  return model.SerializeAsString();
}

}  // namespace yore::onnx
