#include "yore/onnx/graph.h"

#include <fmt/format.h>

#include <bit>
#include <string_view>

#include "yore/onnx/metadata.h"

namespace yore::onnx {
namespace {

// raw_data is little-endian by definition; the arrays are so in memory.
static_assert(std::endian::native == std::endian::little);

void describe(::onnx::ValueInfoProto& value, const std::string& name, ::onnx::TensorProto::DataType type,
              const std::vector<Graph::Dimension>& dimensions) {
  value.set_name(name);
  ::onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (const Graph::Dimension& dimension : dimensions) {
    auto& dim = *tensor.mutable_shape()->add_dim();
    if (const auto* free = std::get_if<std::string>(&dimension))
      dim.set_dim_param(*free);
    else
      dim.set_dim_value(std::get<std::int64_t>(dimension));
  }
}

}  // namespace

std::string Graph::node(const std::string& name, const char* op, const std::vector<std::string>& inputs,
                        const std::vector<Attribute>& attributes) {
  ::onnx::NodeProto& node = *graph_.add_node();
  node.set_name(name);
  node.set_op_type(op);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(name);
  for (const auto& [key, value] : attributes) {
    ::onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(key);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      attribute.set_type(::onnx::AttributeProto::INT);
      attribute.set_i(*whole);
    } else if (const auto* real = std::get_if<float>(&value)) {
      attribute.set_type(::onnx::AttributeProto::FLOAT);
      attribute.set_f(*real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      attribute.set_type(::onnx::AttributeProto::STRING);
      attribute.set_s(*text);
    } else {
      attribute.set_type(::onnx::AttributeProto::INTS);
      for (std::int64_t i : std::get<Shape>(value)) attribute.add_ints(i);
    }
  }
  return name;
}

std::string Graph::stateful(const std::string& name, const char* op, const std::vector<std::string>& inputs,
                            const std::vector<Attribute>& attributes) {
  node(name, op, inputs, attributes);
  ::onnx::NodeProto& made = *graph_.mutable_node(graph_.node_size() - 1);
  made.add_output(name + ".state");
  if (operators_ == Operators::Microsoft) made.set_domain(kMicrosoft);
  stateful_ = true;
  return name;
}

std::string Graph::reduce(const std::string& name, const char* op, const std::string& x, std::int64_t axis,
                          bool keep) {
  const std::int64_t keepdims = keep ? 1 : 0;
  // Axes are an input of ReduceSum from opset 13 on, of the others from opset 18 on.
  if (opset(operators_) < 18 && std::string_view(op) != "ReduceSum")
    return node(name, op, {x}, {{"axes", Shape{axis}}, {"keepdims", keepdims}});
  return node(name, op, {x, integers(name + ".axis", {1}, {axis})}, {{"keepdims", keepdims}});
}

template <class T>
std::string Graph::constant(::onnx::TensorProto::DataType type, const std::string& name, const Shape& shape,
                            const std::vector<T>& values) {
  node(name, "Constant", {});
  ::onnx::AttributeProto& attribute = *graph_.mutable_node(graph_.node_size() - 1)->add_attribute();
  attribute.set_name("value");
  attribute.set_type(::onnx::AttributeProto::TENSOR);
  ::onnx::TensorProto& tensor = *attribute.mutable_t();
  tensor.set_data_type(type);
  for (std::int64_t d : shape) tensor.add_dims(d);
  tensor.set_raw_data(values.data(), values.size() * sizeof(T));
  return name;
}

std::string Graph::integers(const std::string& name, const Shape& shape,
                            const std::vector<std::int64_t>& values) {
  return constant(::onnx::TensorProto::INT64, name, shape, values);
}

std::string Graph::floats(const std::string& name, const Shape& shape, const std::vector<float>& values) {
  return constant(::onnx::TensorProto::FLOAT, name, shape, values);
}

std::string Graph::doubles(const std::string& name, const Shape& shape, const std::vector<double>& values) {
  return constant(::onnx::TensorProto::DOUBLE, name, shape, values);
}

std::string Graph::real(double value) {
  const auto number = static_cast<float>(value);
  const std::string name = fmt::format("real.{}", number);  // the shortest text that reads back as it
  return first(name) ? floats(name, {}, {number}) : name;
}

void Graph::initializer(const std::string& name, const base::NamedArray& array) {
  ::onnx::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(::onnx::TensorProto::FLOAT);
  for (std::int64_t d : array.shape) tensor.add_dims(d);
  tensor.set_raw_data(array.bytes);
}

void Graph::input(const std::string& name, ::onnx::TensorProto::DataType type,
                  const std::vector<Dimension>& dimensions) {
  describe(*graph_.add_input(), name, type, dimensions);
}

void Graph::output(const std::string& name, ::onnx::TensorProto::DataType type,
                   const std::vector<Dimension>& dimensions) {
  describe(*graph_.add_output(), name, type, dimensions);
}

}  // namespace yore::onnx
