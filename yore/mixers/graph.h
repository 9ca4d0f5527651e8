// What a mechanism is as a graph of operators, for other runtimes. Every mechanism writes its layer
// into a GraphWriter; yore/onnx makes a file of it. The operators are those of ONNX (ai.onnx, opset 17) and
// two whose memory is a state: LinearAttention and CausalConvWithState (opset 27, and the domain
// com.microsoft). Neither torch nor ONNX is needed here.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "yore/mixers/spec.h"

namespace yore::mixers {

/// Takes nodes in an order in which they can be computed. Every call adds a node with one output of its own
/// name, which is what it returns; names must be new.
class GraphWriter {
 public:
  using Shape = std::vector<std::int64_t>;
  using Attribute = std::pair<const char*, std::variant<std::int64_t, float, std::string, Shape>>;

  GraphWriter() = default;
  GraphWriter(const GraphWriter&) = delete;
  GraphWriter& operator=(const GraphWriter&) = delete;
  virtual ~GraphWriter() = default;

  /// An input without a name is left out.
  virtual std::string node(const std::string& name, const char* op, const std::vector<std::string>& inputs,
                           const std::vector<Attribute>& attributes = {}) = 0;
  /// LinearAttention or CausalConvWithState. Its second output, the state after the last token, has the name
  /// "NAME.state".
  virtual std::string stateful(const std::string& name, const char* op,
                               const std::vector<std::string>& inputs,
                               const std::vector<Attribute>& attributes) = 0;
  /// Whether LinearAttention takes fewer heads of queries and keys than of values, a divisor of these.
  virtual bool groups_values() const = 0;
  /// ReduceMean, ReduceMax or ReduceSum over one axis, which stays with length 1 if `keep`.
  virtual std::string reduce(const std::string& name, const char* op, const std::string& x, std::int64_t axis,
                             bool keep) = 0;

  /// Constants (row-major; the empty shape is a scalar).
  virtual std::string integers(const std::string& name, const Shape& shape,
                               const std::vector<std::int64_t>& values) = 0;
  virtual std::string floats(const std::string& name, const Shape& shape,
                             const std::vector<float>& values) = 0;
  virtual std::string doubles(const std::string& name, const Shape& shape,
                              const std::vector<double>& values) = 0;
  /// A float32 scalar, made where it is first asked for.
  virtual std::string real(double value) = 0;

  /// Whether a name that layers share is asked for the first time, and must be made.
  bool first(const std::string& name) { return made_.insert(name).second; }

 private:
  std::set<std::string> made_;
};

/// What all layers know of the sequences, by names in the graph. n is the length of the longest.
struct GraphSequences {
  std::string length;  ///< int64 [1], n
  std::string place;   ///< int64 [n], 0 .. n - 1
};

/// Writes a layer of the mechanism: from `x` float32 [batch * n, width], the rows of all sequences one under
/// the other, to rows of that shape, its name returned. `name` is the layer's, with which its parameters'
/// names (Spec::parameters) and its nodes' begin; the options of `setting` are complete. Throws
/// InputError("mixer") for an unknown name.
std::string write_graph(const std::string& mechanism, const MixerSetting& setting, const std::string& name,
                        const GraphSequences& sequences, const std::string& x, GraphWriter& graph);

}  // namespace yore::mixers
