#include "yore/expressivity/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/expressivity/counters.h"

namespace yore::expressivity {
namespace {

constexpr const char* kSarrof = "Sarrof et al. 2024, arXiv 2405.17394";
constexpr const char* kGrazzi = "Grazzi et al. 2025, arXiv 2411.12537";

// Whether some letter's powers come round to more than one element: read off the right Cayley graph.
bool a_letter_counts(const algebra::Semigroup& s) {
  for (Symbol a = 0; a < s.letters(); ++a) {
    std::vector<char> met(static_cast<std::size_t>(s.size()), 0);
    algebra::Element power = s.generator(a);
    while (met[static_cast<std::size_t>(power)]++ == 0) power = s.right(power, a);
    if (s.right(power, a) != power) return true;
  }
  return false;
}

class FamilyJudge {
 public:
  explicit FamilyJudge(const FamilyQuestion& question)
      : q_(question), star_free_(question.star_free->member) {
    // With positions a repeated letter is no repeated input.
    if (q_.period == 1) letter_ = find_counting_letter(*q_.dfa);
    if (star_free_ != Answer::Yes) odd_search_ = find_odd_counter(*q_.dfa, q_.max_maps, q_.period, odd_);
  }

  std::vector<FamilyVerdict> run() {
    const bool counts = star_free_ == Answer::No;
    for (const Family f : kFamilies) {
      FamilyVerdict verdict;
      verdict.of = f;
      switch (f) {
        case Family::GatedDiagonal:
          gated_diagonal(verdict);
          break;
        case Family::TimeInvariant:
          time_invariant(verdict);
          break;
        case Family::PositiveDelta:
          positive_delta(verdict);
          break;
        case Family::SignedDiagonal:
          signed_diagonal(verdict);
          break;
        case Family::DeltaProducts:
          yes(verdict,
              "products of steps I - b k k^T with eigenvalues in [-1,1] recognise every regular language",
              fmt::format("{}; one step a token in several layers: Siems et al. 2025, arXiv 2502.10297",
                          kGrazzi));
          verdict.checked_by = "nothing to test: every regular language";
          break;
      }
      if (verdict.member == Answer::Unknown && star_free_ == Answer::Unknown && !counts)
        verdict.open = q_.star_free->open;
      verdicts_.push_back(std::move(verdict));
    }
    return std::move(verdicts_);
  }

 private:
  void yes(FamilyVerdict& verdict, const std::string& theorem, const std::string& source) const {
    verdict.member = Answer::Yes;
    verdict.theorem = theorem;
    verdict.source = source;
  }

  void no(FamilyVerdict& verdict, const StateMap& map, bool odd, const std::string& theorem,
          const std::string& source) const {
    verdict.member = Answer::No;
    verdict.theorem = theorem;
    verdict.source = source;
    if (!q_.witnesses) return;
    try {
      verdict.witness = counter_of(*q_.dfa, map, odd, q_.max_pairs);
      verdict.witness->group = fmt::format("Z{}", verdict.witness->states.size());
    } catch (const base::BudgetError& error) {
      verdict.open = fmt::format("no witness: {} {}: {}", error.budget(), error.limit(), error.what());
    }
  }

  // Holds what the automaton says against what the groups say.
  void check(FamilyVerdict& verdict, bool on_automaton, bool on_semigroup, const std::string& how) const {
    if (q_.semigroup == nullptr) {
      verdict.checked_by =
          fmt::format("automaton test ({}); groups not looked at ({})", how, q_.no_semigroup);
      return;
    }
    if (on_automaton != on_semigroup)
      throw std::logic_error(fmt::format("{}: the automaton test says {}, the groups of the semigroup do not",
                                         name(verdict.of), on_automaton ? "yes" : "no"));
    verdict.checked_by = fmt::format("automaton test ({}) and groups of the semigroup agree", how);
  }
  bool aperiodic() const { return q_.groups != nullptr && q_.groups->empty(); }

  void gated_diagonal(FamilyVerdict& verdict) const {
    if (star_free_ == Answer::Yes) {
      yes(verdict, "input-dependent gates in [0,1] recognise every star-free language in finite precision",
          fmt::format("{}; Alsmann et al. 2026, arXiv 2601.19467", kSarrof));
    } else if (star_free_ == Answer::No) {
      no(verdict, q_.counter->map, false,
         "gates in [0,1] recognise in finite precision star-free languages only: the state settles as u is "
         "repeated",
         kSarrof);
    }
    settled_by_counters(verdict);
  }

