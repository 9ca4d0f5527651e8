#include "yore/inspection/verification.h"

#include <algorithm>
#include <stdexcept>

#include "yore/automata/convert.h"
#include "yore/expressivity/verdict.h"
#include "yore/inspection/verify.h"

namespace yore::inspection {
namespace {

void record(const Tally& tally, const logic::Alphabet& alphabet, Verified::Words& words) {
  words.words = tally.words;
  words.wrong = tally.wrong;
  if (tally.shortest_wrong) words.shortest_wrong = alphabet.format_word(*tally.shortest_wrong);
  words.least_accepting_logit = tally.least_accepting;
  words.largest_rejecting_logit = tally.largest_rejecting;
}

}  // namespace

Verification::Verification(const Subject& subject, const Dfa& language, const VerifyOptions& options)
    : subject_(subject), language_(language), options_(options) {
  if (language.alphabet != subject.alphabet())
    throw std::invalid_argument("Verification: the language has another alphabet than the model");
  require_drawable(language, options.random_words, options.length);
}

compiler::Proof Verification::prove() {
  if (!subject_.manifest) throw std::logic_error("Verification::prove: not a compiled model");
  const compiler::Manifest& manifest = *subject_.manifest;
  result_.proof = Verified::Proof{};
  Verified::Proof& record = *result_.proof;
  const auto difference = automata::difference(
      manifest.automaton ? *manifest.automaton : automata::dfa_from_formula(manifest.formula), language_);
  record.formula_is_the_language = !difference;
  if (difference) record.difference = subject_.alphabet().format_word(*difference);
  record.length = options_.prove_length > 0 ? options_.prove_length : manifest.length;
  const compiler::Proof proof = compiler::prove(subject_.file, manifest, record.length);
  record.proven = proof.proven;
  record.every_length = proof.every_length;
  record.error = proof.error;
  if (proof.proven) {
    record.least_accepting_logit = proof.least_accepting;
    record.largest_rejecting_logit = proof.largest_rejecting;
  } else {
    record.failure = proof.failure;
    if (!proof.every_length)
      record.longest_proven = compiler::longest_proven(subject_.file, manifest, record.length - 1);
  }
  return proof;
}

const Verified::Short& Verification::ask_short_words(const Progress& progress) {
  const Exhaustive all = verify_all(subject_.model(), language_, options_.max_length, options_.max_words,
                                    [&](std::int64_t done) {
                                      if (progress) progress(done, options_.max_words);
                                    });
  record(all.tally, subject_.alphabet(), result_.exhaustive);
  result_.exhaustive.length = all.length;
  result_.exhaustive.right_to_length = all.right_to_length;
  return result_.exhaustive;
}

const Verified::Long& Verification::ask_long_words(const Progress& progress) {
  const std::vector<Word> given = witness_words(language_, options_.length);
  const auto words = static_cast<std::int64_t>(given.size());
  const Tally some = verify_some(subject_.model(), language_, options_.random_words, options_.length,
                                 options_.seed, given, [&](std::int64_t done) {
                                   if (progress) progress(done, words + options_.random_words);
                                 });
  record(some, subject_.alphabet(), result_.drawn);
  result_.drawn.length = options_.length;
  result_.drawn.witness_strings = words;
  if (some.shortest_wrong)
    if (const auto prefix = first_wrong_prefix(subject_.model(), language_, *some.shortest_wrong))
      result_.drawn.leaves_the_automaton_at = subject_.alphabet().format_word(*prefix);
  return result_.drawn;
}

std::vector<Word> witness_words(const Dfa& language, int longest) {
  expressivity::ClassifyOptions options;
  options.formulas = false;
  std::vector<Word> words;
  for (const expressivity::ClassVerdict& verdict : expressivity::classify(language, options).classes) {
    if (!verdict.witness) continue;
    constexpr int kDense = 8;
    for (int n = 1;; n += n < kDense ? 1 : n) {
      auto [a, b] = expressivity::witness_strings(*verdict.witness, n);
      if (std::max(a.size(), b.size()) > static_cast<std::size_t>(longest)) break;
      words.push_back(std::move(a));
      words.push_back(std::move(b));
    }
  }
  return words;
}

}  // namespace yore::inspection
