// Automata as JSON, read strictly: every complaint names the key it is about.
#include <fmt/format.h>

#include <set>

#include "yore/automata/formats.h"
#include "yore/base/error.h"
#include "yore/base/files.h"

namespace yore::automata {
namespace {

using base::InputError;
using base::Json;

constexpr const char* kKeys[] = {"alphabet", "states", "start", "accept", "transitions"};

class JsonReader {
 public:
  JsonReader(const Json& json, const std::string& source, std::size_t max_states)
      : json_(json), source_(source), max_states_(max_states) {}

  Dfa read() {
    check_keys();
    Dfa dfa{read_alphabet(), 0, 0, {}, {}};
    dfa.states =
        static_cast<State>(integer(json_["states"], "states", 1, static_cast<std::int64_t>(max_states_),
                                   "the number of states, from 1 to --max-states"));
    dfa.start = state(json_["start"], "start", dfa.states);
    read_accept(dfa);
    read_transitions(dfa);
    return dfa;
  }

 private:
  [[noreturn]] void fail(const std::string& key, const std::string& what) const {
    throw InputError(source_, key + ": " + what);
  }

  void check_keys() const {
    if (!json_.is_object())
      throw InputError(source_, fmt::format("expected an object with the keys {}, got {}",
                                            fmt::join(kKeys, ", "), shown(json_)));
    for (const char* key : kKeys)
      if (!json_.contains(key))
        fail(key, fmt::format("this key is missing (needed: {})", fmt::join(kKeys, ", ")));
    for (const auto& [key, value] : json_.items())
      if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys))
        fail(key, fmt::format("unknown key (known: {})", fmt::join(kKeys, ", ")));
  }

  // A value as a message shows it, cut short.
  static std::string shown(const Json& value) {
    if (value.is_structured()) return value.is_array() ? "an array" : "an object";
    const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    return text.size() > 40 ? fmt::format("{:.37}...", text) : text;
  }

  const Json& array(const Json& value, const std::string& key, const std::string& of) const {
    if (!value.is_array()) fail(key, fmt::format("expected an array of {}, got {}", of, shown(value)));
    return value;
  }

  std::int64_t integer(const Json& value, const std::string& key, std::int64_t least, std::int64_t most,
                       const std::string& expected) const {
    const bool fits =
        value.is_number_integer() &&
        (!value.is_number_unsigned() || value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most)) &&
        value.get<std::int64_t>() >= least && value.get<std::int64_t>() <= most;
    if (!fits) fail(key, fmt::format("expected {} ({}..{}), got {}", expected, least, most, shown(value)));
    return value.get<std::int64_t>();
  }

  State state(const Json& value, const std::string& key, State states) const {
    return static_cast<State>(integer(value, key, 0, states - 1, "a state"));
  }

  Alphabet read_alphabet() const {
    const Json& names = array(json_["alphabet"], "alphabet", "symbol names");
    if (names.empty()) fail("alphabet", "expected at least one symbol");
    std::vector<std::string> strings;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i].is_string())
        fail(fmt::format("alphabet[{}]", i), "expected a symbol name, got " + shown(names[i]));
      strings.push_back(names[i].get<std::string>());
    }
    try {
      return Alphabet(std::move(strings));
    } catch (const InputError& error) {
      fail("alphabet", error.message());
    }
  }

  void read_accept(Dfa& dfa) const {
    const Json& accept = array(json_["accept"], "accept", "states");
    dfa.accepting.assign(static_cast<std::size_t>(dfa.states), 0);
    for (std::size_t i = 0; i < accept.size(); ++i) {
      const std::string key = fmt::format("accept[{}]", i);
      const State q = state(accept[i], key, dfa.states);
      if (dfa.accepting[q]) fail(key, fmt::format("state {} is listed twice", q));
      dfa.accepting[q] = 1;
    }
  }

  // Fills dfa.next; a missing move (-1) leads to a sink that is added when the first one is met.
  void read_transitions(Dfa& dfa) const {
    const Json& rows = array(json_["transitions"], "transitions", "rows, one a state");
    const auto letters = static_cast<std::size_t>(dfa.alphabet.size());
    if (rows.size() != static_cast<std::size_t>(dfa.states))
      fail("transitions", fmt::format("expected {} rows, one a state, got {}", dfa.states, rows.size()));
    bool partial = false;
    for (std::size_t q = 0; q < rows.size(); ++q) {
      const std::string row_key = fmt::format("transitions[{}]", q);
      const Json& row = array(rows[q], row_key, "targets, one a symbol");
      if (row.size() != letters)
        fail(row_key, fmt::format("expected {} targets, one a symbol, got {}", letters, row.size()));
      for (std::size_t a = 0; a < letters; ++a) {
        const auto target = integer(row[a], fmt::format("{}[{}]", row_key, a), -1, dfa.states - 1,
                                    "a state or -1 for no move");
        partial = partial || target < 0;
        dfa.next.push_back(static_cast<State>(target < 0 ? dfa.states : target));
      }
    }
    if (!partial) return;
    dfa.next.insert(dfa.next.end(), letters, dfa.states);
    dfa.accepting.push_back(0);
    ++dfa.states;
  }

  const Json& json_;
  const std::string& source_;
  std::size_t max_states_;
};

// Runs over the text without building anything. The JSON library keeps one of two equal keys in silence, and
// an automaton with two starts is a mistake to report; and text that only opens brackets would grow to a
// hundred times its size.
class Outline : public nlohmann::json_sax<Json> {
 public:
  explicit Outline(const std::string& source) : source_(source) {}
  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (depth_ == 1 && !seen_.insert(name).second)
      throw InputError(source_, name + ": this key stands twice");
    return true;
  }
  // Left to the parser proper, which says where.
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool open() {
    if (++depth_ > kDeepest)
      throw InputError(source_,
                       "an automaton has arrays of arrays, nothing deeper (see yore convert --to json)");
    return value();
  }
  bool value() {
    if (++values_ > kMostValues)
      throw InputError(source_,
                       fmt::format("more than {} values: expected a smaller automaton", kMostValues));
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }
  // One more than an automaton needs: the complaint about an entry that is an array is a better one.
  static constexpr int kDeepest = 4;
  // Twenty bytes each, once read.
  static constexpr std::size_t kMostValues = 20'000'000;
  const std::string& source_;
  int depth_ = 0;
  std::size_t values_ = 0;
  std::set<std::string> seen_;
};

}  // namespace

Dfa dfa_from_json(const std::string& text, const std::string& source, std::size_t max_states) {
  Outline outline(source);
  Json::sax_parse(text, &outline);
  const Json json = base::parse_json(text, source);
  return minimise(JsonReader(json, source, max_states).read());
}

std::string json_from_dfa(const Dfa& dfa) {
  Json accept = Json::array(), rows = Json::array();
  for (State q = 0; q < dfa.states; ++q) {
    if (dfa.accepting[q]) accept.push_back(q);
    Json row = Json::array();
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) row.push_back(dfa.step(q, a));
    rows.push_back(std::move(row));
  }
  Json json;
  json["alphabet"] = dfa.alphabet.names();
  json["states"] = dfa.states;
  json["start"] = dfa.start;
  json["accept"] = std::move(accept);
  json["transitions"] = std::move(rows);
  return json.dump() + "\n";
}

}  // namespace yore::automata