  void time_invariant(FamilyVerdict& verdict) const {
    if (star_free_ == Answer::No) {
      no(verdict, q_.counter->map, false,
         "constant decays in [0,1] are gates in [0,1], which recognise star-free languages only", kSarrof);
    } else {
      verdict.open =
          "no theorem says which star-free languages constant decays in [0,1] recognise: it depends on which "
          "they are (docs/theory.md); what is published of constant matrices (Alsmann et al. 2026, arXiv "
          "2601.19467) are lower bounds, without 'since'";
    }
    settled_by_counters(verdict);
  }

  void positive_delta(FamilyVerdict& verdict) const {
    if (star_free_ == Answer::Yes) {
      yes(verdict,
          "a delta step of strength in [0,1] whose key is constant is a gate in [0,1]; these recognise every "
          "star-free language",
          kSarrof);
    } else if (letter_) {
      no(verdict, *letter_, false,
         "steps whose eigenvalues are not negative cannot count how often one input is repeated, in finite "
         "precision",
         kGrazzi);
    } else if (star_free_ == Answer::No && q_.period > 1) {
      verdict.open = fmt::format(
          "with positions a repeated letter comes with different remainders; the theorem ({}) speaks of one "
          "input "
          "repeated, and a product of steps may have eigenvalues that the steps have not",
          kGrazzi);
      settled_by_counters(verdict);
      return;
    } else if (star_free_ == Answer::No) {
      verdict.open = fmt::format(
          "no letter counts, only words such as {}; the theorem ({}) speaks of one input repeated, and a "
          "product "
          "of steps may have eigenvalues that the steps have not",
          q_.dfa->alphabet.format_word(q_.counter->map.word), kGrazzi);
    }
    if (star_free_ == Answer::Yes || q_.period > 1) {
      settled_by_counters(verdict);
    } else {
      check(verdict, letter_.has_value(), q_.semigroup != nullptr && a_letter_counts(*q_.semigroup),
            "cycles of the letters' maps");
    }
  }

  void signed_diagonal(FamilyVerdict& verdict) const {
    if (star_free_ == Answer::Yes) {
      yes(verdict, "gates in [0,1] are among gates in [-1,1] and recognise every star-free language",
          kSarrof);
      settled_by_counters(verdict);
      return;
    }
    if (odd_search_ == MapSearch::Found) {
      no(verdict, odd_, true, "real diagonal steps count modulo powers of two only, in finite precision",
         kGrazzi);
    } else if (odd_search_ == MapSearch::Exhausted) {
      yes(verdict,
          "all groups of the syntactic semigroup have orders that are powers of two, so it is a cascade of "
          "resets "
          "(gates in [0,1]) and of counters modulo 2 (gates of -1)",
          fmt::format("Krohn & Rhodes 1965; {}; {}", kSarrof, kGrazzi));
    } else {
      verdict.open = fmt::format(
          "max-monoid {}: no cycle of another length than powers of two among so many "
          "state maps",
          q_.max_maps);
      verdict.checked_by = "nothing: the state maps went past their budget";
      return;
    }
    const bool two_groups = q_.groups != nullptr && std::all_of(q_.groups->begin(), q_.groups->end(),
                                                                [](const auto& g) { return g.two_group(); });
    check(verdict, odd_search_ == MapSearch::Exhausted, two_groups, "lengths of the state maps' cycles");
  }

  // Of verdicts that follow from whether any word counts.
  void settled_by_counters(FamilyVerdict& verdict) const {
    if (star_free_ == Answer::Unknown)
      verdict.checked_by = "nothing: the state maps went past their budget";
    else
      check(verdict, star_free_ == Answer::Yes, aperiodic(), "cycles of the state maps");
  }

  const FamilyQuestion& q_;
  Answer star_free_;
  std::optional<StateMap> letter_;
  MapSearch odd_search_ = MapSearch::Exhausted;
  StateMap odd_;
  std::vector<FamilyVerdict> verdicts_;
};

}  // namespace

const char* name(Family f) {
  switch (f) {
    case Family::GatedDiagonal:
      return "gated_diagonal";
    case Family::TimeInvariant:
      return "time_invariant";
    case Family::PositiveDelta:
      return "positive_eigenvalue_delta";
    case Family::SignedDiagonal:
      return "signed_diagonal";
    case Family::DeltaProducts:
      return "delta_products";
  }
  throw std::invalid_argument("name: not a family");
}

std::vector<FamilyVerdict> judge_families(const FamilyQuestion& question) {
  return FamilyJudge(question).run();
}

}  // namespace yore::expressivity
