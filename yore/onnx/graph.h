// ONNX nodes, one call a node. onnx.h says what is built with them.
#pragma once
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "yore/base/safetensors.h"
#include "yore/mixers/graph.h"
#include "yore/onnx/onnx.h"

namespace yore::onnx {

/// mixers::GraphWriter for an ONNX graph. Constants are nodes, so that the initialisers are the model's
/// weights and nothing else.
class Graph final : public mixers::GraphWriter {
 public:
  /// A free one by its name, or one of this size.
  using Dimension = std::variant<std::string, std::int64_t>;

  Graph(::onnx::GraphProto& graph, Operators operators) : graph_(graph), operators_(operators) {}

  std::string node(const std::string& name, const char* op, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {}) override;
  std::string stateful(const std::string& name, const char* op, const std::vector<std::string>& inputs,
                       const std::vector<Attribute>& attributes) override;
  bool groups_values() const override { return operators_ == Operators::Microsoft; }
  std::string reduce(const std::string& name, const char* op, const std::string& x, std::int64_t axis,
                     bool keep) override;
  std::string integers(const std::string& name, const Shape& shape,
                       const std::vector<std::int64_t>& values) override;
  std::string floats(const std::string& name, const Shape& shape, const std::vector<float>& values) override;
  std::string doubles(const std::string& name, const Shape& shape,
                      const std::vector<double>& values) override;
  std::string real(double value) override;

  /// Whether stateful() was called.
  bool has_stateful() const { return stateful_; }

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
  Operators operators_;
  bool stateful_ = false;
};

}  // namespace yore::onnx
