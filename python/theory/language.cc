// Languages: read, combined, compared, drawn from, classified, learnt.
#include <algorithm>
#include <functional>

#include "bind.h"
#include "yore/automata/formats.h"
#include "yore/automata/learn.h"
#include "yore/automata/word_search.h"
#include "yore/base/error.h"
#include "yore/tasks/formal/sample.h"

namespace yore::python {
namespace {

using automata::Combine, automata::Dfa;
using languages::Language;
using logic::Word;
using Names = std::vector<std::string>;

/// A word by its letters' names. Throws InputError("word") for a name that is no letter.
Word word_of(const logic::Alphabet& alphabet, const Names& names) {
  Word word;
  for (const std::string& name : names) {
    const auto symbol = alphabet.find(name);
    if (!symbol)
      throw base::InputError("word", "\"" + name + "\" is no letter of the alphabet " + alphabet.text());
    word.push_back(*symbol);
  }
  return word;
}

Names names_of(const logic::Alphabet& alphabet, const Word& word) {
  Names names;
  for (const logic::Symbol s : word) names.push_back(alphabet.name(s));
  return names;
}

/// The language of an automaton that was computed: its specification is that automaton's text.
Language made(const Dfa& dfa, const std::string& title) {
  Dfa minimal = automata::minimise(dfa);
  return {"dfa:" + title, title, std::move(minimal), ""};
}

Language combined(const Language& a, const Language& b, const std::string& op) {
  Language first = a, second = b;
  api::unify(first, second);
  const Combine how = op == "&"   ? Combine::And
                      : op == "|" ? Combine::Or
                      : op == "^" ? Combine::Xor
                                  : Combine::Minus;
  return made(automata::product(first.dfa, second.dfa, how),
              "(" + a.title + ") " + op + " (" + b.title + ")");
}

/// A shortest word of one and not of the other, by its letters' names.
std::optional<Names> difference(const Language& a, const Language& b) {
  Language first = a, second = b;
  api::unify(first, second);
  const auto word = automata::difference(first.dfa, second.dfa);
  if (!word) return std::nullopt;
  return names_of(first.dfa.alphabet, *word);
}

std::vector<std::pair<Names, bool>> sample(const Language& language, int count, int min_length,
                                           int max_length, const std::string& only, std::uint64_t seed,
                                           int near_miss_edits) {
  tasks::SampleOptions options;
  options.count = count;
  options.min_length = min_length;
  options.max_length = max_length;
  options.seed = seed;
  options.data.near_miss_edits = near_miss_edits;
  options.which = only == "positive"   ? tasks::Which::Positive
                  : only == "negative" ? tasks::Which::Negative
                                       : tasks::Which::Both;
  std::vector<std::pair<Names, bool>> words;
  tasks::WordDraws draws(language.dfa, options);
  while (const auto one = draws.next()) {
    if (base::interrupted()) throw base::Interrupted("yore");
    words.emplace_back(names_of(language.dfa.alphabet, one->example.word), one->example.accepted);
  }
  return words;
}

/// What a class says of membership, learnt from a Python function that takes words by their letters' names
/// and returns a truth value each. The answer as JSON: the automaton, "finished", "open", "rounds", "words".
std::string extract(const nb::callable& accepts, const Names& alphabet, int max_states, int max_length,
                    std::int64_t exhaustive_words, std::int64_t random_words, std::uint64_t seed) {
  if (max_states < 1) throw base::InputError("max_states", "expected at least 1");
  if (max_length < 0) throw base::InputError("max_length", "expected at least 0");
  const logic::Alphabet letters(alphabet);
  automata::BlackBox box(letters, [&](std::span<const Word> words) {
    nb::list asked;
    for (const Word& word : words) asked.append(names_of(letters, word));
    const nb::object given = accepts(asked);
    std::vector<char> answers;
    for (const nb::handle one : given) {
      const int truth = PyObject_IsTrue(one.ptr());
      if (truth < 0) throw nb::python_error();
      answers.push_back(truth != 0);
    }
    if (answers.size() != words.size())
      throw base::InputError("accepts", "expected one answer a word, " + std::to_string(words.size()) +
                                            ", got " + std::to_string(answers.size()));
    return answers;
  });
  automata::SearchOptions options;
  options.max_length = max_length;
  options.exhaustive_words = exhaustive_words;
  options.random_words = random_words;
  options.seed = seed;
  automata::WordSearch search(box, options);
  automata::LearnOptions limits;
  limits.max_states = max_states;
  const automata::Learned learned = automata::learn(box, std::ref(search), limits);
  return base::Json{{"dfa", automata::json_from_dfa(learned.dfa)},
                    {"finished", learned.finished},
                    {"open", learned.open},
                    {"rounds", learned.rounds},
                    {"words", box.asked()}}
      .dump();
}

/// {"json", "text"}, with the witnesses' replays if `replays`.
std::string classify(const Language& language, const std::string& options) {
  const expressivity::Classification all =
      expressivity::classify(language.dfa, api::classify_options(parse_options(options)));
  base::Json answer = {{"json", to_json(all).dump()}, {"text", to_text(all, false, language.title)}};
  for (const expressivity::ClassVerdict& verdict : all.classes)
    if (verdict.witness)
      answer["replays"][expressivity::name(verdict.of)] = {api::replay(all.dfa, *verdict.witness, false),
                                                           api::replay(all.dfa, *verdict.witness, true)};
  return answer.dump();
}

std::string named_languages() {
  base::Json all = base::Json::array();
  for (const languages::NamedLanguage& named : languages::suite()) all.push_back(api::describe(named));
  return all.dump();
}

}  // namespace

void bind_language(nb::module_& module) {
  nb::class_<Language>(module, "Language")
      .def_static(
          "read",
          [](const std::string& kind, const std::string& text, const std::optional<std::string>& alphabet,
             std::size_t max_states) {
            return unlocked([&] { return api::read(kind, text, alphabet, max_states); });
          },
          nb::arg("kind"), nb::arg("text"), nb::arg("alphabet").none(), nb::arg("max_states"))
      .def_ro("spec", &Language::spec)
      .def_ro("title", &Language::title)
      .def_ro("note", &Language::note)
      .def_prop_ro("alphabet", [](const Language& l) { return l.dfa.alphabet.names(); })
      .def_prop_ro("states", [](const Language& l) { return l.dfa.states; })
      .def("json", [](const Language& l) { return automata::json_from_dfa(l.dfa); })
      .def("dot",
           [](const Language& l, bool hide_sink, const std::string& title) {
             return automata::dot_from_dfa(l.dfa, {.hide_sink = hide_sink, .title = title});
           })
      .def("letters",
           [](const Language& l, const std::string& text) {
             return names_of(l.dfa.alphabet, l.dfa.alphabet.parse_word(text));
           })
      .def("text",
           [](const Language& l, const Names& names) {
             return l.dfa.alphabet.format_word(word_of(l.dfa.alphabet, names));
           })
      .def("accepts", [](const Language& l,
                         const Names& names) { return l.dfa.accepts(word_of(l.dfa.alphabet, names)); })
      .def("replay",
           [](const Language& l, const Names& names) {
             return api::replay(l.dfa, word_of(l.dfa.alphabet, names)).dump();
           })
      .def("complement",
           [](const Language& l) {
             return unlocked([&] { return made(automata::complement(l.dfa), "~(" + l.title + ")"); });
           })
      .def("combined", [](const Language& a, const Language& b,
                          const std::string& op) { return unlocked([&] { return combined(a, b, op); }); })
      .def("difference",
           [](const Language& a, const Language& b) { return unlocked([&] { return difference(a, b); }); })
      .def("convert",
           [](const Language& l, const std::string& to, std::size_t max_regex, std::size_t max_formula) {
             return unlocked([&] { return api::convert(l, to, {max_regex, max_formula}); });
           })
      .def("sample",
           [](const Language& l, int count, int min_length, int max_length, const std::string& only,
              std::uint64_t seed, int near_miss_edits) {
             return unlocked(
                 [&] { return sample(l, count, min_length, max_length, only, seed, near_miss_edits); });
           })
      .def("classify", [](const Language& l, const std::string& options) {
        return unlocked([&] { return classify(l, options); });
      });
  module.def("named_languages", &named_languages);
  module.def("extract", &extract);
}

}  // namespace yore::python
