// A layer as a graph: names of its own, its parameters, and the parts that layers share.
#pragma once
#include <string>
#include <vector>

#include "yore/mixers/common/rotary.h"
#include "yore/mixers/common/scan.h"
#include "yore/mixers/common/scan_access.h"
#include "yore/mixers/common/slots.h"
#include "yore/mixers/graph.h"

namespace yore::mixers {

/// sin(place * rate + phase) as float32 [n, rates], in double, because far places lose digits in float. Rates
/// and phases are one a column.
std::string graph_waves(GraphWriter& graph, const GraphSequences& sequences, const std::string& name,
                        const std::vector<double>& rates, const std::vector<double>& phases);

/// What goes into a scan, [rows, heads, ..] as ScanInput in scan_torch.h; an empty name = not there.
struct GraphScanInput {
  std::string q, k, v, log_decay, beta;
};
/// What goes into slots, as SlotInput in slots_torch.h.
struct GraphSlotInput {
  std::string q, k, v, write, log_decay, filled, bias;
};

class LayerGraph {
 public:
  LayerGraph(GraphWriter& graph, const Spec& spec, const MixerSetting& setting, std::string name,
             const GraphSequences& sequences);

  GraphWriter& writer() { return g_; }
  const MixerSetting& setting() const { return setting_; }
  const GraphSequences& sequences() const { return sequences_; }
  /// The layer's name with `what` behind it.
  std::string named(const std::string& what) const { return name_ + "." + what; }
  /// Whether the layer has the parameter.
  bool has(const std::string& parameter) const;
  /// Its name in the graph. Throws std::logic_error where it has none.
  std::string parameter(const std::string& name) const;

  /// A node with a name of the layer's, and one whose name is made up from the operator's.
  std::string node(const std::string& what, const char* op, const std::vector<std::string>& inputs,
                   const std::vector<GraphWriter::Attribute>& attributes = {});
  std::string op(const char* op, const std::vector<std::string>& inputs,
                 const std::vector<GraphWriter::Attribute>& attributes = {});
  std::string real(double value) { return g_.real(value); }
  std::string integers(const GraphWriter::Shape& values);

  /// x in another shape, [-1, dims..]; and [batch, n, dims..].
  std::string rows(const std::string& x, std::vector<std::int64_t> dims);
  std::string in_sequences(const std::string& x, std::vector<std::int64_t> dims);
  /// x [.., dims] from .. from + count - 1 of an axis, every `step`th.
  std::string part(const std::string& x, std::int64_t axis, std::int64_t from, std::int64_t count,
                   std::int64_t step = 1);
  /// Columns from .. of x [rows, columns] as [rows, heads, dim].
  std::string heads_of(const std::string& x, std::int64_t from, std::int64_t heads, std::int64_t dim);

  /// x [rows, in] through the map NAME.weight, and NAME.bias if the layer has that.
  std::string linear(const std::string& name, const std::string& x);

  std::string silu(const std::string& x);
  /// log(1 + e^x), to all digits of a float, which log(1 + y) has not for small y.
  std::string softplus(const std::string& x);
  /// -log(1 + e^-x).
  std::string log_sigmoid(const std::string& x);
  /// 1 - e^x for x <= 0, to all digits.
  std::string one_minus_exp(const std::string& x);
  /// decay.h's softplus_decay and bounded_decay.
  std::string softplus_decay(const std::string& log_rate, const std::string& x);
  std::string bounded_decay(const std::string& log_rate, const std::string& x, double lower_bound);
  /// Along the last axis, which stays with length 1.
  std::string sum(const std::string& x) { return reduced("ReduceSum", x); }
  /// x / root of (mean of x^2 along the last axis + epsilon), times a weight.
  std::string rms_norm(const std::string& x, const std::string& weight, double epsilon);
  /// x [rows, heads, dim], turned by its places.
  std::string rotated(const std::string& x, const Rotary& rotary, std::int64_t heads, std::int64_t dim);

  /// The short convolution over x [rows, channels] with conv.weight, and conv.bias if the layer has that.
  std::string conv(const std::string& x, std::int64_t channels, std::int64_t width, bool silu);
  /// Queries, keys and values of x [rows, width]: the map qkv, then the convolution with a SiLU unless its
  /// width is 0.
  std::string projected(const std::string& x, std::int64_t channels, std::int64_t conv_width);
  /// scan.h as LinearAttention: [rows, heads, value_dim].
  std::string scan(const std::string& what, const GraphScanInput& input, const scan::Setting& setting,
                   const ScanAccess& access = {});
  /// slots.h as two of them around a softmax, or three (Erase::Delta): [rows, heads, value_dim].
  std::string slots(const GraphSlotInput& input, const slots::Setting& setting);

 private:
  std::string reduced(const char* op, const std::string& x);
  /// Rows for the steps of each token: x [rows, ..] in the first or the last, zeros in the others.
  std::string alone_in_steps(const std::string& x, std::vector<std::int64_t> dims, std::int64_t steps,
                             bool first);
  /// In place of each row of x [rows, heads, dim] that of the token before it, 0 for a sequence's first.
  std::string a_token_later(const std::string& x, std::int64_t heads, std::int64_t dim);
  /// log(1 + u) for 0 <= u <= 1.
  std::string log1p(const std::string& u);

  GraphWriter& g_;
  MixerSetting setting_;
  std::string name_;
  GraphSequences sequences_;
  std::set<std::string> parameters_;
  int made_ = 0;
};

}  // namespace yore::mixers
