// The JSON form of circuits: see circuit.h.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/base/fields.h"
#include "yore/circuits/references.h"

namespace yore::circuits {
namespace {

using base::Json;

/// The id at `path`; whole numbers that no 64 bits hold are out of range as well.
Reference read_reference(const Json& json, const std::string& path, const Refuse& refuse) {
  if (!json.is_number_integer() || (json.is_number_unsigned() && json.get<std::uint64_t>() >> 62U != 0))
    refuse({path}, fmt::format("expected the id of a gate, 0 to {}, found {}", kLargestId, json.dump()));
  return {json.get<std::int64_t>(), {path}};
}

std::vector<Reference> read_references(const Json& json, const std::string& path, const Refuse& refuse) {
  if (!json.is_array()) refuse({path}, "expected a list of ids of gates");
  std::vector<Reference> list;
  for (std::size_t i = 0; i < json.size(); ++i)
    list.push_back(read_reference(json[i], fmt::format("{}[{}]", path, i), refuse));
  return list;
}

Rational read_value(const Json& json, const std::string& path, const std::string& source,
                    const Refuse& refuse) {
  if (json.is_number_integer()) return Rational(json.dump());
  if (!json.is_string())
    refuse({path},
           R"(expected a whole number, or a text such as "0.1" or "2/3": a JSON number would be rounded)");
  return parse_rational(json.get<std::string>(), source + ": " + path);
}

/// An object without keys other than these.
void check_keys(const Json& json, const std::string& path, const std::vector<std::string>& known,
                const Refuse& refuse) {
  if (!json.is_object()) refuse({path}, "expected an object");
  for (const auto& [key, unused] : json.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      refuse({path}, fmt::format("unknown key {}{}", key, base::did_you_mean(key, known)));
}

Op read_op(const Json& json, const std::string& path, const Refuse& refuse) {
  const auto names = enum_names(Op{});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (json == names[i]) return static_cast<Op>(i);
  if (json == "division" || json == "divide" || json == "quotient")
    refuse({path}, "division is no gate: circuits add, multiply and take signs");
  refuse({path}, fmt::format("expected one of {}, found {}", fmt::join(names, ", "), json.dump()));
  return Op::Input;
}

WrittenGate read_gate(const Json& json, const std::string& path, const std::string& source,
                      const Refuse& refuse) {
  check_keys(json, path, {"id", "op", "inputs", "value"}, refuse);
  for (const char* key : {"id", "op"})
    if (!json.contains(key)) refuse({path}, fmt::format("a gate needs its {}", key));
  WrittenGate gate;
  gate.place = {path};
  gate.id = read_reference(json["id"], path + ".id", refuse).id;
  gate.op = read_op(json["op"], path + ".op", refuse);
  if (json.contains("inputs")) gate.inputs = read_references(json["inputs"], path + ".inputs", refuse);
  if (json.contains("value") != (gate.op == Op::Constant))
    refuse({path}, "constants have a value, other gates have none");
  if (gate.op == Op::Constant) gate.value = read_value(json["value"], path + ".value", source, refuse);
  return gate;
}

}  // namespace

Circuit circuit_from_json(const Json& json, const std::string& source) {
  const Refuse refuse = [&](const Place& place, const std::string& message) {
    throw base::InputError(source, place.path + ": " + message);
  };
  check_keys(json, "top level", {"gates", "outputs"}, refuse);
  for (const char* key : {"gates", "outputs"})
    if (!json.contains(key) || !json[key].is_array())
      refuse({"top level"}, fmt::format("expected a list {}", key));
  std::vector<WrittenGate> gates;
  std::size_t bits = 0;  // of the constants so far
  for (std::size_t i = 0; i < json["gates"].size(); ++i) {
    gates.push_back(read_gate(json["gates"][i], fmt::format("gates[{}]", i), source, refuse));
    if (gates.back().op == Op::Constant) bits += bits_of(gates.back().value);
    if (bits > kMostBitsInAll) refuse({fmt::format("gates[{}].value", i)}, constants_too_long());
  }
  return resolve(std::move(gates), read_references(json["outputs"], "outputs", refuse), source, refuse);
}

Json to_json(const Circuit& circuit) {
  const auto id = [&](int gate) { return circuit.gate(gate).id; };
  Json gates = Json::array(), outputs = Json::array();
  for (const Gate& gate : circuit.gates) {
    Json entry = {{"id", gate.id}, {"op", base::fields::enum_name(gate.op)}};
    if (gate.op == Op::Constant) entry["value"] = to_text(gate.value);
    if (gate.op != Op::Constant && gate.op != Op::Input) {
      entry["inputs"] = Json::array();
      for (const int input : gate.inputs) entry["inputs"].push_back(id(input));
    }
    gates.push_back(std::move(entry));
  }
  for (const int output : circuit.outputs) outputs.push_back(id(output));
  return {{"gates", std::move(gates)}, {"outputs", std::move(outputs)}};
}

}  // namespace yore::circuits
