#include "yore/budget/harden.h"

#include <fmt/format.h>

#include <cmath>

#include "yore/base/checksum.h"
#include "yore/base/error.h"
#include "yore/base/fields.h"

namespace yore::budget {
namespace {

/// heads.json.
struct HeadsRecord {
  double budget = 1;
  Rank by = Rank::Gate;
  std::int64_t adapted_steps = 0;
  arch::KeptHeads kept;
};
template <base::fields::Either<HeadsRecord> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("budget", c.budget);
  v("rank", c.by);
  v("adapted_steps", c.adapted_steps);
  v("kept", c.kept);
}

}  // namespace

Hardened harden(const Subject& subject, const RankOptions& rank, const AdaptOptions& options) {
  arch::require_budget(arch::attention_heads(subject.file.model), rank.budget, "--budget");
  const arch::PerHead scores = head_scores(subject, rank);
  for (const std::vector<double>& layer : scores)
    for (const double score : layer)
      if (!std::isfinite(score))
        throw base::InputError(subject.source,
                               "the rank of a head is not finite: its weights are broken, or too large");
  Adapted adapted = adapt(subject, rank, arch::choose_heads(scores, rank.budget), options);
  adapted.file.compiled = nullptr;  // it speaks of all heads
  arch::scale_heads(adapted.file, arch::mask_of(adapted.file.model, adapted.kept));
  return {std::move(adapted.file), std::move(adapted.kept), rank.budget, rank.by, options.steps};
}

void write_hardened(const Hardened& hardened, const std::filesystem::path& folder) {
  arch::write_model(hardened.file, folder);
  const HeadsRecord record{hardened.budget, hardened.by, hardened.adapted_steps, hardened.kept};
  base::write_file(folder / arch::files::kHeads,
                   base::with_checksum(base::fields::write(record)).dump(2) + "\n");
}

Hardened read_hardened(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / arch::files::kHeads;
  const std::string source = path.string();
  if (!std::filesystem::exists(path))
    throw base::InputError(
        folder.string(),
        fmt::format("holds no hardened model: there is no {}; expected a folder that yore budget "
                    "harden wrote",
                    arch::files::kHeads));
  HeadsRecord record;
  base::fields::read(base::without_checksum(base::read_json(path), source), record, {source}, "");
  Hardened hardened{arch::read_model(folder), record.kept, record.budget, record.by, record.adapted_steps};
  arch::check_kept(hardened.file.model, hardened.kept, source);
  arch::ModelFile masked = hardened.file;
  arch::scale_heads(masked, arch::mask_of(masked.model, hardened.kept));
  if (masked.weights != hardened.file.weights)
    throw base::InputError(source, "is not of the model beside it, in which other heads hand something on");
  return hardened;
}

}  // namespace yore::budget
