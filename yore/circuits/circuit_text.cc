// The text form of circuits: see circuit.h.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "yore/base/error.h"
#include "yore/circuits/references.h"

namespace yore::circuits {
namespace {

bool is_digit(char c) {
  return '0' <= c && c <= '9';
}

class CircuitParser {
 public:
  CircuitParser(const std::string& text, const std::string& source) : text_(text), source_(source) {}

  Circuit run() {
    for (skip(true); at_ < text_.size(); skip(true)) {
      if (word("output"))
        list(outputs_);
      else
        gate();
      if (skip(false); at_ < text_.size() && text_[at_] != '\n') refuse("expected the end of the line");
    }
    if (outputs_.empty()) refuse("the circuit has no outputs; expected a line such as: output x3");
    return resolve(std::move(gates_), outputs_, source_,
                   [&](const Place& place, const std::string& message) { refuse(message, place.position); });
  }

 private:
  [[noreturn]] void refuse(const std::string& message, std::optional<std::size_t> position = {}) const {
    throw base::InputError(source_, message, text_, position.value_or(at_));
  }

  /// Past blanks and comments; and ends of lines.
  void skip(bool lines) {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '#')
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      if (at_ == text_.size()) return;
      const char c = text_[at_];
      if (c != ' ' && c != '\t' && c != '\r' && !(lines && c == '\n')) return;
    }
  }
  bool take(char c) {
    skip(false);
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool word(const std::string& expected) {
    skip(false);
    if (text_.compare(at_, expected.size(), expected) != 0) return false;
    const std::size_t end = at_ + expected.size();
    if (end < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[end])) != 0)) return false;
    at_ = end;
    return true;
  }

  Reference reference() {
    skip(false);
    const std::size_t start = at_;
    if (at_ == text_.size() || text_[at_] != 'x') refuse("expected a gate such as x3");
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    const std::string digits = text_.substr(at_ + 1, end - at_ - 1);
    if (digits.empty()) refuse("expected the id of a gate after x, as in x3");
    if (digits.size() > 1 && digits[0] == '0') refuse("an id is written without leading zeros");
    if (digits.size() > 18) refuse(id_out_of_range(digits), start);
    at_ = end;
    return {std::stoll(digits), {"", start}};
  }

  void list(std::vector<Reference>& into) {
    do into.push_back(reference());
    while (take(','));
  }

  void gate() {
    WrittenGate gate;
    const Reference name = reference();
    if (const std::string wrong = wrong_id(name.id); !wrong.empty()) refuse(wrong, name.place.position);
    gate.id = name.id;
    gate.place = name.place;
    if (!take('=')) refuse("expected = after the gate");
    skip(false);
    if (word("input")) {
      gate.op = Op::Input;
    } else if (word("sign")) {
      gate.op = Op::Sign;
      arguments(gate);
    } else if (word("sum")) {
      gate.op = Op::Sum;
      arguments(gate);
    } else if (at_ < text_.size() && text_[at_] == 'x') {
      operation(gate);
    } else {
      constant(gate);
    }
    gates_.push_back(std::move(gate));
  }

  void arguments(WrittenGate& gate) {
    if (!take('(')) refuse("expected (");
    if (take(')')) return;
    list(gate.inputs);
    if (!take(')')) refuse("expected ) or a comma");
  }

  /// x1, x1 + x2 + .. or x1 * x2
  void operation(WrittenGate& gate) {
    gate.op = Op::Sum;
    gate.inputs.push_back(reference());
    for (;;) {
      skip(false);
      const char c = at_ < text_.size() ? text_[at_] : '\n';
      if (c == '/') refuse("division is no gate: circuits add, multiply and take signs");
      if (c == '-') refuse("subtraction is no gate: multiply by a constant gate of -1, then add");
      if (c != '+' && c != '*') return;
      const Op op = c == '+' ? Op::Sum : Op::Product;
      if (gate.inputs.size() > 1 && op != gate.op) refuse("one gate adds or multiplies, not both");
      if (op == Op::Product && gate.inputs.size() == 2) refuse("a product takes 2 inputs");
      gate.op = op;
      ++at_;
      gate.inputs.push_back(reference());
    }
  }

  void constant(WrittenGate& gate) {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(" \t\r\n#", at_), text_.size());
    const std::string number = text_.substr(start, at_ - start);
    if (number.empty() || (!is_digit(number[0]) && number[0] != '-' && number[0] != '+' && number[0] != '.'))
      refuse("expected input, a number, sign(x1), sum(), x1 + x2 or x1 * x2", start);
    gate.op = Op::Constant;
    try {
      gate.value = parse_rational(number, source_);
    } catch (const base::InputError& e) {
      refuse(e.message(), start);
    }
    bits_ += bits_of(gate.value);
    if (bits_ > kMostBitsInAll) refuse(constants_too_long(), start);
  }

  const std::string& text_;
  const std::string& source_;
  std::size_t at_ = 0;
  std::size_t bits_ = 0;  // of the constants so far
  std::vector<WrittenGate> gates_;
  std::vector<Reference> outputs_;
};

}  // namespace

Circuit parse_circuit_text(const std::string& text, const std::string& source) {
  return CircuitParser(text, source).run();
}

std::string to_text(const Circuit& circuit, const std::vector<std::string>& values) {
  std::string text;
  for (std::size_t i = 0; i < circuit.gates.size(); ++i) {
    text += definition(circuit, static_cast<int>(i));
    text += values.empty() ? "\n" : "  # " + values[i] + "\n";
  }
  std::vector<std::string> outputs;
  for (const int output : circuit.outputs) outputs.push_back(name_of(circuit.gate(output)));
  return text + fmt::format("output {}\n", fmt::join(outputs, ", "));
}

}  // namespace yore::circuits
