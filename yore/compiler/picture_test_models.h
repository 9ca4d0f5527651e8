// Models to draw, for tests: of every encoding and kind of head, large ones, and some with changed weights.
#pragma once
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "yore/base/random.h"
#include "yore/compiler/compiler.h"
#include "yore/compiler/manifest.h"
#include "yore/expressivity/random_languages.h"
#include "yore/expressivity/verdict.h"

namespace yore::compiler {

struct Drawn {
  std::string name;
  Manifest manifest;
  arch::ModelFile file;
};

inline Drawn drawn(const Formula& formula, const std::string& name, const CompileOptions& options) {
  const Plan made = plan(formula, options);
  return {name, manifest_of(made), pack(made, name)};
}

inline Drawn drawn(const std::string& text, const std::string& alphabet, Encoding encoding, Once once) {
  CompileOptions options;
  options.encoding = encoding;
  options.once = once;
  return drawn(logic::parse_formula(text, logic::Alphabet::parse(alphabet)),
               text + ", " + compiler::name(encoding) + ", " + compiler::name(once), options);
}

/// (ab)* as the documentation has it.
inline constexpr const char* kAlternation = "(Y b | first) & !P (a & Y a | b & (Y b | first))";

inline std::vector<Drawn> small_models() {
  std::vector<Drawn> models;
  for (const char* text :
       {kAlternation, "true", "!a", "first", "P (Y a & !P (b & Y c)) | !(Y b & P c)",
        "Y (((Y a | P b) & (Y b | P c)) | ((Y c | P a) & (P b | P c)))", "(P a <-> P b) & (P b <-> P c)",
        "P (a & Y<=2 b) & Y<=5 !c", "Y<=2 Y<=2 a & !Y<=3 a", "Y Y Y Y Y Y a & P c"})
    for (const Encoding encoding : {Encoding::ZeroOne, Encoding::PlusMinus})
      for (const Once once : {Once::Sharp, Once::Uniform})
        models.push_back(drawn(text, "abc", encoding, once));
  return models;
}

/// An automaton that remembers the last letter and otherwise only moves forward: hybrid attention is enough.
inline automata::Dfa random_hybrid_language(base::Random& random, int steps, int letters) {
  automata::Dfa dfa;
  dfa.alphabet = expressivity::first_letters(letters);
  dfa.states = steps * (letters + 1);
  dfa.start = letters;  // no letter yet
  for (int q = 0; q < dfa.states; ++q) {
    dfa.accepting.push_back(random.below(2) != 0);
    for (int a = 0; a < letters; ++a) {
      const int forward = q / (letters + 1) + static_cast<int>(random.below(3));
      dfa.next.push_back(std::min(forward, steps - 1) * (letters + 1) + a);
    }
  }
  return automata::minimise(dfa);
}

/// A model of an automaton of at least `states` states that needs hybrid attention, drawn at random.
inline std::pair<Drawn, int> large_model(std::uint64_t seed, int states) {
  base::Random random(seed);
  for (;;) {
    const automata::Dfa dfa = random_hybrid_language(random, states / 3, 3);
    if (dfa.states < states) continue;
    expressivity::ClassifyOptions options;
    options.witness_depth = 0;
    const expressivity::Classification verdict = expressivity::classify(dfa, options);
    const expressivity::ClassVerdict& hybrid = verdict.of(expressivity::Class::Hybrid);
    if (hybrid.formula) return {drawn(*hybrid.formula, "random", {}), dfa.states};
  }
}

/// `count` weights of the file set to something else, zeros among old and new ones.
inline void change_weights(arch::ModelFile& file, base::Random& random, int count) {
  for (int i = 0; i < count; ++i) {
    auto array = file.weights.arrays.begin();
    std::advance(array, random.below(file.weights.arrays.size()));
    std::string& bytes = array->second.bytes;
    const float value = static_cast<float>(random.below(5)) / 2 - 1;
    std::memcpy(bytes.data() + random.below(bytes.size() / sizeof value) * sizeof value, &value,
                sizeof value);
  }
}

}  // namespace yore::compiler
