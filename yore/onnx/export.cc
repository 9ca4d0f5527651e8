// The recogniser's definition (yore/model/transformer.cc) as an ONNX graph. The rows of all words lie one
// under the other, [batch * n, width], so that every linear map is one Gemm on the weights as they are
// stored; only attention sees words.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "yore/base/error.h"
#include "yore/onnx/metadata.h"
#include "yore/onnx/onnx.h"
#include "yore/onnx/places.h"

namespace yore::onnx {
namespace {

using ::onnx::TensorProto;

constexpr int kIrVersion = 8;  // the one that opset 17 came with
constexpr int kOpset = 17;
constexpr const char* kTokens = "tokens";
constexpr const char* kLogits = "logits";

class Writer {
 public:
  Writer(const arch::ModelFile& file, Graph& graph)
      : c_(arch::shorthand(file.model, "model", "ONNX export")),
        g_(graph),
        places_(graph, c_, static_cast<int>(file.alphabet.size()), kTokens),
        mixed_width_(std::int64_t{c_.heads} * c_.width_of_head()) {
    const std::string rest = g_.integers("rest", {1}, {-1});
    const auto with_length = [&](const std::string& name, const std::vector<std::int64_t>& last) {
      const auto count = static_cast<std::int64_t>(last.size());
      return g_.node(name, "Concat", {rest, places_.length(), g_.integers(name + ".fixed", {count}, last)},
                     {{"axis", 0}});
    };
    rows_shape_ = g_.integers("rows.shape", {2}, {-1, c_.width});
    words_shape_ = with_length("words.shape", {c_.width});
    heads_shape_ = with_length("heads.shape", {3, c_.heads, c_.width_of_head()});
    mixed_shape_ = g_.integers("mixed.shape", {2}, {-1, mixed_width_});
    for (int i = 0; i < 3; ++i) part_[i] = g_.integers(fmt::format("part.{}", i), {}, {i});
    scale_ = real("scale", 1 / std::sqrt(static_cast<double>(c_.width_of_head())));
    // Finite, so that a row that sees nothing is no 0/0; its weights are set to zero all the same.
    unseen_ = real("unseen", std::numeric_limits<float>::lowest());
    nothing_ = real("nothing", 0);
    if (c_.norm == "rms") epsilon_ = real("norm.epsilon", c_.norm_epsilon);
    if (c_.activation == "gelu")
      half_ = real("gelu.half", 0.5), one_ = real("gelu.one", 1), root_ = real("gelu.root", std::sqrt(2.0));
  }

  void write() {
    const auto kinds = mixers::parse_attention(c_.attention, c_.layers, c_.heads);
    std::string x = g_.node(
        "rows", "Reshape",
        {places_.placed(g_.node("embedding", "Gather", {"embedding.weight", places_.words()})), rows_shape_});
    for (std::size_t l = 0; l < kinds.size(); ++l) x = block(fmt::format("layers.{}", l), x, kinds[l]);
    answer(x);
  }

 private:
  std::string real(const std::string& name, double value) {
    return g_.floats(name, {}, {static_cast<float>(value)});
  }

  std::string linear(const std::string& name, const std::string& x) {
    return g_.node(name, "Gemm", {x, name + ".weight", name + ".bias"}, {{"transB", 1}});
  }

  std::string norm(const std::string& name, const std::string& x) {
    if (c_.norm == "none") return x;
    if (c_.norm == "layer")
      return g_.node(name, "LayerNormalization", {x, name + ".weight", name + ".bias"},
                     {{"axis", -1}, {"epsilon", static_cast<float>(c_.norm_epsilon)}});
    const std::string square = g_.node(name + ".square", "Mul", {x, x});
    const std::string mean =
        g_.node(name + ".mean", "ReduceMean", {square}, {{"axes", Graph::Shape{-1}}, {"keepdims", 1}});
    const std::string root =
        g_.node(name + ".root", "Sqrt", {g_.node(name + ".positive", "Add", {mean, epsilon_})});
    return g_.node(name, "Mul", {g_.node(name + ".unit", "Div", {x, root}), name + ".weight"});
  }

  std::string activation(const std::string& x) {
    if (c_.activation == "relu") return g_.node(x + ".relu", "Relu", {x});
    const std::string erf = g_.node(x + ".erf", "Erf", {g_.node(x + ".scaled", "Div", {x, root_})});
    const std::string gate = g_.node(x + ".gate", "Add", {erf, one_});
    return g_.node(x + ".gelu", "Mul", {g_.node(x + ".gated", "Mul", {x, gate}), half_});
  }

