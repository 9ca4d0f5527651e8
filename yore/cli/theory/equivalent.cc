// yore equivalent: are two languages the same?
#include <fmt/format.h>

#include <set>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"

namespace yore::cli {
namespace {

using languages::Language;

bool written_out(const std::string& canonical_spec) {
  return canonical_spec.starts_with("regex:") || canonical_spec.starts_with("ltl:");
}

// The letters of both (two or more, since the alphabets differ), in name order, as --alphabet would be given.
std::string union_alphabet(const Language& a, const Language& b) {
  std::set<std::string> names(a.dfa.alphabet.names().begin(), a.dfa.alphabet.names().end());
  names.insert(b.dfa.alphabet.names().begin(), b.dfa.alphabet.names().end());
  return fmt::format("{}", fmt::join(names, ","));
}

class Equivalent : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("FIRST", first_, kLanguageHelp)->required();
    app.add_option("SECOND", second_, "The language to compare with, written the same way")->required();
    app.add_option("--alphabet", alphabet_, "The alphabet of both; default: the letters of both together");
    app.add_option("--max-states", max_states_, "Give up when an automaton grows past this")
        ->check(CLI::PositiveNumber);
    app.add_flag("--json", json_, "Print one JSON object");
  }

  int run() override {
    Language a = languages::read_language(first_, alphabet_, max_states_);
    Language b = languages::read_language(second_, alphabet_, max_states_);
    if (a.dfa.alphabet != b.dfa.alphabet) unify(a, b);
    const std::optional<logic::Word> word = automata::difference(a.dfa, b.dfa);
    const logic::Alphabet& alphabet = a.dfa.alphabet;
    if (json_) {
      base::Json out = {{"equivalent", !word}, {"alphabet", alphabet.names()}, {"counterexample", nullptr}};
      if (word) {
        out["counterexample"] = {{"word", alphabet.format_word(*word)},
                                 {"length", word->size()},
                                 {"in_first", a.dfa.accepts(*word)},
                                 {"in_second", b.dfa.accepts(*word)}};
      }
      fmt::print("{}\n", out.dump());
    } else if (!word) {
      fmt::print("the same language over {{{}}}: {} states\n", fmt::join(alphabet.names(), ", "),
                 a.dfa.states);
    } else {
      const bool in_first = a.dfa.accepts(*word);
      fmt::print("different: {} is in {} but not in {}\n",
                 word->empty() ? "the empty word" : "\"" + alphabet.format_word(*word) + "\"",
                 in_first ? a.title : b.title, in_first ? b.title : a.title);
    }
    return word ? kNo : kOk;
  }

 private:
  // Patterns are read again over the letters of both, so that `.` and complements mean the same on both
  // sides; a file's or a named language's words keep to their own letters.
  void unify(Language& a, Language& b) {
    const std::string both = union_alphabet(a, b);
    const logic::Alphabet wide = logic::Alphabet::parse(both);
    for (auto [language, given] : {std::pair{&a, &first_}, std::pair{&b, &second_}}) {
      if (written_out(language->spec))
        *language = languages::read_language(*given, both, max_states_);
      else
        language->dfa = automata::minimise(automata::over_alphabet(language->dfa, wide));
    }
    fmt::print(stderr, "yore: note: compared over the letters of both, {{{}}}; --alphabet fixes it\n",
               fmt::join(wide.names(), ", "));
  }

  std::string first_, second_;
  std::optional<std::string> alphabet_;
  std::size_t max_states_ = automata::kDefaultMaxStates;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_equivalent() {
  return std::make_unique<Equivalent>();
}

}  // namespace yore::cli
