// ONNX nodes, one call a node. onnx.h says what is built with them.
#pragma once
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "yore/base/safetensors.h"

namespace yore::onnx {

/// Adds nodes to a graph in the order of the calls, which must be one in which they can be computed. Every
/// node has one output of its own name, which is what the calls return; names must be new.
class Graph {
 public:
  using Shape = std::vector<std::int64_t>;
  using Attribute = std::pair<const char*, std::variant<std::int64_t, float, Shape>>;
  /// A free one by its name, or one of this size.
  using Dimension = std::variant<std::string, std::int64_t>;

  explicit Graph(::onnx::GraphProto& graph) : graph_(graph) {}

  std::string node(const std::string& name, const char* op, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {});

  /// Constants (row-major; the empty shape is a scalar). They are nodes, so that the initialisers are the
  /// model's weights and nothing else.
  std::string integers(const std::string& name, const Shape& shape, const std::vector<std::int64_t>& values);
  std::string floats(const std::string& name, const Shape& shape, const std::vector<float>& values);
  std::string doubles(const std::string& name, const Shape& shape, const std::vector<double>& values);
  /// A float32 scalar, made where it is first asked for.
  std::string real(double value);

  /// An F32 array, byte for byte.
  void initializer(const std::string& name, const base::NamedArray& array);

  /// What goes in and comes out.
  void input(const std::string& name, ::onnx::TensorProto::DataType type,
             const std::vector<Dimension>& dimensions);
  void output(const std::string& name, ::onnx::TensorProto::DataType type,
              const std::vector<Dimension>& dimensions);

 private:
  template <class T>
  std::string constant(::onnx::TensorProto::DataType type, const std::string& name, const Shape& shape,
                       const std::vector<T>& values);

  ::onnx::GraphProto& graph_;
  std::set<std::string> reals_;
};

}  // namespace yore::onnx