  // Queries, keys and values are [batch, heads, n, dim].
  std::string attention(const std::string& name, const std::string& x, const mixers::LayerAttention& kind) {
    const std::string split = g_.node(name + ".split", "Reshape", {linear(name + ".qkv", x), heads_shape_});
    const std::string heads =
        g_.node(name + ".heads", "Transpose", {split}, {{"perm", Graph::Shape{2, 0, 3, 1, 4}}});
    const auto part = [&](const char* which, int i) {
      return g_.node(name + which, "Gather", {heads, part_[i]});
    };
    const std::string queries = places_.turned(part(".queries", 0)), keys = places_.turned(part(".keys", 1)),
                      values = part(".values", 2);
    const std::string across =
        g_.node(name + ".across", "Transpose", {keys}, {{"perm", Graph::Shape{0, 1, 3, 2}}});
    const std::string scores = places_.penalised(
        g_.node(name + ".scores", "Mul", {g_.node(name + ".products", "MatMul", {queries, across}), scale_}));
    const std::string visible = places_.visible(name + ".visible", kind);
    const std::string seen = g_.node(name + ".seen", "Where", {visible, scores, unseen_});
    const std::string shares = g_.node(name + ".shares", "Softmax", {seen}, {{"axis", -1}});
    const std::string weights = g_.node(name + ".weights", "Where", {visible, shares, nothing_});
    const std::string mixed = g_.node(name + ".mixed", "MatMul", {weights, values});
    const std::string beside =
        g_.node(name + ".beside", "Transpose", {mixed}, {{"perm", Graph::Shape{0, 2, 1, 3}}});
    return linear(name + ".out", g_.node(name + ".rows", "Reshape", {beside, mixed_shape_}));
  }

  std::string feed_forward(const std::string& name, const std::string& x) {
    return linear(name + ".down", activation(linear(name + ".up", x)));
  }

  std::string block(const std::string& name, std::string x, const mixers::LayerAttention& kind) {
    const bool pre = c_.norm_place == "pre";
    const std::string mixing = name + ".attention", net = name + ".mlp";
    const std::string mixed = attention(mixing, pre ? norm(mixing + ".norm", x) : x, kind);
    x = g_.node(mixing + ".sum", "Add", {x, mixed});
    if (!pre) x = norm(mixing + ".norm", x);
    x = g_.node(net + ".sum", "Add", {x, feed_forward(net, pre ? norm(net + ".norm", x) : x)});
    return pre ? x : norm(net + ".norm", x);
  }

  // The logit at each word's end.
  void answer(const std::string& x) {
    const std::string words = g_.node("words.rows", "Reshape", {x, words_shape_});
    const std::string at =
        g_.node("end.index", "Unsqueeze", {places_.end(), g_.integers("end.index.axis", {1}, {1})});
    const std::string last = g_.node("last_rows", "GatherND", {words, at}, {{"batch_dims", 1}});
    const std::string logit =
        g_.node("read_out.column", "Squeeze",
                {linear("read_out", c_.norm_place == "pre" ? norm("final_norm", last) : last),
                 g_.integers("read_out.axis", {1}, {1})});
    g_.node(kLogits, "Where",
            {places_.has_end(), logit, real("no_answer", std::numeric_limits<float>::quiet_NaN())});
  }

  arch::ModelOptions c_;
  Graph& g_;
  Places places_;
  std::int64_t mixed_width_;
  std::string rows_shape_, words_shape_, heads_shape_, mixed_shape_, part_[3];
  std::string scale_, unseen_, nothing_, epsilon_, half_, one_, root_;
};

// The options that the graph is written for.
arch::ModelOptions exportable(const arch::ModelFile& file) {
  const arch::ModelOptions o = arch::shorthand(file.model, "model", "ONNX export");
  const auto refuse = [](const char* what, const std::string& value) {
    throw base::InputError("model", fmt::format("ONNX export has no graph for {} {}", what, value));
  };
  if (file.model.read_out.kind != arch::ReadOutKind::Accept)
    refuse("the read-out", base::fields::enum_name(file.model.read_out.kind));
  if (o.activation != "relu" && o.activation != "gelu") refuse("activation", o.activation);
  if (o.norm == "rms+1") refuse("norm", o.norm);
  if (o.norm_place == "both") refuse("norm_place", o.norm_place);
  if (!o.bias) refuse("linear maps", "without bias");
  if (o.embedding_scale != 1) refuse("embedding_scale", fmt::format("{}", o.embedding_scale));
  return o;
}

std::string explanation(const arch::ModelFile& file, const arch::ModelOptions& model) {
  std::string letters;
  for (std::size_t i = 0; i < file.alphabet.size(); ++i)
    letters += fmt::format("{} = {}, ", file.alphabet[i], i);
  return fmt::format(
      "Recogniser of {}: {} attention, {} mask. tokens [batch, length]: {}EOS = {}; a row is a word, EOS, "
      "and "
      "EOS again up to the longest row. logits [batch]: > 0 accepts; NaN for a row without EOS.",
      arch::language_of(file, "model"), model.attention, model.strict ? "strict" : "inclusive", letters,
      file.alphabet.size());
}

}  // namespace

std::string to_onnx(const arch::ModelFile& file) {
  arch::check_weights(file, "model");
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
  proto.set_name("recogniser");
  proto.set_doc_string(explanation(file, exportable(file)));
  Graph graph(proto);
  graph.input(kTokens, TensorProto::INT64, {"batch", "length"});
  graph.output(kLogits, TensorProto::FLOAT, {"batch"});
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
